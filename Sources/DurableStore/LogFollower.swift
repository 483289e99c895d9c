import CDurableStore
import Glibc
import SystemPackage

/// The completed log for those who tell others what was committed: in order, without a lock, and
/// never beyond what the data file holds (I4).
public final class LogFollower: Sendable {
  private static let maxAttempts = 100

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

  /// How many transactions everybody may see; `nil` while that is the next leader's business.
  public var published: Int? {
    guard let file = openedDataFile(),
      var text = try? system.read(file, count: 4096)
    else { return nil }
    if !text.contains(0x0A) {
      guard let whole = try? system.read(file, count: DataFile.maxHeaderBytes) else { return nil }
      text = whole
    }
    return DataFile.header(of: text)?.generation
  }

  /// Opens the data file; a leader holds a lease on it for a moment after it has put it there, and
  /// that is when one is told of it (see `fcntl(2)`, F_SETLEASE).
  private func openedDataFile() -> OpenFile? {
    for _ in 0..<Self.maxAttempts {
      do throws(Errno) {
        return try system.open(directory.dataFile, O_RDONLY | O_NONBLOCK)
      } catch .resourceTemporarilyUnavailable {
        contest_pause(StoreLimits.gathering.nanoseconds)
      } catch {
        return nil
      }
    }
    return nil
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
