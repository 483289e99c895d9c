import CFiles
import Files

/// The cyclic redundancy check CRC-32C (Castagnoli; RFC 3720, appendix B.4).
struct Checksum {
  /// At `256 * k + b`: the remainder of byte b followed by k zero bytes; one step handles eight bytes.
  private static let tables: [UInt32] = {
    var tables = [(0..<256).map { remainder(of: UInt32($0)) }]
    for level in 1..<8 {
      let previous = tables[level - 1]
      tables.append(previous.map { tables[0][Int($0 & 0xFF)] ^ ($0 >> 8) })
    }
    return tables.flatMap(\.self)
  }()

  private var remainder: UInt32 = .max

  /// The check value.
  var value: UInt32 { ~remainder }

  /// Eight hexadecimal digits.
  var text: String { Surroundings.hex8(value) }

  /// Makes the checksum of bytes.
  init(of bytes: ArraySlice<UInt8> = []) {
    update(bytes)
  }

  /// Updates the checksum with more bytes.
  mutating func update(_ bytes: ArraySlice<UInt8>) {
    // Both buffers are used within these calls only; every index is below 8 * 256, and every load
    // ends within the whole words of the bytes.
    unsafe bytes.withUnsafeBytes { bytes in
      let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      if unsafe contest_crc32c(&remainder, start, bytes.count) { return }
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

  // MARK: Sums of parts

  /// Returns the check value of two texts in a row, of which the second has `byteCount` bytes.
  static func value(of first: UInt32, followedBy second: UInt32, byteCount: Int) -> UInt32 {
    product(first, power(ofBytes: byteCount)) ^ second
  }

  /// Returns by what a check value changes when bytes change.
  ///
  /// - Parameters:
  ///   - difference: The exclusive or of the bytes before and after.
  ///   - followingBytes: How many bytes follow them.
  /// - Returns: The exclusive or of the check values before and after.
  static func change(by difference: [UInt8], followingBytes: Int) -> UInt32 {
    var checksum = Checksum()
    checksum.remainder = 0
    checksum.update(difference[...])
    return product(checksum.remainder, power(ofBytes: followingBytes))
  }

  /// At k: x to the power of 2^k, in the field of remainders.
  private static let squares: [UInt32] = {
    var squares: [UInt32] = [1 << 30]
    for _ in 1..<48 {
      squares.append(product(squares[squares.count - 1], squares[squares.count - 1]))
    }
    return squares
  }()

  /// Returns x to the power of 8 * `count`: what `count` zero bytes multiply a remainder by.
  private static func power(ofBytes count: Int) -> UInt32 {
    var result: UInt32 = 1 << 31
    for bit in 0..<44 where count >> bit & 1 == 1 { result = product(squares[bit + 3], result) }
    return result
  }

  /// Multiplies two polynomials modulo the generator; their highest bit is the lowest power.
  private static func product(_ one: UInt32, _ other: UInt32) -> UInt32 {
    var (sum, factor): (UInt32, UInt32) = (0, other)
    for bit in (0..<32).reversed() {
      if one >> bit & 1 == 1 { sum ^= factor }
      factor = factor & 1 == 1 ? (factor >> 1) ^ 0x82F6_3B78 : factor >> 1
    }
    return sum
  }
}
