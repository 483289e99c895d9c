/// The checksum of PNG's chunks and of ZIP's files (ISO 3309; PNG, section 5.5; APPNOTE 6.3.10,
/// section 4.4.7).
public struct CyclicRedundancyCheck: Sendable {
  private static let codes: [UInt32] = (0..<256).map { code(ofByte: $0) }

  private static func code(ofByte byte: UInt32) -> UInt32 {
    var code = byte
    for _ in 0..<8 { code = code & 1 == 1 ? (code >> 1) ^ 0xEDB8_8320 : code >> 1 }
    return code
  }

  private var remainder = UInt32.max

  /// Begins with no bytes.
  public init() {}

  /// Takes in more bytes.
  public mutating func update(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      remainder = (remainder >> 8) ^ Self.codes[Int((remainder ^ UInt32(byte)) & 255)]
    }
  }

  /// The code of what was taken in.
  public var value: UInt32 { ~remainder }
}
