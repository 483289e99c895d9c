import Files
import Foundation
import Photos
import TestSupport
import Testing

/// Pictures that are whole in their structure, made here byte by byte.
enum Picture {
  static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    big(UInt32(data.count)) + Array(name.utf8) + data + [1, 2, 3, 4]
  }

  static func png(_ width: UInt32, _ height: UInt32, _ chunks: [UInt8] = []) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", big(width) + big(height) + [8, 2, 0, 0, 0]) + chunks + chunk("IDAT", [7])
      + chunk("IEND", [])
  }

  static func gif(
    _ width: UInt16, _ height: UInt16, frame: (UInt16, UInt16) = (4, 4), before: [UInt8] = []
  ) -> [UInt8] {
    Array("GIF89a".utf8) + two(width) + two(height) + [0, 0, 0] + before
      + [0x2C, 0, 0, 0, 0] + two(frame.0) + two(frame.1) + [0, 2, 1, 0x44, 0, 0x3B]
  }

  static func jpeg(
    _ width: UInt16, _ height: UInt16, marker: UInt8 = 0xC0, before: [UInt8] = []
  ) -> [UInt8] {
    [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF] + before + [0xFF, marker, 0, 11, 8]
      + [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
      + [1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x55, 0xFF, 0, 0x55, 0xFF, 0xD9]
  }

  static func webp(_ chunks: (String, [UInt8])...) -> [UInt8] {
    var content: [UInt8] = []
    for (name, data) in chunks {
      content += Array(name.utf8) + little(data.count) + data + (data.count % 2 == 1 ? [0] : [])
    }
    return Array("RIFF".utf8) + little(4 + content.count) + Array("WEBP".utf8) + content
  }

  /// The beginning of a lossy picture, and of a lossless one.
  static func lossy(_ width: UInt16, _ height: UInt16) -> [UInt8] {
    [0, 0, 0, 0x9D, 1, 0x2A] + two(width) + two(height)
  }
  static let lossless: [UInt8] = [0x2F, 0x7F, 0xC2, 0x77, 0, 0, 0, 0, 0, 0]

  /// The header of an extended file.
  static func extended(_ flags: UInt8, _ width: Int, _ height: Int) -> [UInt8] {
    [flags, 0, 0, 0] + little(width - 1).prefix(3) + little(height - 1).prefix(3)
  }

  static func little(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(value >> (8 * $0) & 255) }
  }

  private static func two(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }

  private static func big(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}

@Suite(.blocking) struct `A photo` {
  private func keep(_ bytes: [UInt8], maxBytes: Int = 1 << 20) throws -> (
    StoredPhoto, TemporaryDirectory
  ) {
    let home = try TemporaryDirectory()
    let store = PhotoStore(Folder(home.path))
    var upload = store.receive(maxBytes: maxBytes)
    do {
      try upload.write(bytes[...])
    } catch {
      upload.discard()
      throw error
    }
    return (try store.keep(upload), home)
  }

  @Test(arguments: [
    (Picture.png(640, 480), "png"), (Picture.gif(640, 480), "gif"), (Picture.jpeg(640, 480), "jpg"),
    (Picture.jpeg(640, 480, marker: 0xC2), "jpg"),
    (Picture.webp(("VP8 ", Picture.lossy(640, 480))), "webp"),
    (Picture.webp(("VP8L", Picture.lossless)), "webp"),
    (
      Picture.webp(("VP8X", Picture.extended(0, 640, 480)), ("VP8 ", Picture.lossy(640, 480))),
      "webp"
    ),
  ])
  func `is known by its bytes and named by the server`(_ bytes: [UInt8], _ ending: String) throws {
    let (photo, home) = try keep(bytes)
    #expect(photo.name.wholeMatch(of: /\d{13}-[0-9a-z]{14}\.[a-z]+/) != nil)
    #expect(photo.name.hasSuffix("." + ending))
    // Of this JPEG the fill byte and an unknown application's segment go.
    let stored = try contents(of: home.file("uploads/" + photo.name))
    #expect(ending == "jpg" ? stored.starts(with: [0xFF, 0xD8, 0xFF]) : stored == bytes)
    #expect(try names(in: home.file(".temp")).isEmpty)
  }

  /// The last two are in a file before they are kept.
  @Test(arguments: [100, 1_000_000, 1_048_520, 3_000_000], [true, false])
  func `is stored without its metadata, small or large`(_ size: Int, _ hasText: Bool) throws {
    let content = Picture.chunk("IDAT", (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    let text = hasText ? Picture.chunk("tEXt", Array("Author\0Secret".utf8)) : []
    let home = try TemporaryDirectory()
    let store = PhotoStore(Folder(home.path))
    let picture = Picture.png(640, 480, text + content)
    var upload = store.receive(maxBytes: 1 << 22)
    for start in stride(from: 0, to: picture.count, by: 65_536) {
      try upload.write(picture[start..<min(start + 65_536, picture.count)])
    }
    let isInFile = try !names(in: home.path).filter { $0 == ".temp" }.isEmpty
    #expect(isInFile == (picture.count > 1 << 20))
    let photo = try store.keep(upload)
    let stored = try contents(of: home.file("uploads/" + photo.name))
    #expect(stored == Picture.png(640, 480, content))
    #expect(try names(in: home.file(".temp")).isEmpty)
  }

  @Test(arguments: [
    [0xFF], Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), Array("<html>".utf8),
    Array("%PDF-1.7".utf8),
    Picture.png(0, 480), Picture.gif(640, 0), Picture.jpeg(0, 480),
    [0xFF, 0xD8, 0xFF, 0xD9] + [UInt8](repeating: 0, count: 20),
    [0xFF, 0xD8, 0xFF, 0xE0, 0, 1] + [UInt8](repeating: 0, count: 20),
    Picture.webp(("VP8 ", [UInt8](repeating: 0, count: 10))),
    Picture.webp(("XXXX", [UInt8](repeating: 0, count: 10))),
  ])
  func `that is no picture is refused and not kept`(_ bytes: [UInt8]) throws {
    let error = #expect(throws: PhotoError.self) { _ = try keep(bytes) }
    #expect(error == .notAnImage)
  }

  @Test(arguments: [
    Picture.png(10_000, 5_001), Picture.jpeg(65_500, 65_500), Picture.gif(65_535, 65_535),
    Picture.gif(4, 4, frame: (65_535, 65_535)), Picture.png(0xFFFF_FFFF, 0xFFFF_FFFF),
    Picture.png(50_000_000, 1),
  ])
  func `of more than 50 megapixels is refused from its header`(_ bytes: [UInt8]) {
    #expect(throws: PhotoError.tooManyPixels) { _ = try keep(bytes) }
  }

  @Test func `that is longer than allowed is refused`() {
    let bytes = Picture.png(1, 1) + [UInt8](repeating: 0, count: 100)
    #expect(throws: PhotoError.tooLarge) { _ = try keep(bytes, maxBytes: 100) }
  }

  @Test func `of any bytes behind a signature never traps`() throws {
    var state = UInt64.random(in: 0 ... .max)
    let seed = state
    let home = try TemporaryDirectory()
    let store = PhotoStore(Folder(home.path))
    for start in [
      [0xFF, 0xD8, 0xFF], Array(Picture.png(1, 1).prefix(16)), Array("GIF87a".utf8),
      Picture.webp(("VP8X", [])),
    ] {
      for _ in 0..<100 {
        let tail = (0..<60).map { _ -> UInt8 in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return UInt8(truncatingIfNeeded: state >> 40)
        }
        var upload = store.receive(maxBytes: 1000)
        try upload.write((start.map { UInt8($0) } + tail)[...])
        do { _ = try store.keep(upload) } catch {
          #expect(error != .tooLarge, "seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: [
    ("1731023456789-abc123.jpg", true), ("1-a.webp", true), ("orphan.jpg", false),
    ("1-a.svg", false),
    ("1-a.jpg.html", false), ("../1-a.jpg", false), (".1-a.jpg", false), ("1-.jpg", false),
  ])
  func `has a name of the server's kind`(_ name: String, _ isPhoto: Bool) {
    #expect((StoredPhoto(name: name) != nil) == isPhoto)
  }
}
