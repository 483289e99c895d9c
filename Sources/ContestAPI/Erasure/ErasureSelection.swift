import ASCII
import Contest
import JSON

/// Whose personal data is to be erased.
public enum ErasureSelection: Sendable {
  /// Entries by their identifiers.
  case entries(Set<String>)
  /// Everything that was entered with a telephone number.
  case phone(String)
  /// Everything that was entered before a time, in milliseconds since 1970 UTC.
  case olderThan(milliseconds: Int)

  /// Whether it means an entry that still has something to erase.
  func means(_ entry: Entry, _ scope: ErasureScope) -> Bool {
    let isMeant =
      switch self {
      case .entries(let ids): ids.contains(entry.id)
      case .phone(let number): Self.isSame(number, entry.string("phone") ?? "")
      case .olderThan(let time): entry.createdAtMilliseconds < time
      }
    return isMeant && !entry.isRedacted(scope)
  }

  /// How many digits have to agree at the end of two numbers of which one names the country.
  private static var minDigits: Int { 9 }

  /// Whether two writings are of one number: only the digits count, and whether the country is named does not.
  ///
  /// Each of them may be a sentence with several numbers.
  static func isSame(_ one: String, _ other: String) -> Bool {
    numbers(in: one).contains { one in
      numbers(in: other).contains { other in isSameNumber(one, other) }
    }
  }

  private static func isSameNumber(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    if one == other { return true }
    return min(one.count, other.count) >= minDigits
      && (one.reversed().starts(with: other.reversed())
        || other.reversed().starts(with: one.reversed()))
  }

  /// The numbers of a text, as a whole and between its words, in whatever digits they are written.
  private static func numbers(in text: String) -> [[UInt8]] {
    let plain = String(
      text.replacing("(0)", with: "").map { character in
        character.wholeNumberValue.flatMap { (0...9).contains($0) ? Character(String($0)) : nil }
          ?? character
      })
    return ([plain[...]] + plain.split(whereSeparator: { $0.isLetter || $0 == "," || $0 == ";" }))
      .map(significantDigits).filter { !$0.isEmpty }
  }

  /// The digits without the zeros that precede an area or a country: `0170 12` and `+49 170 12` end alike.
  private static func significantDigits(of text: Substring) -> [UInt8] {
    Array(text.utf8.filter(\.isDigit).drop { $0 == UInt8(ascii: "0") })
  }
}
