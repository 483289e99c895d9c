public import DurableStore
import Files
import Glibc
import SystemPackage

extension DirectoryStore {
  /// Recovers a copy of the store, and leaves the store itself alone.
  ///
  /// It holds the lock while it copies, so that work in progress is not mistaken for leftovers.
  /// - Parameter path: A directory for the copy, which must not exist yet.
  /// - Returns: What a recovery would report, and the generation it would end at.
  /// - Throws: `TransactionError` from copying, or from the recovery that would fail.
  public func rehearseRecovery(
    in path: String
  ) throws(TransactionError) -> (events: [StoreEvent], generation: Int) {
    let copy = DataDirectory(path)
    try copy.prepare(options.system)
    try holdingLock { (_) throws(TransactionError) in try copyFiles(to: copy) }
    let events = Monitor<[StoreEvent]>([])
    var options = options
    options.report = { event in events.withLock { $0.append(event) } }
    let store = try DirectoryStore(copy, options: options)
    let pending = try attempting(.collect, on: copy.log) { () throws(Errno) in
      try options.system.list(copy.log)
    }.count { $0.hasPrefix("wal-") }
    try store.recover()
    let generation = try store.read().generation
    var found = events.withLock { $0 }
    if pending > 0, !found.contains(where: \.isRecovery) {
      found.append(.recovered("remove \(pending) entries that are completed"))
    }
    return (found, generation)
  }

  /// Copies what a recovery looks at; a placeholder stands for photos and damaged files, if there are any.
  private func copyFiles(to copy: DataDirectory) throws(TransactionError) {
    try copyFile(directory.dataFile, to: copy.dataFile)
    try copyFile(directory.lockFile, to: copy.lockFile)
    for (folder, target) in [(directory.backups, copy.backups), (directory.log, copy.log)] {
      for name in try listed(folder) where name != "wake" {
        try copyFile(folder + "/" + name, to: target + "/" + name)
      }
    }
    for (folder, target) in [
      (directory.uploads, copy.uploads), (directory.quarantine, copy.quarantine),
    ] where !(try listed(folder)).isEmpty {
      try attempting(.writeTemporary, on: target) { () throws(Errno) in
        _ = try options.system.open(target + "/there-are-some", O_RDWR | O_CREAT)
      }
    }
  }

  private func listed(_ folder: String) throws(TransactionError) -> [String] {
    try attempting(.read, on: folder) { () throws(Errno) in try options.system.list(folder) }
  }

  private func copyFile(_ path: String, to target: String) throws(TransactionError) {
    try attempting(.writeTemporary, on: target) { () throws(Errno) in
      do throws(Errno) {
        let status = try options.system.status(at: path)
        guard status.isRegular else { return try options.system.makeDirectory(target) }
        let source = try options.system.openToRead(path)
        let file = try options.system.open(target, O_RDWR | O_CREAT | O_EXCL)
        try options.system.write(
          try options.system.read(source, count: status.size), to: file, at: 0)
        try options.system.setModificationTime(
          of: file, seconds: status.modifiedSeconds, nanoseconds: status.modifiedNanoseconds)
      } catch .noSuchFileOrDirectory {}
    }
  }
}
