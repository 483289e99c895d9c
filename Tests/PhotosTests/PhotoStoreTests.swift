import DurableStore
import Foundation
import Photos
import TestSupport
import Testing

/// Headers of pictures, made here byte by byte.
enum Picture {
  static func png(_ width: UInt32, _ height: UInt32) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
      + big(width) + big(height) + [8, 2, 0, 0, 0, 1, 2, 3, 4]
  }

  static func gif(_ width: UInt16, _ height: UInt16) -> [UInt8] {
    Array("GIF89a".utf8) + [
      UInt8(width & 255), UInt8(width >> 8), UInt8(height & 255), UInt8(height >> 8),
    ]
      + [0, 0, 0, 0x3B]
  }

  static func jpeg(_ width: UInt16, _ height: UInt16, marker: UInt8 = 0xC0) -> [UInt8] {
    [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, marker, 0, 17, 8]
      + [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
      + [UInt8](repeating: 0, count: 20)
  }

  static func webp(_ chunk: String, _ payload: [UInt8]) -> [UInt8] {
    Array("RIFF".utf8) + little(12 + payload.count) + Array("WEBP".utf8) + Array(chunk.utf8)
      + little(payload.count) + payload
  }

  private static func little(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(value >> (8 * $0) & 255) }
  }

  private static func big(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}

struct `A photo` {
  private func keep(_ bytes: [UInt8], maxBytes: Int = 1 << 20) throws -> (
    StoredPhoto, TemporaryDirectory
  ) {
    let home = try TemporaryDirectory()
    let store = PhotoStore(DataDirectory(home.path))
    var upload = try store.receive(maxBytes: maxBytes)
    do {
      try upload.write(bytes)
    } catch {
      upload.discard()
      throw error
    }
    return (try store.keep(upload), home)
  }

  @Test(arguments: [
    (Picture.png(640, 480), "png"), (Picture.gif(640, 480), "gif"), (Picture.jpeg(640, 480), "jpg"),
    (Picture.jpeg(640, 480, marker: 0xC2), "jpg"),
    (Picture.webp("VP8 ", [0, 0, 0, 0x9D, 1, 0x2A, 0x80, 2, 0xE0, 1]), "webp"),
    (Picture.webp("VP8L", [0x2F, 0x7F, 0xC2, 0x77, 0, 0, 0, 0, 0, 0]), "webp"),
    (Picture.webp("VP8X", [0, 0, 0, 0, 0x7F, 2, 0, 0xDF, 1, 0]), "webp"),
  ])
  func `is known by its bytes and named by the server`(_ bytes: [UInt8], _ ending: String) throws {
    let (photo, home) = try keep(bytes)
    #expect(photo.name.wholeMatch(of: /\d{13}-[0-9a-z]{6}\.[a-z]+/) != nil)
    #expect(photo.name.hasSuffix("." + ending))
    // Of this JPEG the fill byte and an unknown application's segment go.
    let stored = try contents(of: home.file("uploads/" + photo.name))
    #expect(ending == "jpg" ? stored.starts(with: [0xFF, 0xD8, 0xFF]) : stored == bytes)
    #expect(try names(in: home.file(".temp")).isEmpty)
  }

  @Test(arguments: [
    [], [0xFF], Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), Array("<html>".utf8),
    Array("%PDF-1.7".utf8),
    Array("GIF89a".utf8), Picture.png(0, 480), Picture.gif(640, 0), Picture.jpeg(0, 480),
    Array(Picture.png(640, 480).prefix(20)), [0xFF, 0xD8, 0xFF],
    [0xFF, 0xD8, 0xFF, 0xD9] + [UInt8](repeating: 0, count: 20),
    [0xFF, 0xD8, 0xFF, 0xE0, 0, 1] + [UInt8](repeating: 0, count: 20),
    [0xFF, 0xD8] + [UInt8](repeating: 0xFF, count: 5000),
    Picture.webp("VP8 ", [UInt8](repeating: 0, count: 10)),
    Picture.webp("XXXX", [UInt8](repeating: 0, count: 10)), Picture.png(0xFFFF_FFFF, 0xFFFF_FFFF),
  ])
  func `that is no picture is refused and not kept`(_ bytes: [UInt8]) throws {
    let error = #expect(throws: PhotoError.self) { _ = try keep(bytes) }
    #expect(error == .notAnImage)
  }

  @Test(arguments: [
    Picture.png(10_000, 5_001), Picture.jpeg(65_500, 65_500), Picture.gif(65_535, 65_535),
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
    let store = PhotoStore(DataDirectory(home.path))
    for start in [
      [0xFF, 0xD8, 0xFF], Array(Picture.png(1, 1).prefix(16)), Array("GIF87a".utf8),
      Picture.webp("VP8X", []),
    ] {
      for _ in 0..<100 {
        let tail = (0..<60).map { _ -> UInt8 in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return UInt8(truncatingIfNeeded: state >> 40)
        }
        var upload = try store.receive(maxBytes: 1000)
        try upload.write(start.map { UInt8($0) } + tail)
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
