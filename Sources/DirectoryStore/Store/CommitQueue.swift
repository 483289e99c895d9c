/// The waiting transactions of one process's threads; one thread acts for all of them.
final class CommitQueue: Sendable {
  private struct Waiting {
    var tickets: [Ticket] = []
    var isActing = false
    /// The ticket whose thread acts next.
    var next: Ticket?
    var isFollowing = false
  }

  private let waiting = Monitor(Waiting())

  /// Waits until a ticket's outcome is decided, by another thread or by acting.
  ///
  /// - Parameters:
  ///   - ticket: A new ticket.
  ///   - limit: How long to wait for its turn, and then for the thread that has taken the ticket.
  ///   - act: Decides the outcomes of all the tickets it is given.
  /// - Returns: The outcome, `nil` when the limit passed first; and whether another thread may have taken
  ///   the ticket.
  func outcome(
    of ticket: Ticket, atMost limit: Duration, act: ([Ticket]) -> Void
  ) -> (outcome: Ticket.Outcome?, wasTaken: Bool) {
    let isFirst = waiting.withLock { waiting in
      waiting.tickets.append(ticket)
      defer { waiting.isActing = true }
      return !waiting.isActing
    }
    if isFirst { return (actAndPassOn(ticket, act), true) }
    switch ticket.news(within: limit) {
    case .decided(let outcome): return (outcome, true)
    case .turn: return (actAndPassOn(ticket, act), true)
    case nil:
      if withdraw(ticket) { return (nil, false) }
      // Another thread has taken it, or its turn has just come.
      switch ticket.news(within: limit) {
      case .decided(let outcome): return (outcome, true)
      case .turn: return (actAndPassOn(ticket, act), true)
      case nil: return (nil, true)
      }
    }
  }

  /// Whether the thread that acts waits for another process, which may take what is handed in now.
  var isFollowing: Bool {
    get { waiting.withLock { $0.isFollowing } }
    set { waiting.withLock { $0.isFollowing = newValue } }
  }

  /// Takes the tickets that have arrived since; for the acting thread.
  func takeMore() -> [Ticket] {
    waiting.withLock { Self.take(&$0) }
  }

  private func actAndPassOn(_ ticket: Ticket, _ act: ([Ticket]) -> Void) -> Ticket.Outcome? {
    act(takeMore())
    let next = waiting.withLock { waiting in
      waiting.isActing = !waiting.tickets.isEmpty
      waiting.next = waiting.tickets.first
      return waiting.next
    }
    next?.giveTurn()
    return ticket.outcome
  }

  /// Takes back a ticket that no other thread has taken and whose turn has not come.
  private func withdraw(_ ticket: Ticket) -> Bool {
    waiting.withLock { waiting in
      guard waiting.next !== ticket,
        let index = waiting.tickets.firstIndex(where: { $0 === ticket })
      else { return false }
      waiting.tickets.remove(at: index)
      return true
    }
  }

  private static func take(_ waiting: inout Waiting) -> [Ticket] {
    defer { (waiting.tickets, waiting.next) = ([], nil) }
    return waiting.tickets
  }
}
