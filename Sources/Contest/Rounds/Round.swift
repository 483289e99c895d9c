public import JSON
public import Judging

/// Entries that a panel of judges marks with one sheet.
///
/// ```json
/// {"id":"sleeve-1","name":"Sleeve","sheet":"tattoo","from":{"category":"sleeve"},"entries":["…"],
///  "state":"open","method":"headToHead","minJudges":3,"decision":null}
/// ```
///
/// `from` of a later round is `{"winnersOf":["sleeve","best"],"take":1,"extra":["<entry id>"]}`. Further
/// members: `award`, the category whose winners a decision writes; `feedback`; `tieOf`, the round whose tie this one
/// breaks; `reopened`; `call`.
public struct Round: Sendable, Equatable {
  /// How many rounds there may be.
  public static let maxCount = 500
  /// How many entries a round may have.
  public static let maxEntries = 1000

  /// How far a round is.
  public enum State: String, Sendable {
    /// Being prepared: no judge sees it.
    case setup
    case open
    /// Cards that arrive are kept, and do not count.
    case locked
    case decided
  }

  /// Where a round's entries come from.
  public enum Source: Sendable, Equatable {
    /// The public entries of a category.
    case category(String)
    /// The first published winners of some categories, and some entries more.
    case winners(of: [String], take: Int?, extra: [String])
  }

  /// 1 to 64 of `A-Za-z0-9_-`.
  public let id: String
  /// What people read, 1 to 100 characters.
  public let name: String
  /// The sheet's identifier.
  public let sheet: String
  /// Where its entries come from.
  public let source: Source
  /// The entries' identifiers, in the order in which they are called.
  public let entries: [String]
  /// How far it is.
  public let state: State
  /// How places are made of marks.
  public let method: Method
  /// How many judges an entry needs.
  public let minJudges: Int
  private let object: JSONObject

  /// Reads a round of a data file.
  ///
  /// - Throws: `Refusal.malformed` when what it cannot be without is missing.
  public init(stored value: JSONValue) throws(Refusal) {
    guard let object = value.object, let id = object["id"]?.string,
      let name = object["name"]?.string, let sheet = object["sheet"]?.string,
      let source = Source(object["from"]), let state = object["state"]?.string.flatMap(State.init)
    else { throw .malformed("A round has no id, name, sheet, from or state.") }
    (self.id, self.name, self.sheet, self.source) = (id, name, sheet, source)
    (self.state, self.object) = (state, object)
    entries = object["entries"]?.array?.compactMap(\.string) ?? []
    method = object["method"]?.string.flatMap(Method.init) ?? .headToHead
    minJudges = object["minJudges"]?.int ?? 1
  }

  /// Reads a round as an administrator sends it; it is in setup.
  ///
  /// - Throws: `Refusal.malformed` with what is wrong.
  public init(_ value: JSONValue) throws(Refusal) {
    let form = ObjectForm(value, of: "round")
    var object = JSONObject([
      .init(name: "id", value: .string(try form.identifier())),
      .init(name: "name", value: .string(try form.text("name", 1...100))),
    ])
    guard let sheet = form["sheet"]?.string else {
      throw .malformed("A round needs the id of a sheet.")
    }
    object["sheet"] = .string(sheet)
    guard let source = Source(form["from"]), source.isSensible else {
      throw .malformed(
        "A round's from is {\"category\":\"<id>\"} or {\"winnersOf\":[category ids],\"take\":2,"
          + "\"extra\":[entry ids]}.")
    }
    object["from"] = form["from"]
    let entries = try form.identifiers("entries", maxCount: Self.maxEntries) ?? []
    object["entries"] = .array(entries.map(JSONValue.string))
    object["state"] = .string(State.setup.rawValue)
    let method = form["method"] == nil ? "headToHead" : form["method"]?.string
    guard let method, Method(rawValue: method) != nil else {
      throw .malformed("A round's method is headToHead, trimmed or mean.")
    }
    object["method"] = .string(method)
    object["minJudges"] = .int(try form.number("minJudges", 1...Judge.maxCount, usual: 1))
    object["decision"] = .null
    if try form.flag("feedback") { object["feedback"] = true }
    for name in ["award", "tieOf"] {
      guard let value = form[name] else { continue }
      guard let id = value.string, Category.isIdentifier(id) else {
        throw .malformed("A round's \(name) is an id.")
      }
      object[name] = .string(id)
    }
    try self.init(stored: .object(object))
  }

  /// The round as the data file has it.
  public var json: JSONValue { .object(object) }

  /// The categories that its entries come from.
  public var categories: [String] {
    switch source {
    case .category(let category): [category]
    case .winners(let categories, _, _): categories
    }
  }

  /// The category whose winners a decision writes; `nil` for a tie round, which only breaks the tie.
  public var award: String? {
    guard tieOf == nil else { return nil }
    if let award = object["award"]?.string { return award }
    guard case .category(let category) = source else { return id }
    return category
  }

  /// The round whose tie this one breaks.
  public var tieOf: String? { object["tieOf"]?.string }
  /// Whether entrants learn the medians of their marks once the winners are published.
  public var givesFeedback: Bool { object["feedback"] == true }
  /// What the organizers have decided: `{"at","places":[[entry ids]],"reasons":{…},"order":[entry ids]}`.
  public var decision: JSONObject? { object["decision"]?.object }
  /// The places that were decided, as groups of entry identifiers.
  public var decidedPlaces: [[String]] {
    (decision?["places"]?.array ?? []).map { ($0.array ?? []).compactMap(\.string) }
  }
  /// How many cards there were when it was last opened again: late ones among them count.
  var cardsWhenReopened: Int {
    (object["reopened"]?.array ?? []).last?.object?["cards"]?.int ?? 0
  }
  /// Who is on the stage.
  public var call: Call { Call(object["call"]) }

  /// Returns the round with some members changed; `nil` takes one away.
  func with(_ members: [(name: String, value: JSONValue?)]) -> Round {
    var object = object
    for (name, value) in members { object[name] = value }
    // None of the members that are changed here could make it unreadable.
    return (try? Round(stored: .object(object))) ?? self
  }

  /// Returns the round in another state.
  func moved(to state: State) -> Round { with([("state", .string(state.rawValue))]) }

  /// Returns the round open again, with the reason for it.
  func reopened(_ reason: String, atMilliseconds: Int, cardCount: Int) -> Round {
    let reopening: JSONValue = [
      "at": .int(atMilliseconds), "reason": .string(reason), "cards": .int(cardCount),
      "decision": object["decision"] ?? .null,
    ]
    return with([
      ("reopened", .array((object["reopened"]?.array ?? []) + [reopening])), ("decision", .null),
    ]).moved(to: .open)
  }

  /// Returns an administrator's version of the round in the state that this one is in.
  ///
  /// - Throws: `Refusal.roundState` when what judges have seen would become something else.
  func changed(to other: Round, isMarked: (String) -> Bool) throws(Refusal) -> Round {
    let isSame =
      other.sheet == sheet && other.source == source && other.method == method
      && other.object["tieOf"] == object["tieOf"]
    switch state {
    case .setup: break
    case .open:
      let gone = entries.filter { !other.entries.contains($0) }
      guard isSame, !gone.contains(where: isMarked) else { throw .roundState(state) }
    case .locked, .decided:
      guard isSame, other.entries == entries,
        state == .locked || other.minJudges == minJudges && other.award == award
      else { throw .roundState(state) }
    }
    let kept = ["state", "decision", "reopened", "call"].map { ($0, object[$0]) }
    return other.with(kept)
  }
}

extension Round.Source {
  /// Reads a round's `from`.
  init?(_ value: JSONValue?) {
    guard let object = value?.object else { return nil }
    if let category = object["category"]?.string {
      self = .category(category)
    } else if let categories = object["winnersOf"]?.array?.map(\.string), !categories.contains(nil)
    {
      let extra = object["extra"]?.array?.map(\.string) ?? []
      guard !extra.contains(nil) else { return nil }
      self = .winners(
        of: categories.compactMap(\.self), take: object["take"]?.int,
        extra: extra.compactMap(\.self))
    } else {
      return nil
    }
  }

  fileprivate var isSensible: Bool {
    switch self {
    case .category: true
    case .winners(let categories, let take, let extra):
      (1...Category.maxCount).contains(categories.count)
        && (take.map { (1...100).contains($0) } ?? true)
        && extra.count <= Round.maxEntries
    }
  }
}
