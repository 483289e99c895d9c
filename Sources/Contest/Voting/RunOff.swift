public import JSON

/// A second vote, between entries that have tied: the cards vote again, and only what comes after its beginning counts.
///
/// ```json
/// {"place":1,"entries":["<entry id>"],"after":1793000000000,"former":{"places":[…],"ballots":812}}
/// ```
public struct RunOff: Sendable, Equatable {
  /// The place that the entries share.
  public let place: Int
  /// The identifiers of the entries.
  public let entries: [String]
  /// When it was set up, in milliseconds since 1970 UTC: ballots of before are of the vote before.
  public let afterMilliseconds: Int
  /// The result that it decides about.
  let former: JSONObject

  /// Makes the run-off of a place.
  ///
  /// - Throws: `Refusal.malformed` unless entries share that place.
  init(ofPlace place: Int, in former: JSONObject, atMilliseconds now: Int) throws(Refusal) {
    let group = Self.places(of: former).first { $0["place"]?.int == place }
    let entries = group?["entries"]?.array?.compactMap(\.string) ?? []
    guard entries.count > 1 else { throw .malformed("No entries share place \(place).") }
    (self.place, self.entries, afterMilliseconds, self.former) = (place, entries, now, former)
  }

  /// Reads a run-off of a data file; `nil` when it is none.
  init?(stored value: JSONValue) {
    guard let object = value.object, let place = object["place"]?.int,
      let entries = object["entries"]?.array?.compactMap(\.string),
      let after = object["after"]?.int, let former = object["former"]?.object
    else { return nil }
    (self.place, self.entries, afterMilliseconds, self.former) = (place, entries, after, former)
  }

  /// The run-off as the data file has it.
  var json: JSONValue {
    [
      "place": .int(place), "entries": .array(entries.map(JSONValue.string)),
      "after": .int(afterMilliseconds), "former": .object(former),
    ]
  }

  /// What everybody may know of it.
  public var publicJSON: JSONValue {
    ["place": .int(place), "entries": .array(entries.map(JSONValue.string))]
  }

  /// The former result, with the place that was shared given to its entries as a second tally says; those with as many
  /// votes as each other go on sharing one.
  func result(of tally: Tally) -> JSONObject {
    var result = former
    let decided = groups(of: tally)
    result["places"] = .array(
      Self.places(of: former).flatMap { group -> [JSONValue] in
        guard group["place"]?.int == place else { return [.object(group)] }
        return decided.map { each in
          var split = group
          split["place"] = .int(each.number)
          split["entries"] = .array(each.entries.map(JSONValue.string))
          split["runOffVotes"] = .int(each.votes)
          return .object(split)
        }
      })
    result["runOff"] = [
      "place": .int(place), "entries": .array(entries.map(JSONValue.string)),
      "ballots": .int(tally.ballotCount),
    ]
    return result
  }

  private func groups(of tally: Tally) -> [Tally.Place] {
    var groups = tally.places.map { each in
      Tally.Place(number: place + each.number - 1, entries: each.entries, votes: each.votes)
    }
    let without = Set(entries).subtracting(groups.flatMap(\.entries)).sorted()
    if !without.isEmpty {
      let number = place + groups.reduce(0) { $0 + $1.entries.count }
      groups.append(Tally.Place(number: number, entries: without, votes: 0))
    }
    return groups
  }

  private static func places(of result: JSONObject) -> [JSONObject] {
    (result["places"]?.array ?? []).compactMap(\.object)
  }
}
