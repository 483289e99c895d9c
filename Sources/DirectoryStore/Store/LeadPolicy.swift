/// Decides whether a process that has something to commit asks for the lock or lets others lead.
///
/// It lets others lead if it would have many lines to read first, so that they can do it with less effort,
/// and if one of them has led a moment ago. Leadership thus stays with few processes while many commit.
/// `DirectoryStore.leadOrFollow` asks it, then tries the lock or hands its entries in (`follow`).
package struct LeadPolicy {
  /// What a process knows when it decides.
  package struct View {
    /// How long ago another process committed for this one.
    let servedAgo: Duration
    /// How many lines this process would have to read first; finding out costs a system call.
    let linesBehind: () -> Int

    package init(servedAgo: Duration, linesBehind: @escaping () -> Int) {
      self.servedAgo = servedAgo
      self.linesBehind = linesBehind
    }

    /// How long it lets others lead without news of them; `nil` if it asks for the lock itself.
    fileprivate var deference: Duration? {
      guard servedAgo < StoreLimits.look, linesBehind() > StoreLimits.farBehind else { return nil }
      return StoreLimits.deference
    }
  }

  private let patienceEnd: ContinuousClock.Instant
  private var deference: Duration?

  /// Makes a policy for transactions whose commit begins now.
  package init(_ view: View, now: ContinuousClock.Instant) {
    patienceEnd = now + StoreLimits.patience
    deference = view.deference
  }

  /// Whether to ask for the lock now.
  package var asksForLock: Bool { deference == nil }

  /// How long to wait for news at most before the next turn.
  package var longestWait: Duration { deference ?? StoreLimits.look }

  /// Records a wait: without news of a leader, or when patience has run out, the process asks for the lock.
  package mutating func wait(
    endedWithNews hasNews: Bool, _ view: @autoclosure () -> View, now: ContinuousClock.Instant
  ) {
    deference = hasNews && now < patienceEnd ? view().deference : nil
  }
}
