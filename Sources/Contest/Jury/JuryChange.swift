public import JSON

/// A change to judges, sheets and rounds; cards are a change of their own.
public enum JuryChange: Sendable, Equatable {
  /// Replaces the list; the hashes of the judges' tokens stay.
  case setJudges([Judge], replacing: ListMark?)
  /// Gives a judge another secret: the former one opens nothing any more.
  case linkJudge(id: String, tokenHash: String)
  /// Replaces the list.
  case setSheets([Sheet], replacing: ListMark?)
  /// Replaces the list; the rounds stay in the states that they are in.
  case setRounds([Round], replacing: ListMark?)
  /// Opens a round with these entries.
  case open(round: String, entries: [String])
  /// Ends the marking of a round.
  case lock(round: String)
  /// Opens a locked or decided round again.
  case reopen(round: String, reason: String, atMilliseconds: Int)
  /// Decides a round whose result has a mark; the winners become the draft of the category.
  case decide(
    round: String, decision: JSONObject, winners: WinnerList?, replacing: ListMark? = nil)
  /// Calls somebody to the stage, as the rounds are.
  case call(round: String, Call, shown: JSONObject, replacing: ListMark? = nil)

  /// The operation's name in the write-ahead log.
  func operation(identifier: String) -> String {
    switch self {
    case .setJudges: "judges-update-\(identifier)"
    case .linkJudge(let id, _): "judge-link-\(id)"
    case .setSheets: "sheets-update-\(identifier)"
    case .setRounds: "rounds-update-\(identifier)"
    case .open(let round, _): "round-open-\(round)"
    case .lock(let round): "round-lock-\(round)"
    case .reopen(let round, _, _): "round-reopen-\(round)"
    case .decide(let round, _, _, _): "round-decide-\(round)"
    case .call(let round, _, _, _): "call-\(round)"
    }
  }

  /// The change as it is written to the write-ahead log: the first member says what it is.
  var data: JSONObject {
    switch self {
    case .setJudges(let judges, let mark): Self.list("judges", judges.map(\.json), replacing: mark)
    case .linkJudge(let id, let hash):
      JSONObject([
        .init(name: "linkedJudge", value: .string(id)),
        .init(name: "tokenHash", value: .string(hash)),
      ])
    case .setSheets(let sheets, let mark): Self.list("sheets", sheets.map(\.json), replacing: mark)
    case .setRounds(let rounds, let mark): Self.list("rounds", rounds.map(\.json), replacing: mark)
    case .open(let round, let entries):
      Self.round("openedRound", round, with: [("entries", .array(entries.map(JSONValue.string)))])
    case .lock(let round): Self.round("lockedRound", round, with: [])
    case .reopen(let round, let reason, let at):
      Self.round("reopenedRound", round, with: [("reason", .string(reason)), ("at", .int(at))])
    case .decide(let round, let decision, let winners, let mark):
      Self.round(
        "decidedRound", round,
        with: [
          ("decision", .object(decision)), ("winners", winners.map { Change.json([$0]) } ?? .null),
        ]
          + (mark.map { [("replacing", .string($0.text))] } ?? []))
    case .call(let round, let call, let shown, let mark):
      Self.round(
        "calledRound", round,
        with: [("call", call.json), ("shown", .object(shown))]
          + (mark.map { [("replacing", .string($0.text))] } ?? []))
    }
  }

  private static func list(
    _ name: String, _ values: [JSONValue], replacing mark: ListMark?
  ) -> JSONObject {
    var data = JSONObject([.init(name: name, value: .array(values))])
    data["replacing"] = mark.map { .string($0.text) }
    return data
  }

  private static func round(
    _ name: String, _ round: String, with members: [(String, JSONValue)]
  ) -> JSONObject {
    JSONObject(
      [.init(name: name, value: .string(round))] + members.map { .init(name: $0.0, value: $0.1) })
  }

  /// Reads a change from the write-ahead log; `nil` when it is none of these.
  ///
  /// - Throws: `Refusal.malformed` when it is one, and incomplete.
  init?(data: JSONObject) throws(Refusal) {
    guard let first = data.members.first else { return nil }
    let mark = (data["replacing"]?.string).map(ListMark.init(text:))
    switch first.name {
    case "judges":
      self = .setJudges(
        try Self.values(first) { value throws(Refusal) in try Judge(stored: value) },
        replacing: mark)
    case "sheets":
      self = .setSheets(
        try Self.values(first) { value throws(Refusal) in try Sheet(value) }, replacing: mark)
    case "rounds":
      self = .setRounds(
        try Self.values(first) { value throws(Refusal) in try Round(stored: value) },
        replacing: mark)
    case "linkedJudge":
      self = .linkJudge(
        id: try Self.text(first.value), tokenHash: try Self.text(data["tokenHash"]))
    default:
      guard let change = try Self.ofRound(first, data) else { return nil }
      self = change
    }
  }

  private static func ofRound(
    _ first: JSONObject.Member, _ data: JSONObject
  ) throws(Refusal) -> JuryChange? {
    switch first.name {
    case "openedRound":
      return .open(
        round: try text(first.value),
        entries: data["entries"]?.array?.compactMap(\.string) ?? [])
    case "lockedRound": return .lock(round: try text(first.value))
    case "reopenedRound":
      return .reopen(
        round: try text(first.value), reason: try text(data["reason"]),
        atMilliseconds: data["at"]?.int ?? 0)
    case "decidedRound":
      let winners = try data["winners"]?.object.map { object throws(Refusal) in
        try Change.winnerLists(object, known: Set(object.members.map(\.name)))
      }
      return .decide(
        round: try text(first.value), decision: data["decision"]?.object ?? JSONObject(),
        winners: winners?.first, replacing: (data["replacing"]?.string).map(ListMark.init(text:)))
    case "calledRound":
      return .call(
        round: try text(first.value), Call(data["call"]),
        shown: data["shown"]?.object ?? JSONObject(),
        replacing: (data["replacing"]?.string).map(ListMark.init(text:)))
    default: return nil
    }
  }

  private static func values<Value>(
    _ member: JSONObject.Member, _ make: (JSONValue) throws(Refusal) -> Value
  ) throws(Refusal) -> [Value] {
    guard let values = member.value.array else {
      throw .malformed("“\(member.name)” is not a list.")
    }
    var made: [Value] = []
    for value in values { made.append(try make(value)) }
    return made
  }

  private static func text(_ value: JSONValue?) throws(Refusal) -> String {
    guard let text = value?.string else { throw .malformed("The change is incomplete.") }
    return text
  }
}
