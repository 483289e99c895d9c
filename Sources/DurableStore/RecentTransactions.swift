/// The identifiers of completed transactions after some generation (I3): whole, not hashed.
struct RecentTransactions {
  private static let maxCount = 20_000

  /// All lines after this one are known.
  private(set) var floor = Int.max
  private var sequences: [String: Int] = [:]

  /// Knows nothing from here on but what is added: the lines after `generation`.
  mutating func reset(after generation: Int) {
    floor = generation
    sequences = [:]
  }

  /// Adds the lines that follow those known.
  mutating func add(_ lines: [CompletedLine]) {
    for line in lines { sequences[line.transaction.id] = line.sequence }
    guard sequences.count > Self.maxCount else { return }
    let newest = sequences.values.max() ?? 0
    floor = newest - Self.maxCount / 2
    sequences = sequences.filter { $0.value > floor }
  }

  /// The line of a transaction, among those known.
  subscript(id: String) -> Int? { sequences[id] }
}
