import DurableStore
import Files

/// The entries that one leader commits together, in order.
struct Batch<State: DurableState> {
  /// One entry and its outcome.
  struct Entry {
    let name: String
    let pending: PendingEntry
    /// The ticket, if the entry is this process's own.
    let ticket: Ticket?
    /// The entry's file, if it is another process's: locked until the batch is finished, so that
    /// its writer cannot withdraw it.
    var file: OpenFile?
    /// This attempt's mark on the file.
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
  /// Names that only need removal: empty entries, and second names of collected ones.
  var obsolete: [String] = []
  /// The inodes of other processes' entries.
  var inodes: Set<UInt> = []
  /// The public files that the batch changes; `nil` if it may change any.
  var changedFiles: Set<String>? = []

  /// Takes back the marks of this attempt, which failed without ending the process.
  func releaseMarks(_ system: SystemCalls) {
    for entry in entries {
      // This also writes to files that are removed by now, which does no harm.
      if let file = entry.file { try? entry.mark?.takeBack(from: file, system) }
    }
  }
}
