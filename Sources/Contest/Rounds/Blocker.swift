public import JSON

/// What stands against deciding a round, unless the organizers give a reason for it.
public struct Blocker: Sendable, Equatable {
  /// What it is.
  public enum Kind: Sendable, Equatable {
    /// A judge has not finished the cards of these entries.
    case missingCards(judge: String, entries: [String])
    /// Fewer judges than the round asks for have marked the entry.
    case tooFewJudges(entry: String, count: Int)
    /// These entries share a place that is awarded.
    case tie(place: Int, entries: [String])
  }

  /// What it is.
  public let kind: Kind
  /// What it is, in a sentence.
  public let sentence: String

  /// Identifies it within the round: `missing:<judge>`, `few:<entry>` or `tie:<place>`.
  public var id: String {
    switch kind {
    case .missingCards(let judge, _): "missing:\(judge)"
    case .tooFewJudges(let entry, _): "few:\(entry)"
    case .tie(let place, _): "tie:\(place)"
    }
  }

  /// `{"id","kind","sentence",…}`.
  public var json: JSONValue {
    var members = JSONObject([.init(name: "id", value: .string(id))])
    switch kind {
    case .missingCards(let judge, let entries):
      members["kind"] = "missing_cards"
      members["judge"] = .string(judge)
      members["entries"] = .array(entries.map(JSONValue.string))
    case .tooFewJudges(let entry, let count):
      members["kind"] = "too_few_judges"
      members["entry"] = .string(entry)
      members["judges"] = .int(count)
    case .tie(let place, let entries):
      members["kind"] = "tie"
      members["place"] = .int(place)
      members["entries"] = .array(entries.map(JSONValue.string))
    }
    members["sentence"] = .string(sentence)
    return .object(members)
  }
}
