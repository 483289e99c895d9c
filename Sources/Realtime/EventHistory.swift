import DurableStore

/// The latest events, in order; earlier ones are read from the log as far back as it reaches.
struct EventHistory: Sendable {
  /// At least this many stay in memory; a client that has missed more reloads everything.
  static let maxCount = 10_000

  private let follower: any CompletedTransactions
  private let translate: @Sendable (CompletedTransaction) -> LiveEvent?
  /// Ordered by their sequence.
  private var events: [LiveEvent] = []
  /// All events after this sequence are known.
  private(set) var floor: Int
  /// What comes before it is told nobody, however far the log reaches.
  private var wall = 0
  /// All transactions up to this one are known.
  private(set) var end: Int
  /// Whether the data file could be read yet; until then there is nothing to send.
  private(set) var isKnown: Bool

  init(
    _ follower: any CompletedTransactions,
    translate: @escaping @Sendable (CompletedTransaction) -> LiveEvent?
  ) {
    self.follower = follower
    self.translate = translate
    let generation = follower.generation
    isKnown = generation != nil
    end = generation ?? 0
    floor = end
  }

  /// Reads what was committed since the last call.
  ///
  /// - Returns: Whether there is anything new; and when the last of it was committed, in milliseconds
  ///   since 1970 UTC, if that is known.
  /// - Throws: `TransactionError` when the log cannot be read.
  mutating func catchUp() throws(TransactionError) -> (isNew: Bool, committedAt: Int?) {
    guard let generation = follower.generation, generation != end || !isKnown else {
      return (false, nil)
    }
    guard isKnown, generation > end else {
      // The first look, or an older state was put in place by hand: what clients have seen is unknown.
      (events, floor, end, isKnown) = ([], generation, generation, true)
      return (true, nil)
    }
    let transactions = try follower.transactions(after: end, upTo: generation)
    guard transactions.follow(end, upTo: generation) else {
      // The log is damaged: a client that knows only earlier events reloads everything.
      (events, floor, end) = ([], generation, generation)
      return (true, nil)
    }
    events += transactions.compactMap(translate)
    end = generation
    if let last = events.last(where: \.hidesEarlier) { forget(before: last.sequence) }
    if events.count > 2 * Self.maxCount {
      let dropped = events.count - Self.maxCount
      floor = events[dropped - 1].sequence
      events.removeFirst(dropped)
    }
    return (true, transactions.last?.completedAtMilliseconds)
  }

  /// The events after a sequence.
  ///
  /// - Returns: `nil` when they are no longer known, or there are too many.
  mutating func events(after sequence: Int) -> ArraySlice<LiveEvent>? {
    guard sequence <= end else { return nil }
    if sequence < floor, !reachBack(to: sequence) { return nil }
    return events[firstIndex(after: sequence)...]
  }

  /// Forgets the events before a sequence, for good: a client that knows only earlier ones reloads everything.
  private mutating func forget(before sequence: Int) {
    events.removeFirst(firstIndex(after: sequence - 1))
    floor = max(floor, sequence - 1)
    wall = max(wall, floor)
  }

  private func firstIndex(after sequence: Int) -> Int {
    var (low, high) = (events.startIndex, events.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if events[middle].sequence > sequence { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private mutating func reachBack(to sequence: Int) -> Bool {
    guard sequence >= wall, sequence < floor, end - sequence <= Self.maxCount,
      // Events that cannot be read count as unknown: the client reloads everything.
      let transactions = try? follower.transactions(after: sequence, upTo: floor),
      transactions.follow(sequence, upTo: floor)
    else { return false }
    events = transactions.compactMap(translate) + events
    floor = sequence
    return true
  }
}

extension [CompletedTransaction] {
  /// Whether they are exactly the transactions after one sequence and up to another, in order.
  ///
  /// The count is checked before the span is used for anything: the span is only what a file claims.
  fileprivate func follow(_ sequence: Int, upTo end: Int) -> Bool {
    guard count == end - sequence else { return false }
    return enumerated().allSatisfy { $1.sequence == sequence + 1 + $0 }
  }
}
