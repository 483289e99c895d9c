import DurableStore
import Files

/// The entries that one leader commits together, in order.
struct Batch<State: DurableState> {
  /// One entry with what became of it.
  struct Entry {
    let name: String
    let pending: PendingEntry
    /// Of this process.
    let ticket: Ticket?
    /// Locked for as long as the batch lasts, so that its writer cannot withdraw it; another
    /// process's only.
    var file: OpenFile?
    /// On the file.
    let mark: AttemptMark?
    var outcome: Result<CommitReceipt, TransactionError>?
    var line: CompletedLine?

    /// Whether it has a name in the write-ahead log, or had one.
    var isHandedIn: Bool { ticket == nil || ticket?.file != nil }

    /// Whether its own transaction is in the log.
    var isCommitted: Bool {
      guard case .success(let receipt) = outcome else { return false }
      return !receipt.isReplayed
    }

    var isRejected: Bool { rejection != nil }

    /// Why the rules refuse it, if they do.
    var rejection: Rejection? {
      guard case .failure(let error) = outcome, case .rejected(let rejection) = error.cause else {
        return nil
      }
      return rejection
    }
  }

  var entries: [Entry] = []
  /// Names that need nothing but removal: empty, or completed before.
  var obsolete: [String] = []
  /// The inodes of the entries of other processes.
  var inodes: Set<UInt> = []
  /// The public files that are other ones afterwards; `nil` when any may be.
  var changedFiles: Set<String>? = []

  /// Takes back the count of this attempt, which did not end the process.
  func releaseMarks(_ system: SystemCalls) {
    for entry in entries {
      // A removed file is changed too, which harms nobody.
      if let file = entry.file { try? entry.mark?.takeBack(from: file, system) }
    }
  }
}
