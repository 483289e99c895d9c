import Glibc
import JSON
import Synchronization
import SystemPackage

extension Store {
  /// Keeps the current state as `backups/backup-<ms>-<8 hex>.json` until an operator removes it.
  ///
  /// - Returns: The file's name.
  /// - Throws: `TransactionError`; no file is then left.
  public func makeSnapshot() throws(TransactionError) -> String {
    var name = ""
    try holdingLock { (leadership) throws(TransactionError) in
      let version = try leadership.currentVersion(try leadership.list())
      name = try attempting(.prepareDirectory, on: directory.backups) { () throws(Errno) in
        try leadership.backups.newName(
          prefix: "backup", generation: version.generation,
          nowMilliseconds: options.surroundings.nowMilliseconds())
      }
      var file = try StagedFile(
        in: directory, system: options.system, surroundings: options.surroundings)
      try file.write(FileImage.layingOut(version).text)
      try file.publish(in: directory.backups, as: name)
      leadership.backups.forget()
    }
    return name
  }

  /// Replaces the whole state by that of a data file or backup, as a transaction.
  ///
  /// - Parameter text: The file's content: the store's own format, or the original application's.
  /// - Returns: The receipt; the state before is in the newest backup.
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
        step: .apply, path: "restore",
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
      // A file that is missing has no size; that is what the answer says.
      dataFileBytes: (try? options.system.status(at: directory.dataFile))?.size,
      backupCount: try count(directory.backups) { Backups.time(of: $0) != nil },
      automaticBackupCount: try count(directory.backups, where: Backups.isAutomatic),
      pendingCount: listing.pending.count,
      temporaryCount: try count(directory.temporary) { $0.hasPrefix("tmp-") },
      quarantineCount: try count(directory.quarantine) { _ in true },
      recoveryCount: try recoveryCount(),
      lastTransaction: try log.tail(after: max(0, generation - 1), of: listing.segments).lines
        .last { $0.sequence <= generation }?.transaction)
  }

  /// Checks every file of the store, without changing any.
  ///
  /// It holds the lock meanwhile, so that nothing is taken for damage that is only on its way.
  /// - Returns: What is damaged, a sentence each; none when all is well.
  /// - Throws: `TransactionError` when the lock is not given or a directory cannot be listed.
  public func findDamage() throws(TransactionError) -> [String] {
    var damage: [String] = []
    try holdingLock { (_) throws(TransactionError) in
      let log = CompletedLog(directory: directory, system: options.system)
      let tail = try log.tail(after: 0)
      damage += try damageOfDataFile(tail)
      damage += try damageOfBackups()
      for name in try names(directory.log) where name.hasPrefix("wal-") {
        if !isReadable(name) { damage.append(".wal/\(name) is damaged") }
      }
      damage += Self.damage(of: tail)
    }
    return damage
  }

  private func damageOfDataFile(_ tail: CompletedLog.Tail) throws(TransactionError) -> [String] {
    let reader = VersionReader(
      directory: directory, system: options.system, cache: VersionCache<State>(),
      report: options.report)
    switch try reader.readDataFile() {
    case .found(.intact(let version), _):
      let isBehind = tail.lastSequence < version.generation
      return isBehind ? ["the completed log ends before data.json"] : []
    case .found(.edited, _): return ["data.json was edited by hand since it was written"]
    case .found(.damaged(let reason), _): return ["data.json is damaged: \(reason)"]
    case .found(.newerFormat, _): return ["data.json is of a later version of the program"]
    case .missing:
      // A directory in which nothing ever was is in order.
      let isNew = try names(directory.backups).isEmpty && tail.segmentBytes == 0
      return isNew ? [] : ["data.json is missing"]
    }
  }

  private func damageOfBackups() throws(TransactionError) -> [String] {
    let reader = VersionReader(
      directory: directory, system: options.system, cache: VersionCache<State>(),
      report: options.report)
    return try names(directory.backups).filter { name in
      Backups.time(of: name) != nil
        && reader.intactVersion(at: directory.backups + "/" + name) == nil
    }.map { "backups/\($0) is damaged" }
  }

  private static func damage(of tail: CompletedLog.Tail) -> [String] {
    var damage: [String] = []
    if tail.damagedLines > 0 {
      damage.append("the completed log has \(tail.damagedLines) damaged lines")
    }
    if tail.segmentBytes > tail.validBytes { damage.append("the completed log's end is damaged") }
    for (line, next) in zip(tail.lines, tail.lines.dropFirst())
    where next.sequence != line.sequence + 1 && !next.transaction.isReplacement {
      damage.append("the completed log lacks the lines after \(line.sequence)")
    }
    return damage
  }

  private func isReadable(_ name: String) -> Bool {
    do throws(Errno) {
      let file = try options.system.open(directory.log + "/" + name, O_RDONLY | O_NONBLOCK)
      let text = try options.system.read(file, count: try options.system.status(file).size)
      return text.isEmpty || PendingEntry(parsing: text) != nil
    } catch .noSuchFileOrDirectory {
      // Completed meanwhile.
      return true
    } catch {
      return false
    }
  }

  private func names(_ folder: String) throws(TransactionError) -> [String] {
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
      let file = try options.system.open(directory.recoveryJournal, O_RDONLY)
      let text = try options.system.read(file, count: try options.system.status(file).size)
      return text.count { $0 == 0x0A }
    } catch .noSuchFileOrDirectory {
      return 0
    } catch {
      throw TransactionError(step: .read, path: directory.recoveryJournal, cause: .system(error))
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
  /// How many of them transactions made.
  public let automaticBackupCount: Int
  /// How many transactions are pending.
  public let pendingCount: Int
  /// How many files are being written, or were left by dead processes.
  public let temporaryCount: Int
  /// How many damaged files were set aside.
  public let quarantineCount: Int
  /// How often something was recovered since the store was made.
  public let recoveryCount: Int
  /// The transaction completed last; `nil` when there is none.
  public let lastTransaction: Transaction?

  /// How many automatic backups are kept.
  public static var maxRetainedBackups: Int { Backups.maxRetained }
}
