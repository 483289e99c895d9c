import DurableStore

/// The identifiers of completed transactions after some generation (I3): whole, not hashed.
struct RecentTransactions {
  private static let maxCount = 20_000

  /// All lines after this one, and up to `end`, are known.
  private(set) var floor = 0
  /// The sequence of the last line that is known.
  private(set) var end = 0
  private var sequences: [String: Int] = [:]

  /// Knows nothing from here on but what is added: the lines after `generation`.
  mutating func reset(after generation: Int) {
    (floor, end) = (generation, generation)
    sequences = [:]
  }

  /// Adds lines; those that are known already change nothing.
  mutating func add(_ lines: [CompletedLine]) {
    for line in lines where line.sequence > end {
      sequences[line.transaction.id] = line.sequence
      end = line.sequence
    }
    guard sequences.count > Self.maxCount else { return }
    floor = end - Self.maxCount / 2
    sequences = sequences.filter { $0.value > floor }
  }

  /// The line of a transaction, among those known.
  subscript(id: String) -> Int? { sequences[id] }
}
