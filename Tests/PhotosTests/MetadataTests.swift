import Files
import Foundation
import Photos
import TestSupport
import Testing

/// Pictures as real programs write them, and what is left of them in the store.
private struct Darkroom {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  /// Makes a picture with a colour profile by libvips; options are those of its savers.
  func picture(_ ending: String, options: String = "") throws -> String {
    let path = home.file("picture." + ending)
    // A GIF has no profile.
    let words = ending == "gif" ? ["copy"] : ["icc_transform"]
    try vips(
      words + [Checkout.photo, path + options] + (ending == "gif" ? [] : ["p3"]))
    return path
  }

  func vips(_ words: [String]) throws {
    let result = try run("/usr/bin/vips", words)
    try #require(result.status == 0, "vips \(words): \(result.errors)")
  }

  /// Makes a film of two frames: a picture and its negative.
  func shoot(_ film: String, of picture: String) throws {
    let negative = home.file("negative.v")
    try vips(["invert", picture, negative])
    try vips(["join", picture, negative, film, "vertical"])
  }

  /// Writes all kinds of metadata into a picture.
  func tag(_ path: String, orientation: Int = 6) throws {
    let thumbnail = home.file("thumbnail.jpg")
    try vips(["thumbnail", Checkout.photo, thumbnail, "64"])
    let result = try run(
      "/usr/bin/exiftool",
      [
        "-q", "-m", "-overwrite_original", "-GPSLatitude=52.5", "-GPSLatitudeRef=N",
        "-GPSLongitude=13.4", "-GPSLongitudeRef=E", "-Make=Secret", "-SerialNumber=Secret",
        "-Artist=Secret", "-Orientation#=\(orientation)", "-XMP:Creator=Secret",
        "-XMP:Location=Secret", "-IPTC:City=Secret", "-Comment=Secret", "-UserComment=Secret",
        "-ThumbnailImage<=\(thumbnail)", "-Title=Secret", path,
      ])
    try #require(result.status == 0, "exiftool: \(result.errors)")
  }

  /// Stores a picture; gives the stored file.
  func keep(_ bytes: [UInt8]) throws -> String {
    let store = PhotoStore(Folder(home.path))
    var upload = store.receive(maxBytes: 10_000_000)
    // In pieces, as it comes over a network.
    for start in stride(from: 0, to: bytes.count, by: 1000) {
      try upload.write(bytes[start..<min(start + 1000, bytes.count)])
    }
    let photo = try store.keep(upload)
    #expect(try names(in: home.file(".temp")).isEmpty)
    return home.file("uploads/" + photo.name)
  }

  /// What exiftool finds, as `group:tag` and value.
  func tags(_ path: String) throws -> [String: String] {
    let result = try run("/usr/bin/exiftool", ["-G1", "-s", "-n", "-a", "-u", "-ee", path])
    var found: [String: String] = [:]
    for line in String(decoding: result.output, as: UTF8.self).split(separator: "\n") {
      guard let close = line.firstIndex(of: "]"), let colon = line.firstIndex(of: ":") else {
        continue
      }
      let name = line[line.index(after: close)..<colon].trimmingCharacters(in: .whitespaces)
      found[line[line.startIndex...close].dropFirst().dropLast() + ":" + name] = String(
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    return found
  }

  /// The picture's own numbers, as libvips decodes them, all pages.
  func pixels(_ path: String) throws -> [UInt8] {
    let raw = home.file("pixels.raw")
    let pages = path.hasSuffix("gif") || path.hasSuffix("webp") ? "[n=-1]" : ""
    try vips(["rawsave", path + pages, raw])
    return try contents(of: raw)
  }
}

/// What may be left, by the group of exiftool.
private let harmless: Set<String> = ["ExifTool", "System", "File", "Composite", "JFIF", "Adobe"]

@Suite(.blocking) struct `The metadata of a photo` {
  @Test(
    .timeLimit(.minutes(20)),
    arguments: [
      ("jpg", ""), ("jpg", "[interlace]"), ("jpg", "[subsample-mode=off,restart-interval=4]"),
      ("png", ""), ("png", "[interlace]"), ("png", "[palette]"), ("webp", ""),
      ("webp", "[lossless]"), ("gif", ""),
    ])
  func `is taken out, its pixels, its profile and its orientation stay`(
    _ ending: String, _ options: String
  ) throws {
    let darkroom = try Darkroom()
    let path = try darkroom.picture(ending, options: options)
    try darkroom.tag(path)
    let before = try darkroom.tags(path)
    #expect(before.values.contains("Secret"))
    let trailer = Array("a whole film about where I live".utf8)
    let kept = try darkroom.keep(try contents(of: path) + trailer)

    let tags = try darkroom.tags(kept)
    let strange = tags.filter { tag, _ in
      let group = String(tag.prefix { $0 != ":" })
      return !harmless.contains(group) && !group.hasPrefix("ICC") && tag != "IFD0:Orientation"
        && !(group == "PNG" || group == "PNG-pHYs" || group == "GIF" || group == "RIFF")
    }
    #expect(strange.isEmpty, "\(strange)")
    #expect(!tags.values.contains("Secret") && !tags.keys.contains { $0.contains("Comment") })
    if ending != "gif" {
      #expect(tags["IFD0:Orientation"] == "6")
      #expect(tags["ICC_Profile:ProfileDescription"] == before["ICC_Profile:ProfileDescription"])
      #expect(tags["ICC_Profile:ProfileDescription"] != nil)
    }
    let bytes = try contents(of: kept)
    #expect(Data(bytes).range(of: Data(trailer)) == nil)
    #expect(Data(bytes).range(of: Data("Secret".utf8)) == nil)
    #expect(try darkroom.pixels(kept) == darkroom.pixels(path))
    // What has been stripped is left as it is.
    #expect(try contents(of: try darkroom.keep(bytes)) == bytes)
  }

  @Test(arguments: 1...8)
  func `leaves each orientation, in either order of bytes`(_ orientation: Int) throws {
    let darkroom = try Darkroom()
    let path = try darkroom.picture("jpg")
    let plain = try contents(of: path)
    for isLittle in [false, true] {
      let tiff = Camera.tiff(orientation: orientation, isLittleEndian: isLittle)
      let kept = try darkroom.keep(Camera.inserting([Camera.exif(tiff)], into: plain))
      let found = try darkroom.tags(kept)["IFD0:Orientation"]
      #expect(found == (orientation == 1 ? nil : String(orientation)))
    }
  }

  private static let secret = Array("Secret".utf8)

  /// What cameras and telephones put around a picture, with a secret in it.
  private static let surroundings: [(name: String, put: @Sendable ([UInt8]) -> [UInt8])] = [
    (
      "notes of the maker, and a second Exif",
      { plain in
        Camera.inserting(
          [
            Camera.exif(
              Camera.tiff(orientation: 3, isLittleEndian: true)
                + [UInt8](repeating: 7, count: 60_000) + Self.secret),
            Camera.exif(Camera.tiff(orientation: 8, isLittleEndian: false) + Self.secret),
          ], into: plain)
      }
    ),
    (
      "XMP in several parts",
      { plain in
        Camera.inserting(
          [
            Camera.segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + Self.secret),
            Camera.segment(0xE1, Array("http://ns.adobe.com/xmp/extension/\0".utf8) + Self.secret),
          ], into: plain)
      }
    ),
    (
      "a second picture behind the first",
      { plain in
        Camera.inserting(
          [Camera.segment(0xE2, Array("MPF\0".utf8) + Self.secret)], into: plain) + plain
          + Self.secret
      }
    ),
    (
      "a film behind the picture",
      { plain in
        plain + Array("\0\0\0\u{18}ftypmp42".utf8) + Self.secret
      }
    ),
    (
      "a thumbnail in JFIF and one in its extension",
      { plain in
        Camera.inserting(
          [
            Camera.segment(0xE0, Array("JFIF\0".utf8) + [1, 2, 0, 0, 1, 0, 1, 2, 1] + Self.secret),
            Camera.segment(0xE0, Array("JFXX\0".utf8) + [0x13, 1, 1] + Self.secret),
          ], into: plain)
      }
    ),
    (
      "segments of every other application, and fill bytes",
      { plain in
        Camera.inserting(
          (0xE3...0xEF).map { Camera.segment($0, Self.secret) } + [[0xFF, 0xFF, 0xFF]]
            + [Camera.segment(0xFE, Self.secret)], into: plain)
      }
    ),
    (
      "comments between the scans",
      { plain in
        Camera.inserting(
          [Camera.segment(0xFE, Self.secret)], into: plain, beforeEvery: 0xDA)
      }
    ),
    (
      "a colour profile's name that is another's",
      { plain in
        Camera.inserting(
          [Camera.segment(0xE2, Array("ICC_PROFILF\0".utf8) + Self.secret)], into: plain)
      }
    ),
  ]

  @Test(arguments: surroundings.indices)
  func `goes with all that cameras and telephones put around a picture`(_ index: Int) throws {
    let darkroom = try Darkroom()
    let path = try darkroom.picture("jpg", options: "[interlace]")
    let (name, put) = Self.surroundings[index]
    let kept = try darkroom.keep(put(try contents(of: path)))
    #expect(Data(try contents(of: kept)).range(of: Data(Self.secret)) == nil, "\(name)")
    #expect(try darkroom.pixels(kept) == darkroom.pixels(path), "\(name)")
  }

  @Test func `goes from animations, and they still move`() throws {
    let darkroom = try Darkroom()
    let film = darkroom.home.file("film.v")
    try darkroom.shoot(film, of: try darkroom.picture("png"))
    for ending in ["gif", "webp"] {
      let path = darkroom.home.file("moving." + ending)
      try darkroom.vips(["copy", film, path + "[page-height=240]"])
      try darkroom.tag(path)
      let kept = try darkroom.keep(try contents(of: path))
      #expect(try darkroom.pixels(kept) == darkroom.pixels(path))
      #expect(Data(try contents(of: kept)).range(of: Data("Secret".utf8)) == nil)
      let (before, after) = (try darkroom.tags(path), try darkroom.tags(kept))
      #expect(before["GIF:FrameCount"] == (ending == "gif" ? "2" : nil))
      #expect((before["RIFF:AnimationLoopCount"] != nil) == (ending == "webp"))
      for tag in ["GIF:FrameCount", "GIF:AnimationIterations", "RIFF:AnimationLoopCount"] {
        #expect(after[tag] == before[tag], "\(ending) \(tag)")
      }
    }
  }

  @Test
  func `is found behind bytes that belong to nothing, and a thousand scans are no picture`() throws
  {
    let darkroom = try Darkroom()
    let path = try darkroom.picture("jpg")
    let plain = try contents(of: path)
    let stray: [UInt8] = [1, 2, 3, 0xFF, 0, 4]
    let kept = try darkroom.keep(Camera.inserting([stray], beforeFirst: 0xDA, of: plain))
    #expect(try darkroom.pixels(kept) == darkroom.pixels(path))
    let scans = Array(repeating: [0xFF, 0xDA, 0, 2] as [UInt8], count: 1000)
    #expect(throws: PhotoError.notAnImage) {
      try darkroom.keep(Camera.inserting(scans, into: plain, beforeEvery: 0xDA))
    }
  }

  @Test func `goes from the frames of an animation, and from the name of a profile`() throws {
    let darkroom = try Darkroom()
    let secret = Array("EXIF".utf8) + [6, 0, 0, 0] + Array("Secret".utf8)
    let film = darkroom.home.file("film.v")
    let png = try darkroom.picture("png")
    try darkroom.shoot(film, of: png)
    let path = darkroom.home.file("moving.webp")
    try darkroom.vips(["copy", film, path + "[page-height=240]"])
    var bytes = try contents(of: path)
    let frame = try #require(Data(bytes).range(of: Data("ANMF".utf8))).lowerBound
    // Behind the frame's header; the lengths of the frame and of the file grow.
    bytes.insert(contentsOf: secret, at: frame + 24)
    for place in [4, frame + 4] {
      let size = (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } + secret.count
      for index in 0..<4 { bytes[place + index] = UInt8(size >> (8 * index) & 255) }
    }
    let kept = try darkroom.keep(bytes)
    #expect(Data(try contents(of: kept)).range(of: Data("Secret".utf8)) == nil)
    #expect(try darkroom.pixels(kept) == darkroom.pixels(path))

    let stripped = try darkroom.keep(try contents(of: png))
    #expect(try darkroom.tags(stripped)["PNG:ProfileName"] == "icc")
    #expect(try darkroom.tags(stripped)["ICC_Profile:ProfileDescription"] != nil)
  }

  @Test
  func `cannot be hidden in ten thousand small chunks, and a torn picture ends where it is torn`()
    throws
  {
    let darkroom = try Darkroom()
    let png = try contents(of: try darkroom.picture("png"))
    let small = (0..<30_000).flatMap { _ -> [UInt8] in
      Picture.chunk("tEXt", []) + Picture.chunk("pHYs", [0, 0, 0, 1, 0, 0, 0, 1, 0])
    }
    #expect(throws: PhotoError.notAnImage) {
      try darkroom.keep(Array(png[..<33]) + small + png[33...])
    }
    for ending in ["jpg", "png", "webp", "gif"] {
      let whole = try contents(of: try darkroom.picture(ending))
      for count in stride(from: 200, to: whole.count, by: whole.count / 7) {
        // Whether it is taken depends on what is left of its header; never a trap, never more.
        if let kept = try? darkroom.keep(Array(whole[..<count])) {
          #expect(try contents(of: kept).count <= count, "\(ending) \(count)")
        }
      }
    }
  }
}

/// What cameras write, rebuilt.
private enum Camera {
  static func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let count = payload.count + 2
    return [0xFF, marker, UInt8(count >> 8), UInt8(count & 255)] + payload
  }

  static func exif(_ tiff: [UInt8]) -> [UInt8] { segment(0xE1, Array("Exif\0\0".utf8) + tiff) }

  /// A first directory with the maker, the orientation, and where the place is.
  static func tiff(orientation: Int, isLittleEndian: Bool) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      let bytes = (0..<count).map { UInt8(value >> (8 * $0) & 255) }
      return isLittleEndian ? bytes : bytes.reversed()
    }
    let entries: [[UInt8]] = [
      number(0x010F, 2) + number(2, 2) + number(7, 4) + number(8, 4),
      number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + [0, 0],
      number(0x8825, 2) + number(4, 2) + number(1, 4) + number(8, 4),
    ]
    return (isLittleEndian ? Array("II".utf8) : Array("MM".utf8)) + number(42, 2) + number(8, 4)
      + number(entries.count, 2) + entries.flatMap(\.self) + number(0, 4)
  }

  /// Puts bytes in front of the first marker of a kind.
  static func inserting(
    _ segments: [[UInt8]], beforeFirst marker: UInt8, of picture: [UInt8]
  ) -> [UInt8] {
    let place = picture.indices.first { index in
      picture[index] == 0xFF && index + 1 < picture.count && picture[index + 1] == marker
    }
    let start = place ?? picture.endIndex
    return Array(picture[..<start]) + segments.flatMap(\.self) + picture[start...]
  }

  /// Puts segments behind the first marker, or before every marker of a kind.
  static func inserting(
    _ segments: [[UInt8]], into picture: [UInt8], beforeEvery marker: UInt8? = nil
  ) -> [UInt8] {
    let added = segments.flatMap(\.self)
    guard let marker else { return Array(picture[..<2]) + added + picture[2...] }
    var result: [UInt8] = []
    for (index, byte) in picture.enumerated() {
      if byte == 0xFF, index + 1 < picture.count, picture[index + 1] == marker { result += added }
      result.append(byte)
    }
    return result
  }
}
