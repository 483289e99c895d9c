import DurableStore
import Files

/// One caller's transaction on its way through a commit.
final class Ticket: Sendable {
  typealias Outcome = Result<CommitReceipt, TransactionError>

  /// What its thread waits for.
  enum News: Sendable {
    case decided(Outcome)
    /// The thread is to act for all that wait.
    case turn
  }

  private struct State {
    var outcome: Outcome?
    var hasTurn = false
    var file: OpenFile?
  }

  let entry: PendingEntry
  /// The name of its entry, once that is handed in: `wal-<ms>-<8 hex>.json`.
  let name: String
  /// When its writer stops waiting for the lock.
  let deadline: ContinuousClock.Instant
  private let state = Monitor(State())

  init(_ entry: PendingEntry, name: String, deadline: ContinuousClock.Instant) {
    self.entry = entry
    self.name = name
    self.deadline = deadline
  }

  var transaction: Transaction { entry.transaction }

  /// The file of its entry in the write-ahead log; `nil` as long as only this process knows of the
  /// transaction.
  var file: OpenFile? { state.withLock { $0.file } }

  /// Records that the entry is handed in: from now on any process can finish the transaction.
  func handedIn(as file: OpenFile) {
    state.withLock { $0.file = file }
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

  /// Waits for an outcome or a turn; `nil` when the limit has passed.
  func news(within limit: Duration) -> News? {
    state.wait(atMost: limit) { state in
      if let outcome = state.outcome { return .decided(outcome) }
      return state.hasTurn ? .turn : nil
    }
  }
}
