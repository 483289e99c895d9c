import DurableStore
import Files
import Glibc
import SystemPackage

extension Leadership {
  /// Whether the data file is the one that was synchronized last.
  var isCheckpointed: Bool {
    guard let dataFile = try? system.status(at: directory.dataFile) else { return false }
    let checkpoint = (try? system.status(at: directory.checkpoint)) ?? synchronizedUnnamed
    return checkpoint?.isSameFile(as: dataFile) == true
  }

  /// Whether the last checkpoint, whoever made it, is over a second old.
  var isCheckpointDue: Bool {
    wake.isDue(
      .checkpoint, everyMilliseconds: StoreLimits.checkpointMilliseconds,
      nowMilliseconds: surroundings.nowMilliseconds())
  }

  /// Compares and synchronizes the data file and gives it a second name (I5).
  ///
  /// An inode with two names is neither pruned nor used again: until the next checkpoint is
  /// complete this one is there, whole and synchronized.
  mutating func makeCheckpoint() {
    wake.note(.checkpoint, nowMilliseconds: surroundings.nowMilliseconds())
    guard !isCheckpointed, let entry = cache.current else { return }
    do throws(Errno) {
      let file = try system.openToRead(directory.dataFile)
      guard entry.matches(try system.status(file)) else { return }
      guard let text = entry.version.image?.text(of: entry.version),
        try system.file(file, holds: text)
      else {
        report(.failed("checkpoint: data.json is not what was written"))
        return cache.forget()
      }
      needsNewInode = true
      try system.synchronize(file)
      needsNewInode = false
      try synchronize(directory.path)
      try synchronize(directory.backups)
      try nameCheckpoint()
      try synchronize(directory.log)
    } catch {
      report(.failed("checkpoint: \(error)"))
      if needsNewInode { leaveInode(entry.version) }
    }
  }

  /// Writes the version into a new inode, after the synchronization of its own has failed: another
  /// process's would seem to succeed (I9).
  private mutating func leaveInode(_ version: Version<State>) {
    do throws(TransactionError) {
      // The old inode must not be used again: its pages may be clean and not on the device.
      _ = try replaceDataFile(
        with: version, former: .quarantine(reason: "its synchronization failed"))
    } catch {
      // `needsNewInode` stays set; this process's next turn tries again.
      report(.failed("\(error)"))
    }
  }

  private mutating func nameCheckpoint() throws(Errno) {
    let temporary = directory.temporaryFile(surroundings)
    if let status = try? system.status(at: directory.checkpoint), !status.isRegular {
      quarantine(directory.checkpoint, reason: "not a regular file")
    }
    do throws(Errno) {
      try system.link(directory.dataFile, as: temporary)
    } catch  where [Errno.notPermitted, .notSupported, .noFunction].contains(error) {
      // This file system has no second names: the log from its beginning has to do.
      synchronizedUnnamed = try system.status(at: directory.dataFile)
      return
    }
    try system.rename(temporary, to: directory.checkpoint)
  }

  private func synchronize(_ path: String) throws(Errno) {
    try system.synchronize(try system.open(path, O_RDONLY | O_DIRECTORY))
  }
}
