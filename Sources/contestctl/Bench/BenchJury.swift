import Contest
import DurableStore
import Files
import JSON

/// A round that many judges mark: what a measurement of scorecards commits.
struct BenchJury {
  private static let round = "bench"
  private static let maxEntries = 300

  private let store: any Store<Contest>
  private let surroundings = Surroundings.machine
  private let entries: [String]

  /// Opens the round that `make` has made.
  init(_ store: any Store<Contest>) throws {
    self.store = store
    entries = try store.read().state.jury.round(id: Self.round)?.entries ?? []
  }

  /// Makes the round of a store with entries, with so many judges, unless it is there.
  static func make(in store: any Store<Contest>, judges count: Int) throws {
    let contest = try store.read().state
    let judges = try (0..<count).map { index in
      try Judge(stored: ["id": .string(name(index)), "name": .string(name(index))])
    }
    try commit(.jury(.setJudges(judges, replacing: nil)), to: store)
    guard contest.jury.round(id: round) == nil else { return }
    let criteria = ["line", "colour", "idea"].map { name in
      ["id": .string(name), "name": .string(name)] as JSONValue
    }
    let sheet = try Sheet(["id": "bench", "name": "bench", "criteria": .array(criteria)])
    let made = try Round([
      "id": .string(round), "name": "bench", "sheet": "bench", "from": ["category": "sleeve"],
    ])
    try commit(.jury(.setSheets([sheet], replacing: nil)), to: store)
    try commit(.jury(.setRounds([made], replacing: nil)), to: store)
    let entries = contest.entries(in: "sleeve").prefix(maxEntries).map(\.id)
    try commit(.jury(.open(round: round, entries: entries)), to: store)
  }

  /// Commits a card of a judge; each call in turn marks the next entry, and after the last one all again.
  func commitOne(judge: Int, turn: Int) throws {
    let place = Scorecard.Place(
      round: Self.round, judge: Self.name(judge), entry: entries[turn % entries.count])
    let transactionID = "txn-" + surroundings.identifier()
    let mark = JSONValue.int(1 + turn % 10)
    let card = Scorecard(
      place, revision: 1 + turn / entries.count,
      content: Scorecard.Content(
        scores: JSONObject(["line", "colour", "idea"].map { .init(name: $0, value: mark) }),
        state: .final),
      atMilliseconds: surroundings.nowMilliseconds(), clientAt: nil, author: .judge,
      transactionID: transactionID)
    try Self.commit(.scorecard(card), to: store, transactionID)
  }

  private static func name(_ judge: Int) -> String { "judge-\(judge)" }

  private static func commit(
    _ change: Change, to store: any Store<Contest>, _ transactionID: String? = nil
  ) throws {
    let surroundings = Surroundings.machine
    let identifier = surroundings.identifier()
    _ = try store.commit(
      Transaction(
        id: transactionID ?? "txn-" + identifier,
        operation: change.operation(identifier: identifier),
        timestampMilliseconds: surroundings.nowMilliseconds(), dataText: change.dataText))
  }
}
