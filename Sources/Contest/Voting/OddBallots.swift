public import JSON

/// Ballots of browsers that somebody should look at before anybody sees the tally; never what they say.
public struct OddBallots: Sendable {
  /// What is odd.
  public enum Kind: String, Sendable {
    /// Many browsers of one network have voted for the first time within a minute.
    case crowd
    /// They came sooner after the first look at the list than anybody can read it.
    case hasty
    /// Several of one network in a row name the same entries.
    case alike
  }

  /// Ballots that are odd together.
  public struct Group: Sendable, Equatable {
    /// What is odd about them.
    public let kind: Kind
    /// Their network, as a keyed hash; `nil` if they are of several.
    public let network: String?
    /// When the first of them arrived, in milliseconds since 1970 UTC.
    public let atMilliseconds: Int
    /// Whose they are.
    public let ballots: [String]
  }

  private static let crowd = 30
  private static let hastySeconds = 3
  private static let alike = 5
  private static let millisecondsOfMinute = 60_000

  /// What is odd, the earliest first.
  public let groups: [Group]

  /// Looks through ballots.
  ///
  /// - Parameter ballots: The oldest first; those of cards are never odd.
  public init(_ ballots: [Ballot]) {
    var known: Set<String> = []
    let first = ballots.filter { $0.origin != nil && known.insert($0.voter).inserted }
    let networks = Dictionary(grouping: first) { $0.origin?.network ?? "" }
    let hasty = first.filter { ($0.origin?.seconds ?? .max) < Self.hastySeconds }
    let found =
      networks.flatMap { Self.crowds($1, of: $0) + Self.runs($1, of: $0) }
      + (hasty.isEmpty ? [] : [Self.group(.hasty, hasty)])
    groups = found.sorted {
      ($0.atMilliseconds, $0.kind.rawValue) < ($1.atMilliseconds, $1.kind.rawValue)
    }
  }

  private static func crowds(_ ballots: [Ballot], of network: String) -> [Group] {
    Dictionary(grouping: ballots) { $0.atMilliseconds / millisecondsOfMinute }.values
      .filter { $0.count >= crowd }.map { group(.crowd, $0, of: network) }
  }

  private static func runs(_ ballots: [Ballot], of network: String) -> [Group] {
    var runs: [[Ballot]] = []
    var former: Set<String>?
    for ballot in ballots {
      guard !ballot.isSealed else {
        former = nil
        continue
      }
      let choices = Set(ballot.choices)
      if choices == former {
        runs[runs.endIndex - 1].append(ballot)
      } else {
        runs.append([ballot])
      }
      former = choices
    }
    return runs.filter { $0.count >= alike }.map { group(.alike, $0, of: network) }
  }

  private static func group(_ kind: Kind, _ ballots: [Ballot], of network: String? = nil) -> Group {
    Group(
      kind: kind, network: network, atMilliseconds: ballots.first?.atMilliseconds ?? 0,
      ballots: ballots.map(\.voter))
  }

  /// `[{"kind","network","at","ballots"}]`.
  public var json: JSONValue {
    .array(
      groups.map { group in
        [
          "kind": .string(group.kind.rawValue),
          "network": group.network.map(JSONValue.string) ?? .null,
          "at": .int(group.atMilliseconds),
          "ballots": .array(group.ballots.map(JSONValue.string)),
        ]
      })
  }
}
