/// Digits that people read aloud and type: Crockford's base 32 (https://www.crockford.com/base32.html).
public enum Base32 {
  /// The digits, without I, L, O and U.
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// The lowest digits of a number, five bits each, with zeros in front.
  public static func digits(of number: UInt64, count: Int) -> String {
    let digits = (0..<count).map { place in
      alphabet[Int(number >> UInt64(5 * (count - 1 - place)) & 31)]
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// Bytes as digits, the first bits first; zeros fill the last digit.
  public static func digits(of bytes: [UInt8]) -> String {
    let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
    let digits = stride(from: 0, to: bits.count, by: 5).map { start in
      let five = (start..<(start + 5)).map { $0 < bits.count ? bits[$0] : 0 }
      return alphabet[five.reduce(0) { $0 << 1 | Int($1) }]
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The bytes that digits mean; `nil` if a character is no digit, or bits are left over that are not zero.
  static func bytes(of digits: String) -> [UInt8]? {
    var bits: [UInt8] = []
    for digit in digits.utf8 {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      bits += (0..<5).map { UInt8(value >> (4 - $0) & 1) }
    }
    let count = bits.count / 8
    guard bits[(8 * count)...].allSatisfy({ $0 == 0 }) else { return nil }
    return (0..<count).map { byte in bits[(8 * byte)..<(8 * byte + 8)].reduce(0) { $0 << 1 | $1 } }
  }

  /// What somebody has typed, as digits: I and L are read as 1, O as 0; spaces and hyphens say nothing.
  public static func read(_ text: String) -> String {
    String(
      text.uppercased().compactMap { letter in
        switch letter {
        case "I", "L": "1"
        case "O": "0"
        case " ", "-", "–", "\u{00AD}": nil
        default: letter
        }
      })
  }

  /// The number that at most twelve digits mean; `nil` if one of the characters is no digit.
  static func number(of digits: String) -> UInt64? {
    guard digits.utf8.count <= 12 else { return nil }
    var number: UInt64 = 0
    for digit in digits.utf8 {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      number = number << 5 | UInt64(value)
    }
    return number
  }
}
