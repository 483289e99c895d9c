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
