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
  static func isSame(_ one: String, _ other: String) -> Bool {
    let (one, other) = (significantDigits(of: one), significantDigits(of: other))
    if one == other { return !one.isEmpty }
    return min(one.count, other.count) >= minDigits
      && (one.reversed().starts(with: other.reversed())
        || other.reversed().starts(with: one.reversed()))
  }

  /// The digits without the zeros that precede an area or a country, also as `(0)` between the two: `0170 12`,
  /// `+49 170 12` and `+49 (0)170 12` end alike.
  private static func significantDigits(of text: String) -> [UInt8] {
    Array(
      text.replacing("(0)", with: "").utf8.filter(\.isDigit).drop { $0 == UInt8(ascii: "0") })
  }
}
