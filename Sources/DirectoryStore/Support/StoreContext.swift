import Files
import Glibc
import SystemPackage

/// What every part of a store needs: where the files are, how to reach them, and where to report.
struct StoreContext: Sendable {
  let directory: DataDirectory
  let options: StoreOptions

  var system: SystemCalls { options.system }
  var surroundings: Surroundings { options.surroundings }

  /// Returns a name for a file being written.
  func temporaryFile() -> String { directory.temporaryFile(surroundings) }

  /// Makes the names in a directory durable.
  func synchronize(directory path: String) throws(Errno) {
    try system.synchronize(try system.open(path, O_RDONLY | O_DIRECTORY))
  }

  /// Reports an event; what a recovery did is also written to the journal beside the log.
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
