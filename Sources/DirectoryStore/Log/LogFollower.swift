public import DurableStore
public import Files
import SystemPackage

/// The completed log for those who tell others what was committed: in order, without a lock, and
/// never beyond what the data file holds (I4).
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
    // Without it, on some file systems, one has to look again and again.
    notifier = try? system.watchNames(in: directory.path)
  }

  /// A descriptor that is readable when a file of the directory has another name since `settle`;
  /// see `inotify(7)`; -1 if there is none.
  public var descriptor: Int32 { notifier?.descriptor ?? -1 }

  /// Makes the descriptor wait for the next change.
  public func settle() {
    if let notifier { system.drain(notifier) }
  }

  /// How many transactions everybody may see; `nil` while the data file has to be recovered first.
  public var generation: Int? {
    guard let file = try? system.openToRead(directory.dataFile) else { return nil }
    return (try? DataFile.header(of: file, system))?.generation
  }

  /// The transactions after a sequence, as far as everybody may see them.
  ///
  /// - Parameters:
  ///   - sequence: 0 for all that the log still has.
  ///   - generation: The last that everybody may see.
  /// - Returns: The transactions, in order; the first is not the next one when the log does not
  ///   reach back that far.
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
