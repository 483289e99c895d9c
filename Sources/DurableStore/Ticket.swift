import Synchronization

/// One caller's transaction on its way through a commit.
final class Ticket: Sendable {
  typealias Outcome = Result<CommitReceipt, TransactionError>

  let transaction: Transaction
  /// When its writer stops waiting for the lock.
  let deadline: ContinuousClock.Instant
  private let state = Mutex<(entry: Publication?, outcome: Outcome?)>((nil, nil))

  /// Where the transaction waits in the write-ahead log.
  struct Publication {
    /// `wal-<ms>-<8 hex>.json`.
    let name: String
    let entry: PendingEntry
  }

  init(_ transaction: Transaction, deadline: ContinuousClock.Instant) {
    self.transaction = transaction
    self.deadline = deadline
  }

  var publication: Publication? {
    get { state.withLock { $0.entry } }
    set { state.withLock { $0.entry = newValue } }
  }

  var outcome: Outcome? { state.withLock { $0.outcome } }

  /// Decides the outcome; the first decision stays.
  func resolve(_ outcome: Outcome) {
    state.withLock { state in state.outcome = state.outcome ?? outcome }
  }
}
