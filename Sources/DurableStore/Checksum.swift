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
    let tables = Self.tables
    let words = bytes.count / 8 * 8
    var remainder = remainder
    var index = bytes.startIndex
    while index < bytes.startIndex + words {
      let low = remainder ^ Self.word(bytes, index)
      let high = Self.word(bytes, index + 4)
      remainder = Self.fold(low, tables, 7) ^ Self.fold(high, tables, 3)
      index += 8
    }
    for byte in bytes[index...] {
      remainder = tables[Int((remainder ^ UInt32(byte)) & 0xFF)] ^ (remainder >> 8)
    }
    self.remainder = remainder
  }

  private static func word(_ bytes: ArraySlice<UInt8>, _ index: Int) -> UInt32 {
    UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
      | UInt32(bytes[index + 3]) << 24
  }

  private static func fold(_ word: UInt32, _ tables: [UInt32], _ top: Int) -> UInt32 {
    tables[top * 256 + Int(word & 0xFF)]
      ^ tables[(top - 1) * 256 + Int(word >> 8 & 0xFF)]
      ^ tables[(top - 2) * 256 + Int(word >> 16 & 0xFF)]
      ^ tables[(top - 3) * 256 + Int(word >> 24)]
  }

  private static func remainder(of byte: UInt32) -> UInt32 {
    (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
  }
}
