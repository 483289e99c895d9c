import DurableStore
import Files

/// A process's copy of the data file, shared by its threads.
final class VersionCache<State: DurableState>: Sendable {
  /// A version with the identity of the file that holds it (I7).
  struct Entry: Sendable {
    let version: Version<State>
    let status: FileStatus

    func matches(_ status: FileStatus) -> Bool {
      self.status.isUnchanged(since: status)
        && GenerationStamp(of: status) == GenerationStamp(version.generation)
    }
  }

  private let entry = Monitor<Entry?>(nil)
  /// Held by the thread that reads the data file, or replaces it.
  private let reader = Monitor(())

  var current: Entry? { entry.withLock { $0 } }

  /// Runs a closure that reads the data file, while no other thread of this process does.
  func reading<Result>(
    _ body: () throws(TransactionError) -> Result
  ) throws(TransactionError) -> Result {
    try reader.withLock { _ throws(TransactionError) in try body() }
  }

  /// Runs a closure that replaces the data file, while no other thread of this process reads it if that is
  /// possible without waiting (I6): those that see the new file then need not read it.
  func replacing(
    _ body: () throws(TransactionError) -> Void
  ) throws(TransactionError) {
    let isDone: Void? = try reader.withLockIfAvailable { _ throws(TransactionError) in try body() }
    if isDone == nil { try body() }
  }

  /// Keeps a version, unless a later one is there already.
  func store(_ version: Version<State>, _ status: FileStatus) {
    entry.withLock { entry in
      if let kept = entry, kept.version.generation > version.generation { return }
      entry = Entry(version: version, status: status)
    }
  }

  /// Keeps what the holder of the lock has found, whatever was there.
  func replace(_ version: Version<State>, _ status: FileStatus) {
    entry.withLock { $0 = Entry(version: version, status: status) }
  }

  func forget() {
    entry.withLock { $0 = nil }
  }
}
