/// One caller's transaction on its way through a commit.
final class Ticket: Sendable {
  typealias Outcome = Result<CommitReceipt, TransactionError>

  /// Where the transaction waits in the write-ahead log.
  struct Publication {
    /// `wal-<ms>-<8 hex>.json`.
    let name: String
    let entry: PendingEntry
    let file: OpenFile
  }

  /// What its thread waits for.
  enum News: Sendable {
    case decided(Outcome)
    /// The thread is to act for all that wait.
    case turn
  }

  private struct State {
    var outcome: Outcome?
    var hasTurn = false
  }

  let transaction: Transaction
  let publication: Publication
  /// When its writer stops waiting for the lock.
  let deadline: ContinuousClock.Instant
  private let state = Monitor(State())

  init(
    _ transaction: Transaction, _ publication: Publication, deadline: ContinuousClock.Instant
  ) {
    self.transaction = transaction
    self.publication = publication
    self.deadline = deadline
  }

  var outcome: Outcome? { state.withLock { $0.outcome } }

  /// Decides the outcome; the first decision stays.
  func resolve(_ outcome: Outcome) {
    state.withLockWakingAll { state in state.outcome = state.outcome ?? outcome }
  }

  /// Makes its thread the one that acts.
  func giveTurn() {
    state.withLockWakingAll { $0.hasTurn = true }
  }

  /// Waits for an outcome or a turn; `nil` when the limit is over.
  func news(within limit: Duration) -> News? {
    state.wait(atMost: limit) { state in
      if let outcome = state.outcome { return .decided(outcome) }
      return state.hasTurn ? .turn : nil
    }
  }
}
