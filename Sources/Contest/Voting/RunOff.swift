public import JSON

/// A second vote, between entries that have tied: the cards vote again, and only what comes after its beginning counts.
///
/// ```json
/// {"place":1,"entries":["<entry id>"],"after":1793000000000,"excluded":["03F7"],"former":{"places":[…],"ballots":812}}
/// ```
public struct RunOff: Sendable, Equatable {
  /// The place that the entries share.
  public let place: Int
  /// The identifiers of the entries.
  public let entries: [String]
  /// When it was set up, in milliseconds since 1970 UTC: ballots of before are of the vote before.
  public let afterMilliseconds: Int
  /// Whose ballots did not count in the vote before.
  let excluded: Set<String>
  /// The result that it decides about.
  let former: JSONObject

  /// Makes the run-off of a place.
  ///
  /// - Throws: `Refusal.malformed` unless entries share that place.
  init(
    ofPlace place: Int, in former: JSONObject, excluding excluded: Set<String>,
    atMilliseconds now: Int
  ) throws(Refusal) {
    let group = Tally.places(in: former).first { $0["place"]?.int == place }
    let entries = group.map(Tally.entries(of:)) ?? []
    guard entries.count > 1 else { throw .malformed("No entries share place \(place).") }
    (self.place, self.entries, afterMilliseconds) = (place, entries, now)
    (self.excluded, self.former) = (excluded, former)
  }

  /// Reads a run-off of a data file; `nil` when it is none.
  init?(stored value: JSONValue) {
    guard let object = value.object, let place = object["place"]?.int,
      let after = object["after"]?.int, let former = object["former"]?.object
    else { return nil }
    (self.place, entries, afterMilliseconds) = (place, Tally.entries(of: object), after)
    excluded = Set((object["excluded"]?.array ?? []).compactMap(\.string))
    self.former = former
  }

  /// The run-off as the data file has it.
  var json: JSONValue {
    [
      "place": .int(place), "entries": .array(entries.map(JSONValue.string)),
      "after": .int(afterMilliseconds),
      "excluded": .array(excluded.sorted().map(JSONValue.string)), "former": .object(former),
    ]
  }

  /// What everybody may know of it.
  public var publicJSON: JSONValue {
    ["place": .int(place), "entries": .array(entries.map(JSONValue.string))]
  }

  /// The former result, with the place that was shared given to its entries as a second tally says.
  ///
  /// Those with as many votes as each other go on sharing a place. An entry that nobody may see any more has none, and
  /// the next ones move up.
  func result(of tally: Tally, shown: Set<String>) -> JSONObject {
    var number = 1
    let groups = groups(of: tally).compactMap { group -> JSONValue? in
      let entries = Tally.entries(of: group).filter(shown.contains)
      guard !entries.isEmpty else { return nil }
      defer { number += entries.count }
      var group = group
      group["place"] = .int(number)
      group["entries"] = .array(entries.map(JSONValue.string))
      return .object(group)
    }
    var counted = tally.json
    counted["places"] = nil
    var result = former
    result["places"] = .array(groups)
    result["runOff"] = .object(
      JSONObject(
        [
          .init(name: "place", value: .int(place)),
          .init(name: "entries", value: .array(entries.map(JSONValue.string))),
        ] + counted.members))
    return result
  }

  /// The former groups, the shared one in parts.
  private func groups(of tally: Tally) -> [JSONObject] {
    Tally.places(in: former).flatMap { group -> [JSONObject] in
      guard group["place"]?.int == place else { return [group] }
      let without = Set(entries).subtracting(tally.places.flatMap(\.entries)).sorted()
      let parts =
        tally.places.map { ($0.entries, $0.votes) } + (without.isEmpty ? [] : [(without, 0)])
      return parts.map { entries, votes in
        var part = group
        part["entries"] = .array(entries.map(JSONValue.string))
        part["runOffVotes"] = .int(votes)
        return part
      }
    }
  }
}
