/// The serial of a code: four characters of Crockford's base 32 (https://www.crockford.com/base32.html).
public enum VotingSerial {
  /// 20 bits.
  public static let highest = 1 << 20 - 1
  /// The digits, without I, L, O and U.
  public static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// The serial as text, such as `03F7`.
  public static func text(_ serial: Int) -> String { digits(of: UInt64(serial), count: 4) }

  /// The serial that a text means; `nil` if it is none.
  public static func serial(of text: String) -> Int? {
    let read = read(text)
    guard read.count == 4 else { return nil }
    return value(of: read).map(Int.init)
  }

  /// A number in base 32, with zeros in front.
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

  /// The number that digits mean; `nil` if a character is no digit, or there are more than twelve.
  private static func value(of digits: String) -> UInt64? {
    guard digits.utf8.count <= 12 else { return nil }
    var value: UInt64 = 0
    for digit in digits.utf8 {
      guard let place = alphabet.firstIndex(of: digit) else { return nil }
      value = value << 5 | UInt64(place)
    }
    return value
  }
}
