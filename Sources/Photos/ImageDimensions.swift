/// How large a picture says it is.
public struct ImageDimensions: Sendable, Equatable {
  /// The width in pixels, at least 1.
  public let width: Int
  /// The height in pixels, at least 1.
  public let height: Int

  /// Both multiplied.
  public var pixels: Int { width * height }

  /// Reads the header of a picture of a known type.
  ///
  /// - Parameters:
  ///   - type: The type, recognized by the signature.
  ///   - source: Gives bytes of the file; fewer than asked for at its end.
  /// - Returns: The dimensions; `nil` when the header is no such header, or says zero.
  /// - Throws: What the source throws.
  public static func reading<Failure: Error>(
    _ type: ImageType, from source: (_ offset: Int, _ count: Int) throws(Failure) -> [UInt8]
  ) throws(Failure) -> ImageDimensions? {
    switch type {
    case .jpeg: try jpeg(source)
    case .png: png(try source(0, 33))
    case .gif: gif(try source(0, 14))
    case .webp: webp(try source(0, 30))
    }
  }

  private init?(_ width: Int, _ height: Int) {
    // No format allows a longer side (PNG, section 11.2.1); the product then fits.
    let sides = 1...Int(Int32.max)
    guard sides.contains(width), sides.contains(height) else { return nil }
    (self.width, self.height) = (width, height)
  }

  /// The `IHDR` chunk, which is the first (PNG, section 11.2.1).
  private static func png(_ head: [UInt8]) -> ImageDimensions? {
    guard head.count == 33, head[8..<16].elementsEqual([0, 0, 0, 13] + Array("IHDR".utf8)) else {
      return nil
    }
    return ImageDimensions(head.bigEndian(16, 4), head.bigEndian(20, 4))
  }

  /// The logical screen descriptor, and something behind it (GIF89a, section 18).
  private static func gif(_ head: [UInt8]) -> ImageDimensions? {
    guard head.count == 14 else { return nil }
    return ImageDimensions(head.littleEndian(6, 2), head.littleEndian(8, 2))
  }

  /// The first chunk: lossy, lossless or extended (RFC 9649, sections 2.5 to 2.7).
  private static func webp(_ head: [UInt8]) -> ImageDimensions? {
    // A lossless picture of one pixel may end behind its header.
    guard head.count >= 25 else { return nil }
    switch (String(decoding: head[12..<16], as: UTF8.self), head.count) {
    case ("VP8 ", 30):
      // A key frame's start code precedes the dimensions (RFC 6386, section 9.1).
      guard head[20] & 1 == 0, head[23..<26].elementsEqual([0x9D, 0x01, 0x2A]) else { return nil }
      return ImageDimensions(head.littleEndian(26, 2) & 0x3FFF, head.littleEndian(28, 2) & 0x3FFF)
    case ("VP8L", _):
      guard head[20] == 0x2F else { return nil }
      let bits = head.littleEndian(21, 4)
      return ImageDimensions((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    case ("VP8X", 30):
      return ImageDimensions(head.littleEndian(24, 3) + 1, head.littleEndian(27, 3) + 1)
    default: return nil
    }
  }

  /// The first frame header (`SOF`), behind any number of other segments (ITU-T T.81, B.2.2).
  private static func jpeg<Failure: Error>(
    _ source: (_ offset: Int, _ count: Int) throws(Failure) -> [UInt8]
  ) throws(Failure) -> ImageDimensions? {
    var offset = 2
    // A file of segments without end is not a picture.
    for _ in 0..<1000 {
      let segment = try source(offset, 9)
      guard segment.count == 9, segment[0] == 0xFF else { return nil }
      switch segment[1] {
      case 0xFF: offset += 1
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
        return ImageDimensions(segment.bigEndian(7, 2), segment.bigEndian(5, 2))
      case 0x01, 0xD0...0xD8: offset += 2
      // The end, or data before any frame.
      case 0xD9, 0xDA, 0x00: return nil
      default:
        let length = segment.bigEndian(2, 2)
        guard length >= 2 else { return nil }
        offset += 2 + length
      }
    }
    return nil
  }
}
