/// The transactions of one process's threads: one thread acts for all that wait.
final class CommitQueue: Sendable {
  private struct Waiting {
    var tickets: [Ticket] = []
    var isActing = false
  }

  private enum Turn {
    case decided(Ticket.Outcome)
    /// The thread is the one that acts, for these.
    case act([Ticket])
  }

  private let waiting = Monitor(Waiting())

  /// Waits until a ticket's outcome is decided, by another thread or by acting.
  ///
  /// - Parameters:
  ///   - ticket: A new ticket.
  ///   - limit: How long it waits for its turn, and then for the thread that has taken it.
  ///   - act: Decides the outcomes of all the tickets it is given.
  /// - Returns: The outcome; `nil` when the limit was over before, with whether anybody has seen
  ///   the ticket.
  func outcome(
    of ticket: Ticket, atMost limit: Duration, act: ([Ticket]) -> Void
  ) -> (outcome: Ticket.Outcome?, wasTaken: Bool) {
    waiting.withLock { $0.tickets.append(ticket) }
    let turn: Turn? = waiting.wait(atMost: limit) { waiting in
      if let outcome = ticket.outcome { return .decided(outcome) }
      guard !waiting.isActing else { return nil }
      waiting.isActing = true
      return .act(Self.take(&waiting))
    }
    switch turn {
    case .decided(let outcome): return (outcome, true)
    case .act(let tickets):
      act(tickets)
      waiting.withLockWakingAll { $0.isActing = false }
      return (ticket.outcome, true)
    case nil:
      if withdraw(ticket) { return (nil, false) }
      return (waiting.wait(atMost: limit) { _ in ticket.outcome }, true)
    }
  }

  /// Takes what has come since; for the thread that acts.
  func takeMore() -> [Ticket] {
    waiting.withLock { Self.take(&$0) }
  }

  private func withdraw(_ ticket: Ticket) -> Bool {
    waiting.withLock { waiting in
      guard let index = waiting.tickets.firstIndex(where: { $0 === ticket }) else { return false }
      waiting.tickets.remove(at: index)
      return true
    }
  }

  private static func take(_ waiting: inout Waiting) -> [Ticket] {
    defer { waiting.tickets = [] }
    return waiting.tickets
  }
}
