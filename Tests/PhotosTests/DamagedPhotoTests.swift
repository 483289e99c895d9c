import Files
import Foundation
import Photos
import TestSupport
import Testing

/// Photos as failing connections leave them, and as those make them who want to break something.
@Suite(.blocking) struct `A damaged photo` {
  private let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private func keep(_ bytes: [UInt8]) throws -> [UInt8] {
    let store = PhotoStore(Folder(home.path))
    var upload = store.receive(maxBytes: 1 << 24)
    try upload.write(bytes[...])
    let photo = try store.keep(upload)
    return try contents(of: home.file("uploads/" + photo.name))
  }

  private func refusal(_ bytes: [UInt8]) -> PhotoError? {
    do {
      _ = try keep(bytes)
      return nil
    } catch {
      return error as? PhotoError
    }
  }

  // 19 bytes of a JPEG that ends in a scan's header: the next marker was looked for from behind the
  // end of the file, and the range that should have led there ended the responder.
  @Test func `that ends within a scan's header ends nothing else`() {
    let bytes: [UInt8] = [
      0xFF, 0xD8, 0xFF, 0xC0, 0, 0x0B, 8, 0, 1, 0, 1, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8,
    ]
    #expect(refusal(bytes) == .incomplete)
  }

  @Test func `of no bytes is said to be empty`() { #expect(refusal([]) == .empty) }

  // Half a photo was accepted, confirmed, and a grey box on the wall.
  @Test(
    arguments: ["jpg", "jpg[interlace]", "png", "webp", "webp[lossless]", "gif"],
    [0.5, 0.95, 0.999])
  func `that is cut off is refused as such`(_ kind: String, _ part: Double) throws {
    let ending = String(kind.prefix { $0 != "[" })
    let options = kind.dropFirst(ending.count).dropFirst().dropLast()
    let whole = try makePicture(
      home.file("whole." + ending), width: 320, height: 240, options: String(options))
    #expect(refusal(Array(whole.prefix(Int(Double(whole.count) * part)))) == .incomplete)
    #expect(refusal(whole) == nil)
  }

  @Test(arguments: [
    Picture.png(4, 4), Picture.gif(4, 4), Picture.jpeg(4, 4),
    Picture.webp(("VP8 ", Picture.lossy(4, 4))),
    Picture.webp(("VP8X", Picture.extended(0, 4, 4)), ("VP8 ", Picture.lossy(4, 4))),
  ])
  func `that ends anywhere before its end is refused`(_ whole: [UInt8]) {
    for count in 12..<whole.count {
      let error = refusal(Array(whole.prefix(count)))
      #expect(error == .incomplete || error == .notAnImage, "\(count)")
    }
    #expect(refusal(whole) == nil)
  }

  // A block of no length between the frames ended the picture: it was confirmed without any.
  @Test func `keeps its frames behind an empty block`() throws {
    let plain = Picture.gif(4, 4)
    #expect(try keep(Picture.gif(4, 4, before: [0, 0])) == plain)
  }

  // A segment called Adobe that was shorter than it said took the bytes of the next one for its own.
  @Test func `keeps its colours where a segment is shorter than it has to be`() throws {
    let short: [UInt8] = [0xFF, 0xEE, 0, 8] + Array("Adobe".utf8) + [1]
    let kept = try keep(Picture.jpeg(4, 4, before: short))
    #expect(try kept == keep(Picture.jpeg(4, 4)))
    #expect(Data(kept).range(of: Data("Adobe".utf8)) == nil)
  }

  static let withoutPicture: [(String, [UInt8])] = [
    (
      "a frame's header whose length is not that of its components",
      Picture.jpeg(4, 4).replacing([0, 11, 8], with: [0, 12, 8])
    ),
    (
      "two frames' headers",
      Picture.jpeg(4, 4, before: [0xFF, 0xC0, 0, 11, 8, 0, 4, 0, 4, 1, 1, 0x11, 0])
    ),
    ("no scan", Array(Picture.jpeg(4, 4).prefix(22)) + [0xFF, 0xD9]),
    (
      "a marker in a scan that is in no picture",
      Picture.jpeg(4, 4).replacing([0x55, 0xFF, 0], with: [0x55, 0xFF, 2])
    ),
    ("no data", Array(Picture.png(4, 4).prefix(33)) + Picture.chunk("IEND", [])),
    ("a second header", Picture.png(4, 4, Picture.chunk("IHDR", [UInt8](repeating: 1, count: 13)))),
    ("no frame", Array(Picture.gif(4, 4).prefix(13)) + [0x3B]),
    (
      "a frame without data",
      Array(Picture.gif(4, 4).prefix(13)) + [0x2C, 0, 0, 0, 0, 4, 0, 4, 0, 0, 2, 0, 0x3B]
    ),
    (
      "a header of the wrong length",
      Picture.webp(("VP8X", Picture.extended(0, 4, 4) + [0, 0]), ("VP8 ", Picture.lossy(4, 4)))
    ),
    (
      "a picture that is not as large as the file says",
      Picture.webp(("VP8X", Picture.extended(0, 4, 4)), ("VP8 ", Picture.lossy(640, 480)))
    ),
    ("an extended file of nothing", Picture.webp(("VP8X", Picture.extended(0, 4, 4)))),
    (
      "a frame that leaves the canvas",
      Picture.webp(
        ("VP8X", Picture.extended(2, 4, 4)), ("ANIM", [0, 0, 0, 0, 0, 0]),
        (
          "ANMF",
          [2, 0, 0, 0, 0, 0, 3, 0, 0, 3, 0, 0, 0, 0, 0, 0] + Array("VP8 ".utf8) + Picture.little(10)
            + Picture.lossy(4, 4)
        ))
    ),
  ]

  @Test(arguments: withoutPicture)
  func `of which no picture would be left is refused`(_ what: String, _ bytes: [UInt8]) {
    #expect(refusal(bytes) == .notAnImage, "\(what)")
  }

  static let hidden = Array("Secret".utf8)
  static let hiding: [(String, [UInt8])] = [
    (
      "behind how often a GIF repeats",
      Picture.gif(
        4, 4,
        before: [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 6] + hidden + [0])
    ),
    (
      "in a colour profile of a GIF that is none",
      Picture.gif(
        4, 4, before: [0x21, 0xFF, 11] + Array("ICCRGBG1012".utf8) + [6] + hidden + [0])
    ),
    (
      "behind a colour profile of a GIF",
      Picture.gif(
        4, 4,
        before: [0x21, 0xFF, 11] + Array("ICCRGBG1012".utf8) + [128, 0, 0, 0, 128]
          + [UInt8](repeating: 0, count: 32) + Array("acsp".utf8)
          + [UInt8](repeating: 0, count: 88) + [6] + hidden + [0])
    ),
    (
      "in a graphic control of a GIF",
      Picture.gif(4, 4, before: [0x21, 0xF9, 4, 0, 0, 0, 0, 6] + hidden + [0])
    ),
    ("in a chunk of PNG that is too long", Picture.png(4, 4, Picture.chunk("gAMA", hidden))),
    (
      "in a chunk of WebP that belongs to no such file",
      Picture.webp(("VP8 ", Picture.lossy(4, 4)), ("ICCP", hidden))
    ),
    (
      "in a profile of WebP that the header knows nothing of",
      Picture.webp(
        ("VP8X", Picture.extended(0, 4, 4)), ("ICCP", hidden), ("VP8 ", Picture.lossy(4, 4)))
    ),
    (
      "behind the picture in an extended WebP",
      Picture.webp(
        ("VP8X", Picture.extended(0x20, 4, 4)), ("VP8 ", Picture.lossy(4, 4)), ("ICCP", hidden),
        ("ALPH", hidden), ("VP8 ", hidden))
    ),
  ]

  @Test(arguments: hiding)
  func `hides nothing where it is crafted to`(_ place: String, _ bytes: [UInt8]) throws {
    let kept = try keep(bytes)
    #expect(Data(kept).range(of: Data(Self.hidden)) == nil, "\(place)")
    #expect(try keep(kept) == kept, "\(place)")
  }

  @Test func `that ends in a scan without a marker hides nothing behind it`() {
    let bytes = Picture.jpeg(4, 4).dropLast(2) + Self.hidden
    #expect(refusal(Array(bytes)) == .incomplete)
  }
}

extension [UInt8] {
  fileprivate func replacing(_ part: [UInt8], with other: [UInt8]) -> [UInt8] {
    guard let start = indices.first(where: { self[$0...].starts(with: part) }) else { return self }
    return Array(self[..<start]) + other + self[(start + part.count)...]
  }
}
