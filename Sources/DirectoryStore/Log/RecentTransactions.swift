import DurableStore

/// The identifiers of completed transactions after some generation (I3), in full, not hashed.
struct RecentTransactions {
  private static let maxCount = 20_000

  /// All lines after this one, and up to `end`, are known.
  private(set) var floor = 0
  /// The sequence of the last line that is known.
  private(set) var end = 0
  private var sequences: [String: Int] = [:]

  /// Forgets everything; from here on the lines after `generation` are added.
  mutating func reset(after generation: Int) {
    (floor, end) = (generation, generation)
    sequences = [:]
  }

  /// Adds lines; those that are known already are ignored.
  mutating func add(_ lines: [CompletedLine]) {
    for line in lines where line.sequence > end {
      sequences[line.transaction.id] = line.sequence
      end = line.sequence
    }
    guard sequences.count > Self.maxCount else { return }
    floor = end - Self.maxCount / 2
    sequences = sequences.filter { $0.value > floor }
  }

  /// The sequence of a transaction's line; `nil` if it is not known.
  subscript(id: String) -> Int? { sequences[id] }
}
