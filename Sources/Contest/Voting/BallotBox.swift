import HashTreeCollections
import Synchronization

/// All ballots, and the one of each voter that counts: the newest.
///
/// Copies share structure. The index is built when it is first asked for.
public struct BallotBox: Sendable, Equatable {
  private typealias Index = TreeDictionary<String, Ballot>

  private final class LazyIndex: Sendable {
    private let index: Mutex<Index?>

    init(_ index: Index? = nil) { self.index = Mutex(index) }

    var known: Index? { index.withLock { $0 } }

    func made(_ make: () -> Index) -> Index {
      index.withLock { index in
        if let index { return index }
        let made = make()
        index = made
        return made
      }
    }
  }

  /// Newest first.
  public private(set) var ballots = NewestFirst<Ballot>()
  private var index = LazyIndex()

  init() {}

  /// Makes a box of ballots, the newest first.
  init(_ ballots: [Ballot]) { self.ballots = NewestFirst(ballots) }

  /// The ballot of a voter that counts; `nil` if there is none.
  public subscript(voter: String) -> Ballot? { newest[voter] }

  /// The ballot of each voter that counts, in no particular order.
  public var counting: some Sequence<Ballot> { newest.values }

  /// How many have voted.
  public var voterCount: Int { newest.count }

  mutating func append(_ ballot: Ballot) {
    ballots.prepend(ballot)
    guard var known = index.known else {
      index = LazyIndex()
      return
    }
    known[ballot.voter] = ballot
    index = LazyIndex(known)
  }

  private var newest: Index {
    index.made {
      var index = Index()
      for ballot in ballots.reversed() { index[ballot.voter] = ballot }
      return index
    }
  }

  /// Whether both hold the same ballots.
  public static func == (one: BallotBox, other: BallotBox) -> Bool { one.ballots == other.ballots }
}
