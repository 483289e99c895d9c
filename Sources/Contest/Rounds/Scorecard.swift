import ASCII
public import JSON

/// What a judge thinks of an entry, at one time; a later revision counts instead of it.
///
/// ```json
/// {"round":"…","judge":"…","entry":"…","revision":1,"scores":{"technique":8},"state":"final","reason":"",
///  "at":1793000000000,"clientAt":1793000000000,"by":"judge","late":false,"transactionId":"txn-…"}
/// ```
///
/// It is immutable, and kept as its JSON text as an `Entry` is.
public struct Scorecard: Sendable, Equatable {
  /// How far the judge is.
  public enum State: String, Sendable {
    /// Marks may be missing, or change.
    case draft
    /// All marks are given.
    case final
    /// The judge does not mark the entry, because of who made it or who wears it.
    case recused
    /// The contestant was not there.
    case absent
  }

  /// Who wrote it down.
  public enum Author: String, Sendable {
    case judge
    /// An organizer, from a sheet of paper.
    case organizer
  }

  /// Which entry is marked, by whom, in which round.
  public struct Place: Sendable, Hashable {
    /// The round's identifier.
    public let round: String
    /// The judge's identifier.
    public let judge: String
    /// The entry's identifier.
    public let entry: String

    /// Makes a place.
    public init(round: String, judge: String, entry: String) {
      (self.round, self.judge, self.entry) = (round, judge, entry)
    }
  }

  /// What is written on it.
  public struct Content: Sendable, Equatable {
    /// The marks by criterion.
    public let scores: JSONObject
    /// How far the judge is.
    public let state: State
    /// Why, where that has to be said; else empty.
    public let reason: String

    /// Makes a content.
    public init(scores: JSONObject = JSONObject(), state: State, reason: String = "") {
      (self.scores, self.state, self.reason) = (scores, state, reason)
    }
  }

  /// The card as compact JSON, a line.
  public let text: ArraySlice<UInt8>
  /// Which entry it marks, by whom, in which round.
  public let place: Place

  /// Makes a card.
  ///
  /// - Parameters:
  ///   - place: What it marks.
  ///   - revision: Its number: 1 for the first.
  ///   - content: What is written on it.
  ///   - atMilliseconds: When it arrived.
  ///   - clientAt: When it was written by the clock of the phone, if that is known.
  ///   - author: Who wrote it down.
  ///   - key: The client's key for this revision, if it gave one.
  ///   - transactionID: The transaction that keeps it.
  public init(
    _ place: Place, revision: Int, content: Content, atMilliseconds: Int, clientAt: Int?,
    author: Author, key: String? = nil, transactionID: String
  ) {
    var object = JSONObject([
      .init(name: "round", value: .string(place.round)),
      .init(name: "judge", value: .string(place.judge)),
      .init(name: "entry", value: .string(place.entry)),
      .init(name: "revision", value: .int(revision)),
      .init(name: "scores", value: .object(content.scores)),
      .init(name: "state", value: .string(content.state.rawValue)),
      .init(name: "reason", value: .string(content.reason)),
      .init(name: "at", value: .int(atMilliseconds)),
      .init(name: "clientAt", value: clientAt.map { .int($0) } ?? .null),
      .init(name: "by", value: .string(author.rawValue)), .init(name: "late", value: false),
      .init(name: "transactionId", value: .string(transactionID)),
    ])
    object["key"] = key.map(JSONValue.string)
    (self.place, text) = (place, JSONValue.object(object).serialized[...])
  }

  /// Takes the compact text of a card as written earlier; `nil` when it says not what it marks.
  public init?(written text: ArraySlice<UInt8>) {
    guard let members = JSONMembers(scanning: text), let round = members.string("round"),
      let judge = members.string("judge"), let entry = members.string("entry")
    else { return nil }
    self.text = text
    place = Place(round: round, judge: judge, entry: entry)
  }

  /// Its number: a later one counts instead of it.
  public var revision: Int { JSONMembers(scanning: text)?.int("revision") ?? 0 }
  /// How far the judge is.
  public var state: State { (string("state")).flatMap(State.init) ?? .draft }
  /// Who wrote it down.
  public var author: Author { (string("by")).flatMap(Author.init) ?? .judge }
  /// Whether it arrived when the round was locked.
  public var isLate: Bool {
    JSONMembers(scanning: text)?["late"]?.elementsEqual("true".utf8) == true
  }
  /// The transaction that keeps it.
  public var transactionID: String { string("transactionId") ?? "" }
  /// The client's key for this revision.
  public var key: String? { string("key") }
  /// What is written on it.
  public var content: Content {
    Content(
      scores: json.object?["scores"]?.object ?? JSONObject(), state: state,
      reason: string("reason") ?? "")
  }

  /// The card with all its members.
  public var json: JSONValue {
    // The text was serialized from a value, so it parses.
    (try? JSONValue(parsing: Array(text))) ?? .null
  }

  /// Returns the card as one that arrived when the round was locked.
  func late() -> Scorecard {
    var object = json.object ?? JSONObject()
    object["late"] = true
    return Scorecard(written: JSONValue.object(object).serialized[...]) ?? self
  }

  private func string(_ name: String) -> String? { JSONMembers(scanning: text)?.string(name) }
}
