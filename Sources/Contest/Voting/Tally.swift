public import JSON

/// What the ballots say: how many have chosen each entry.
///
/// Each choice of a ballot counts the same. An entry that nobody may see any more falls out of all ballots; the
/// rest of them stands.
public struct Tally: Sendable, Equatable {
  /// The entries of one place: more than one if they have as many votes as each other.
  public struct Place: Sendable, Equatable {
    /// 1 for the first; a tie of two makes the next place come two later.
    public let number: Int
    /// The entries' identifiers, sorted.
    public let entries: [String]
    /// How many have chosen each of them.
    public let votes: Int
  }

  /// The places, the first with the most votes; entries without votes have none.
  public let places: [Place]
  /// How many ballots were counted.
  public let ballotCount: Int
  /// How many were set aside.
  public let setAsideCount: Int
  /// How many were of codes that are void.
  public let voidCount: Int
  /// How many of the counted ones no key has opened: somebody has changed them in the data directory.
  public let unreadableCount: Int

  /// Counts ballots.
  ///
  /// - Parameters:
  ///   - ballots: The newest of each voter.
  ///   - voting: What says which of them count; `nil` if all do.
  ///   - isEligible: Whether an entry may be chosen.
  init(
    _ ballots: some Sequence<Ballot>, _ voting: Voting?, isEligible: (String) -> Bool
  ) {
    var votes: [String: Int] = [:]
    var (counted, aside, void, unreadable) = (0, 0, 0, 0)
    for ballot in ballots {
      if voting?.isSetAside(ballot.voter) == true {
        aside += 1
      } else if voting?.isVoid(ballot.voter) == true {
        void += 1
      } else {
        counted += 1
        unreadable += ballot.isSealed ? 1 : 0
        for choice in ballot.isSealed ? [] : Set(ballot.choices) where isEligible(choice) {
          votes[choice, default: 0] += 1
        }
      }
    }
    (ballotCount, setAsideCount, voidCount, unreadableCount) = (counted, aside, void, unreadable)
    places = Self.places(of: votes)
  }

  private static func places(of votes: [String: Int]) -> [Place] {
    var number = 1
    return Dictionary(grouping: votes.keys) { votes[$0] ?? 0 }.sorted { $0.key > $1.key }
      .map { count, entries in
        defer { number += entries.count }
        return Place(number: number, entries: entries.sorted(), votes: count)
      }
  }

  /// The places of a result, as `json` writes them.
  static func places(in result: JSONObject) -> [JSONObject] {
    (result["places"]?.array ?? []).compactMap(\.object)
  }

  /// The identifiers of the entries that have a place in a result.
  static func entries(in result: JSONObject) -> Set<String> {
    Set(places(in: result).flatMap(entries(of:)))
  }

  /// The identifiers of the entries of a place, as `json` writes it.
  static func entries(of place: JSONObject) -> [String] {
    (place["entries"]?.array ?? []).compactMap(\.string)
  }

  /// `{"places":[{"place","entries":[ids],"votes"}],"ballots","setAside","void"}`.
  public var json: JSONObject {
    var json = JSONObject([
      .init(
        name: "places",
        value: .array(
          places.map { place in
            [
              "place": .int(place.number), "votes": .int(place.votes),
              "entries": .array(place.entries.map(JSONValue.string)),
            ]
          })),
      .init(name: "ballots", value: .int(ballotCount)),
      .init(name: "setAside", value: .int(setAsideCount)),
      .init(name: "void", value: .int(voidCount)),
    ])
    json["unreadable"] = unreadableCount > 0 ? .int(unreadableCount) : nil
    return json
  }
}
