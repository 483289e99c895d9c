import DurableStore
import Files
import Glibc
import SystemPackage

/// The files of a store, by name.
public struct DataDirectory: Sendable {
  /// The directory itself, without a trailing slash.
  public let path: String

  /// Refers to a directory without touching it.
  public init(_ path: String) {
    self.path = Folder(path).path
  }

  /// The database; only ever replaced by rename.
  public var dataFile: String { path + "/data.json" }
  /// States from before transactions, and operators' snapshots.
  public var backups: String { path + "/backups" }
  /// The write-ahead log: pending entries and the completed log.
  public var log: String { path + "/.wal" }
  /// Files being written.
  public var temporary: String { path + "/.temp" }
  /// Photos.
  public var uploads: String { path + "/uploads" }
  /// Files derived from the state.
  public var publicFiles: String { path + "/public" }
  /// Damaged files.
  public var quarantine: String { path + "/quarantine" }

  /// The target of `flock(2)`; its content identifies the boot in which the store was last used.
  var lockFile: String { path + "/.lock" }
  /// A second name of the data file that was synchronized last (I5).
  var checkpoint: String { log + "/checkpoint.json" }
  /// What recoveries did, a line each: `<ms> <what>`.
  var recoveryJournal: String { log + "/recoveries.log" }
  /// The word on which processes wait while another one commits their transactions.
  var wakeWord: String { log + "/wake" }

  var all: [String] { [path, backups, log, temporary, uploads, publicFiles, quarantine] }

  /// Returns a name for a file being written.
  func temporaryFile(_ surroundings: Surroundings) -> String {
    temporary + "/" + StagedFile.name(surroundings)
  }

  /// Prepares the directories if one is missing.
  func prepareMissing(_ system: SystemCalls) throws(TransactionError) {
    let isMissing = all.contains { (try? system.status(at: $0)) == nil }
    if isMissing { try prepare(system) }
  }

  /// Prepares the directories that are missing, and makes them durable.
  func prepare(_ system: SystemCalls) throws(TransactionError) {
    for directory in all {
      try attempting(.prepareDirectory, on: directory) { () throws(Errno) in
        try system.makeDirectory(directory)
      }
    }
    for directory in [path, Self.parent(of: path)] {
      // A parent that cannot be opened was not made by the store, and is durable already.
      guard let file = try? system.open(directory, O_RDONLY | O_DIRECTORY) else { continue }
      try attempting(.synchronize, on: directory) { () throws(Errno) in
        try system.synchronize(file)
      }
    }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
