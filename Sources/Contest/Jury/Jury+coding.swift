import JSON

/// The jury's members of the data file.
extension Jury {
  /// Takes judges, sheets, rounds and cards out of a data file's members; a list of nothing of the kind is
  /// another program's, and stays.
  ///
  /// - Parameters:
  ///   - foreign: The members; what is left in it is another program's.
  ///   - writtenCards: The cards, newest first, if they were read already.
  /// - Throws: `Refusal.malformed` when a part of a list is of another kind: it was edited, and must not be
  ///   dropped.
  init(takenFrom foreign: inout JSONObject, writtenCards: [Scorecard]) throws(Refusal) {
    judges = try Self.take("judges", from: &foreign) { try? Judge(stored: $0) }
    sheets = try Self.take("sheets", from: &foreign) { try? Sheet($0) }
    rounds = try Self.take("rounds", from: &foreign) { try? Round(stored: $0) }
    let cards = try Self.take("scorecards", from: &foreign) {
      Scorecard(written: $0.serialized[...])
    }
    ledger = ScorecardLedger(writtenCards + cards, rounds)
    // Beside lists that can be read, one that cannot is damaged, and not another program's.
    if !isEmpty, let damaged = Self.names.first(where: { foreign[$0] != nil }) {
      throw .malformed("“\(damaged)” cannot be read.")
    }
  }

  /// The members' names.
  static let names = ["judges", "sheets", "rounds", "scorecards"]

  private static func take<Value>(
    _ name: String, from members: inout JSONObject, _ make: (JSONValue) -> Value?
  ) throws(Refusal) -> [Value] {
    guard let values = members[name]?.array else { return [] }
    let made = values.compactMap(make)
    guard made.count == values.count || made.isEmpty else {
      throw .malformed("“\(name)” has \(values.count - made.count) items that cannot be read.")
    }
    guard made.count == values.count else { return [] }
    members[name] = nil
    return made
  }

  /// The lists that are written as a whole, by the names of their members.
  var lists: [(name: String, values: [JSONValue])] {
    [
      ("judges", judges.map(\.json)), ("sheets", sheets.map(\.json)),
      ("rounds", rounds.map(\.json)),
    ]
  }

  /// Forgets what a rehearsal has left; rounds are being set up again.
  mutating func clear() {
    ledger = ScorecardLedger()
    rounds = rounds.map { round in
      round.with([
        ("entries", []), ("decision", .null), ("reopened", nil), ("call", nil),
      ]).moved(to: .setup)
    }
  }

  /// Forgets an event that was archived: rounds, cards, and the links of the judges, who stay by name.
  mutating func beginAnew() {
    ledger = ScorecardLedger()
    rounds = []
    judges = judges.map { $0.withToken(hash: nil) }
  }
}
