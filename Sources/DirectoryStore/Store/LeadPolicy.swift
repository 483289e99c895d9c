/// Whether a process that has something to commit asks for the lock, or lets others lead.
///
/// It lets others lead when they can do it with less effort, because it would have many lines to read first; and only
/// when one of them has led a moment ago. Leadership so stays in few processes while many commit.
package struct LeadPolicy {
  /// What a process knows when it decides.
  package struct View {
    /// How long ago another process committed for this one.
    let servedAgo: Duration
    /// How many lines this process would have to read first; it costs a system call to know.
    let linesBehind: () -> Int

    package init(servedAgo: Duration, linesBehind: @escaping () -> Int) {
      self.servedAgo = servedAgo
      self.linesBehind = linesBehind
    }

    /// How long it lets others lead without news of them; `nil` if it need not.
    fileprivate var deference: Duration? {
      guard servedAgo < StoreLimits.look, linesBehind() > StoreLimits.farBehind else { return nil }
      return StoreLimits.deference
    }
  }

  private let patienceEnd: ContinuousClock.Instant
  private var deference: Duration?

  /// Begins when a transaction is to be committed.
  package init(_ view: View, now: ContinuousClock.Instant) {
    patienceEnd = now + StoreLimits.patience
    deference = view.deference
  }

  /// Whether to ask for the lock now.
  package var asksForLock: Bool { deference == nil }

  /// How long to wait for news at most before the next turn.
  package var longestWait: Duration { deference ?? StoreLimits.look }

  /// Takes note of a wait: without news of a leader, or when patience is over, it asks for the lock.
  package mutating func wait(
    endedWithNews hasNews: Bool, _ view: @autoclosure () -> View, now: ContinuousClock.Instant
  ) {
    deference = hasNews && now < patienceEnd ? view().deference : nil
  }
}
