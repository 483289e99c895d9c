import HashTreeCollections

/// All ballots, and the one of each voter that counts: the newest.
///
/// Copies share structure. The index is built when it is first asked for.
public struct BallotBox: Sendable, Equatable {
  /// What a voter has sent.
  private struct Standing {
    /// The newest ballot.
    var newest: Ballot
    /// How many there are.
    var count: Int
  }

  private typealias Index = TreeDictionary<String, Standing>

  /// Newest first.
  public private(set) var ballots = NewestFirst<Ballot>()
  private var index = LazyIndex<Index>()

  init() {}

  /// Makes a box of ballots, the newest first.
  init(_ ballots: [Ballot]) { self.ballots = NewestFirst(ballots) }

  /// The ballot of a voter that counts; `nil` if there is none.
  public subscript(voter: String) -> Ballot? { standings[voter]?.newest }

  /// How many ballots a voter has sent.
  func count(ofVoter voter: String) -> Int { standings[voter]?.count ?? 0 }

  /// The ballot of each voter that counts, in no particular order.
  public var counting: some Sequence<Ballot> { standings.values.lazy.map(\.newest) }

  /// How many have voted.
  public var voterCount: Int { standings.count }

  mutating func append(_ ballot: Ballot) {
    ballots.prepend(ballot)
    guard var known = index.known else {
      index = LazyIndex()
      return
    }
    Self.add(ballot, to: &known)
    index = LazyIndex(known)
  }

  /// The ballots with what the keys open in clear.
  func opened(with keys: [SealKey]) -> BallotBox {
    keys.isEmpty ? self : BallotBox(ballots.map { $0.opened(with: keys) })
  }

  private var standings: Index {
    index.made {
      var index = Index()
      for ballot in ballots.reversed() { Self.add(ballot, to: &index) }
      return index
    }
  }

  private static func add(_ ballot: Ballot, to index: inout Index) {
    let count = index[ballot.voter]?.count ?? 0
    index[ballot.voter] = Standing(newest: ballot, count: count + 1)
  }

  /// Whether both hold the same ballots.
  public static func == (one: BallotBox, other: BallotBox) -> Bool { one.ballots == other.ballots }
}
