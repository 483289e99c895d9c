public import DurableStore
public import Files
import SystemPackage

/// The completed log for programs that publish what was committed: in order, without a lock, and
/// never beyond what the data file includes (I4).
public final class LogFollower: CompletedTransactions {
  private let directory: DataDirectory
  private let system: SystemCalls
  private let notifier: OpenFile?

  /// Begins to watch a data directory, and makes the directories that are missing.
  ///
  /// - Throws: `TransactionError` when a directory cannot be made.
  public init(
    _ directory: DataDirectory, system: SystemCalls = SystemCalls()
  ) throws(TransactionError) {
    self.directory = directory
    self.system = system
    try directory.prepareMissing(system)
    // Some file systems do not support it; the caller then has to poll.
    notifier = try? system.watchNames(in: directory.path)
  }

  /// A descriptor that becomes readable when a file was renamed into the directory since `settle`, see
  /// `inotify(7)`; -1 if there is none.
  public var descriptor: Int32 { notifier?.descriptor ?? -1 }

  /// Drains the descriptor, so that it becomes readable again only with the next change.
  public func settle() {
    if let notifier { system.drain(notifier) }
  }

  /// The number of transactions that every reader may see; `nil` until the data file is recovered.
  public var generation: Int? {
    guard let file = try? system.openToRead(directory.dataFile) else { return nil }
    return (try? DataFile.header(of: file, system))?.generation
  }

  /// Returns the transactions after a sequence, as far as every reader may see them.
  ///
  /// - Parameters:
  ///   - sequence: 0 for all that the log still has.
  ///   - generation: The last one that every reader may see.
  /// - Returns: The transactions, in order. If the log does not reach back far enough, they begin later than
  ///   `sequence` + 1.
  /// - Throws: `TransactionError` when the log cannot be read.
  public func transactions(
    after sequence: Int, upTo generation: Int
  ) throws(TransactionError) -> [CompletedTransaction] {
    guard generation > sequence else { return [] }
    let log = CompletedLog(directory: directory, system: system)
    return try log.tail(
      after: sequence, of: try log.segments(), expecting: generation - sequence
    ).lines.filter { $0.sequence <= generation }.map(CompletedTransaction.init)
  }
}
