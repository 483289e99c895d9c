/// The cyclic redundancy check CRC-32C (Castagnoli; RFC 3720, appendix B.4).
struct Checksum {
  /// At `256 * k + b`: the remainder of byte b followed by k zero bytes; eight bytes go in one step.
  private static let tables: [UInt32] = {
    var tables = [(0..<256).map { remainder(of: UInt32($0)) }]
    for level in 1..<8 {
      let previous = tables[level - 1]
      tables.append(previous.map { tables[0][Int($0 & 0xFF)] ^ ($0 >> 8) })
    }
    return tables.flatMap(\.self)
  }()

  private var remainder: UInt32 = .max

  /// Eight hexadecimal digits.
  var text: String {
    let digits = String(~remainder, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Makes the checksum of bytes.
  init(of bytes: ArraySlice<UInt8> = []) {
    update(bytes)
  }

  /// Takes more bytes into account.
  mutating func update(_ bytes: ArraySlice<UInt8>) {
    // Both buffers are used within these calls only; every index is below 8 * 256, and every load
    // ends within the whole words of the bytes.
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe Self.tables.withUnsafeBufferPointer { tables in
        unsafe update(bytes, tables)
      }
    }
  }

  private mutating func update(
    _ bytes: UnsafeRawBufferPointer, _ tables: UnsafeBufferPointer<UInt32>
  ) {
    var remainder = remainder
    let wholeWords = bytes.count & ~7
    for offset in stride(from: 0, to: wholeWords, by: 8) {
      let word = unsafe UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let mixed = word ^ UInt64(remainder)
      remainder = 0
      for position in 0..<8 {
        let byte = Int(mixed >> UInt64(8 * position) & 0xFF)
        remainder ^= unsafe tables[(7 - position) * 256 + byte]
      }
    }
    for offset in wholeWords..<bytes.count {
      let index = unsafe Int((remainder ^ UInt32(bytes[offset])) & 0xFF)
      remainder = unsafe tables[index] ^ (remainder >> 8)
    }
    self.remainder = remainder
  }

  private static func remainder(of byte: UInt32) -> UInt32 {
    (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
  }
}
