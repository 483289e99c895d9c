import CFiles
public import DurableStore
public import Files
import Glibc
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
    let descriptor = unsafe contest_watch_names(directory.path)
    // Without it, on some file systems, one has to look again and again.
    notifier = descriptor >= 0 ? OpenFile(descriptor: descriptor, path: directory.path) : nil
  }

  /// A descriptor that is readable when a file of the directory has another name since `settle`;
  /// see `inotify(7)`; -1 if there is none.
  public var descriptor: Int32 { notifier?.descriptor ?? -1 }

  /// Makes the descriptor wait for the next change.
  public func settle() {
    guard let notifier else { return }
    var events = [UInt8](repeating: 0, count: 4096)
    // It is non-blocking, and what the events say does not matter.
    while unsafe Glibc.read(notifier.descriptor, &events, events.count) > 0 {}
  }

  /// How many transactions everybody may see; `nil` while the data file has to be recovered first.
  public var published: Int? {
    guard let file = try? system.openToRead(directory.dataFile) else { return nil }
    return (try? DataFile.header(of: file, system))?.generation
  }

  /// The transactions after a sequence, as far as everybody may see them.
  ///
  /// - Parameters:
  ///   - sequence: 0 for all that the log still has.
  ///   - published: How many there are.
  /// - Returns: The transactions, in order; the first is not the next one when the log does not
  ///   reach back that far.
  /// - Throws: `TransactionError` when the log cannot be read.
  public func transactions(
    after sequence: Int, published: Int
  ) throws(TransactionError) -> [CompletedTransaction] {
    guard published > sequence else { return [] }
    let log = CompletedLog(directory: directory, system: system)
    return try log.tail(
      after: sequence, of: try log.segments(), expecting: published - sequence
    ).lines.filter { $0.sequence <= published }.map(CompletedTransaction.init)
  }
}
