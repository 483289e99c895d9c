public import DurableStore
import Files
import Glibc
import JSON
import SystemPackage

extension DirectoryStore {
  /// Copies the current state to `backups/backup-<ms>-<8 hex>.json`, which an operator has to remove.
  ///
  /// - Returns: The file's name.
  /// - Throws: `TransactionError`; no file is then left.
  public func makeSnapshot() throws(TransactionError) -> String {
    var name = ""
    try directory.prepareMissing(options.system)
    try holdingLock { (leadership) throws(TransactionError) in
      let version = try leadership.currentVersion(try leadership.list())
      name = try attempting(.prepareDirectory, on: directory.backups) { () throws(Errno) in
        try leadership.backups.newName(prefix: "backup", generation: version.generation)
      }
      let text = FileImage.layingOut(version).text
      try attempting(.writeTemporary) { () throws(FileError) in
        var file = try StagedFile(
          in: Folder(directory.temporary, system: options.system),
          surroundings: options.surroundings)
        try file.write(text)
        try file.keep(in: directory.backups, as: name)
      }
      leadership.backups.forget()
    }
    return name
  }

  /// Makes a snapshot as part of a rotation, and removes all but the newest of the rotation.
  ///
  /// Other snapshots are not touched, nor are the backups that transactions make. `backups/.rotation`
  /// lists the snapshots in the rotation, one name per line.
  /// - Parameter count: How many snapshots of the rotation to keep, at least one.
  /// - Returns: The new snapshot's name, and the names of those that were removed.
  /// - Throws: `TransactionError`; no further snapshot is then removed.
  public func makeSnapshot(
    rotating count: Int
  ) throws(TransactionError) -> (made: String, removed: [String]) {
    let made = try makeSnapshot()
    var removed: [String] = []
    let rotation = SharedFile(directory.backups + "/.rotation", system: options.system)
    try attempting(.writeTemporary) { () throws(FileError) in
      try rotation.update { old in
        let names = old.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) } + [made]
        removed = Array(names.dropLast(count))
        return Array(names.suffix(count).map { $0 + "\n" }.joined().utf8)
      }
    }
    // Whatever the file says, nothing but a snapshot is removed.
    removed.removeAll { BackupName($0)?.isSnapshot != true }
    try holdingLock { (leadership) throws(TransactionError) in
      for name in removed {
        try attempting(.prepareDirectory, on: directory.backups + "/" + name) { () throws(Errno) in
          do throws(Errno) {
            try options.system.unlink(directory.backups + "/" + name)
          } catch .noSuchFileOrDirectory {}
        }
      }
      leadership.backups.forget()
    }
    return (made, removed)
  }

  /// Replaces the whole state with that of a data file or backup, as a transaction.
  ///
  /// - Parameter text: The file's content: the store's own format, or the original application's.
  /// - Returns: The receipt; the newest backup holds the former state.
  /// - Throws: `TransactionError`, with `.rejected` when the text is not a state.
  public func restore(_ text: [UInt8]) throws(TransactionError) -> CommitReceipt {
    let contents: JSONObject
    do {
      guard let object = try JSONValue(parsing: text).object else {
        throw Rejection(code: "bad_contents", reason: "The file is not a JSON object.")
      }
      contents = object
    } catch {
      throw TransactionError(
        step: .apply, object: "restore",
        cause: .rejected(Rejection(code: "bad_contents", reason: "The file is not JSON: \(error)")))
    }
    let surroundings = options.surroundings
    return try commit(
      Transaction(
        id: "txn-" + surroundings.identifier(), operation: "restore-" + surroundings.identifier(),
        timestampMilliseconds: surroundings.nowMilliseconds(),
        data: JSONObject([.init(name: "contents", value: .object(contents))])))
  }

  /// Looks at the directory as it is, without the lock.
  ///
  /// - Throws: `TransactionError` when a directory cannot be listed.
  public func inspect() throws(TransactionError) -> Inspection {
    let listing = try leadership.withLock { (leadership) throws(TransactionError) in
      try leadership.list()
    }
    let log = CompletedLog(directory: directory, system: options.system)
    let generation = try read().generation
    return Inspection(
      generation: generation,
      // A missing file has no size, and the result says so.
      dataFileBytes: (try? options.system.status(at: directory.dataFile))?.size,
      backupCount: try count(directory.backups) { BackupName($0) != nil },
      automaticBackupCount: try count(directory.backups) { BackupName($0)?.isAutomatic == true },
      pendingCount: listing.pending.count,
      temporaryCount: try count(directory.temporary) { $0.hasPrefix("tmp-") },
      quarantineCount: try count(directory.quarantine) { _ in true },
      recoveryCount: try recoveryCount(),
      isCheckpointed: leadership.withLock { $0.checkpoint.isCurrent },
      segmentCount: listing.segments.count,
      segmentBytes: listing.segments.reduce(0) { sum, segment in
        // A segment that has just been removed has no length.
        sum + ((try? options.system.status(at: directory.log + "/" + segment.name))?.size ?? 0)
      },
      firstSequence: listing.segments.first?.firstSequence,
      lastTransaction: try log.tail(after: max(0, generation - 1), of: listing.segments).lines
        .last { $0.sequence <= generation }?.transaction)
  }

  func names(_ folder: String) throws(TransactionError) -> [String] {
    try attempting(.read, on: folder) { () throws(Errno) in
      try options.system.list(folder).sorted()
    }
  }

  private func count(
    _ folder: String, where isCounted: (String) -> Bool
  ) throws(TransactionError) -> Int {
    try names(folder).count(where: isCounted)
  }

  private func recoveryCount() throws(TransactionError) -> Int {
    do throws(Errno) {
      let file = try options.system.openToRead(directory.recoveryJournal)
      let text = try options.system.read(file, count: try options.system.status(file).size)
      return text.count { $0 == 0x0A }
    } catch .noSuchFileOrDirectory {
      return 0
    } catch {
      throw TransactionError(step: .read, object: directory.recoveryJournal, cause: .system(error))
    }
  }
}

/// What a store's directory looks like.
public struct Inspection: Sendable {
  /// The generation of the data file.
  public let generation: Int
  /// The data file's length; `nil` when it is missing.
  public let dataFileBytes: Int?
  /// How many backups and snapshots there are.
  public let backupCount: Int
  /// How many of them were made by transactions.
  public let automaticBackupCount: Int
  /// How many transactions are pending.
  public let pendingCount: Int
  /// How many files are being written, or were left by dead processes.
  public let temporaryCount: Int
  /// How many damaged files were set aside.
  public let quarantineCount: Int
  /// How often something was recovered since the store was made.
  public let recoveryCount: Int
  /// Whether the data file is synchronized, and has its second name.
  public let isCheckpointed: Bool
  /// How many segments the completed log has.
  public let segmentCount: Int
  /// Their total length in bytes.
  public let segmentBytes: Int
  /// The first sequence that the completed log has; `nil` when it is empty.
  public let firstSequence: Int?
  /// The transaction completed last; `nil` when there is none.
  public let lastTransaction: Transaction?
}
