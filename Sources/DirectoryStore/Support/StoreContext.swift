import Files
import Glibc
import SystemPackage

/// What every part of a store works with: where the files are, how they are reached, and who is told.
struct StoreContext: Sendable {
  let directory: DataDirectory
  let options: StoreOptions

  var system: SystemCalls { options.system }
  var surroundings: Surroundings { options.surroundings }

  /// A name for a file being written.
  func temporaryFile() -> String { directory.temporaryFile(surroundings) }

  /// Makes the names in a directory durable.
  func synchronize(directory path: String) throws(Errno) {
    try system.synchronize(try system.open(path, O_RDONLY | O_DIRECTORY))
  }

  /// Tells what happened; what a recovery did is also kept beside the log.
  func report(_ event: StoreEvent) {
    options.report(event)
    guard event.isRecovery else { return }
    let line = "\(surroundings.nowMilliseconds()) \(event)\n"
    // The journal is for people; no promise depends on it.
    guard let file = try? system.open(directory.recoveryJournal, O_RDWR | O_CREAT),
      let end = (try? system.status(file))?.size
    else { return }
    try? system.write(Array(line.utf8), to: file, at: end)
  }
}
