import JSON

/// Contestants' numbers: 1, 2, 3 …, given in the transaction that makes an entry public, each only once.
extension Entry {
  /// What counts as a number; a data file that another program wrote may hold any.
  static let numbers = 1..<1_000_000_000

  /// The contestant's number; `nil` while the entry was never public, and for one of an earlier version.
  public var number: Int? {
    guard let number = JSONMembers(scanning: text)?.int("number"), Self.numbers.contains(number)
    else { return nil }
    return number
  }

  /// Returns the entry with a number, as its last member.
  func numbered(_ number: Int) -> Entry {
    let text = Array(text.dropLast()) + Array(",\"number\":\(number)}".utf8)
    return Entry(written: text[...], in: category) ?? self
  }
}

extension Contest.Section {
  /// The highest number among the entries inserted since the contest recorded the highest.
  ///
  /// That is the newest public entry's. One without a number is of an earlier version, and so are those
  /// behind it.
  var newestNumber: Int {
    entries.first(where: \.isShown)?.number ?? 0
  }

  /// The highest number among entries in any order.
  var highestNumber: Int {
    entries.lazy.compactMap(\.number).max() ?? 0
  }
}
