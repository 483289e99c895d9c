import ASCII
import JSON

/// Contestants' numbers: 1, 2, 3 …, given in the transaction that makes an entry public, each only once.
extension Entry {
  /// What counts as a number; a data file that another program wrote may hold any.
  static let numbers = 1..<1_000_000_000

  /// The contestant's number; `nil` while the entry was never public, and for one of an earlier version.
  public var number: Int? {
    // Most texts without a number are told by a search, without looking at their members.
    guard text.index(ofBytes: Array(#""number":"#.utf8)) != nil,
      let number = JSONMembers(scanning: text)?.int("number")
    else { return nil }
    return Self.numbers.contains(number) ? number : nil
  }

  /// Returns the entry with a number, as its last member.
  func numbered(_ number: Int) -> Entry {
    let text = Array(text.dropLast()) + Array(",\"number\":\(number)}".utf8)
    return Entry(written: text[...], in: category) ?? self
  }
}

extension Contest.Section {
  /// The highest number among the entries as this program writes them: those that are inserted have
  /// ascending numbers, and after any other change the contest records the highest.
  var newestNumber: Int {
    entries.lazy.compactMap(\.number).first ?? 0
  }

  /// The highest number among entries in any order.
  var highestNumber: Int {
    entries.lazy.compactMap(\.number).max() ?? 0
  }
}
