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
  /// What its entry is called, as soon as it is handed in: `wal-<ms>-<8 hex>.json`.
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

  /// Where the transaction waits in the write-ahead log; `nil` as long as only this process knows
  /// of it.
  var file: OpenFile? { state.withLock { $0.file } }

  /// Takes note that any process can finish the transaction from now on.
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

  /// Waits for an outcome or a turn; `nil` when the limit is over.
  func news(within limit: Duration) -> News? {
    state.wait(atMost: limit) { state in
      if let outcome = state.outcome { return .decided(outcome) }
      return state.hasTurn ? .turn : nil
    }
  }
}
