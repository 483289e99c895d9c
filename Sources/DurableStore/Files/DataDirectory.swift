import Glibc
import SystemPackage

/// The files of a store, by name.
public struct DataDirectory: Sendable {
  /// The directory itself, without a trailing slash.
  public let path: String

  /// Names a directory; nothing is touched.
  public init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// The database; only ever replaced by rename.
  public var dataFile: String { path + "/data.json" }
  /// States before transactions, and snapshots of operators.
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

  /// The target of `flock(2)`; its content is the boot in which the store was last used.
  var lockFile: String { path + "/.lock" }
  /// A second name of the data file that was synchronized last (I5).
  var checkpoint: String { log + "/checkpoint.json" }
  /// What recoveries did, a line each: `<ms> <what>`.
  var recoveryJournal: String { log + "/recoveries.log" }
  /// The word on which those wait whose transactions another process commits.
  var wakeWord: String { log + "/wake" }

  var all: [String] { [path, backups, log, temporary, uploads, publicFiles, quarantine] }

  /// A name for a file being written.
  func temporaryFile(_ surroundings: Surroundings) -> String {
    "\(temporary)/tmp-\(surroundings.identifier()).json"
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

extension DataDirectory {
  /// Removes a file that others than the store keep in the directory, such as a photo.
  ///
  /// - Parameters:
  ///   - name: The name, relative to the directory.
  ///   - system: The system calls.
  /// - Returns: Whether it is gone.
  public func removeFile(_ name: String, _ system: SystemCalls) -> Bool {
    do throws(Errno) {
      try system.unlink(path + "/" + name)
      return true
    } catch {
      return error == .noSuchFileOrDirectory
    }
  }

  /// The names in one of the folders, sorted.
  ///
  /// - Throws: `TransactionError` when it cannot be listed.
  public func fileNames(
    in folder: String, _ system: SystemCalls
  ) throws(TransactionError) -> [String] {
    try attempting(.read, on: path + "/" + folder) { () throws(Errno) in
      try system.list(path + "/" + folder).sorted()
    }
  }

  /// Renames a file that others than the store keep in the directory.
  ///
  /// - Parameters:
  ///   - name: The name, relative to the directory.
  ///   - newName: The new one.
  ///   - system: The system calls.
  /// - Returns: Whether there is a file of the new name.
  public func renameFile(_ name: String, to newName: String, _ system: SystemCalls) -> Bool {
    do throws(Errno) {
      try system.rename(path + "/" + name, to: path + "/" + newName)
      return true
    } catch {
      return holdsFile(newName, system)
    }
  }

  /// The content of a file that others than the store keep in the directory.
  ///
  /// - Parameters:
  ///   - name: The name, relative to the directory.
  ///   - system: The system calls.
  /// - Returns: `nil` when there is none, or it cannot be read.
  public func contents(of name: String, _ system: SystemCalls) -> [UInt8]? {
    guard let file = try? system.open(path + "/" + name, O_RDONLY | O_NONBLOCK),
      let status = try? system.status(file), status.isRegular
    else { return nil }
    return try? system.read(file, count: status.size)
  }

  /// Whether there is a file of a name.
  public func holdsFile(_ name: String, _ system: SystemCalls) -> Bool {
    (try? system.status(at: path + "/" + name))?.isRegular ?? false
  }

  /// Makes a folder in one of the folders, if it is missing.
  ///
  /// - Throws: `TransactionError` when it cannot be made.
  public func makeFolder(_ name: String, _ system: SystemCalls) throws(TransactionError) {
    try attempting(.prepareDirectory, on: path + "/" + name) { () throws(Errno) in
      try system.makeDirectory(path + "/" + name)
    }
  }
}
