import DurableStore
import Files
import Glibc
import SystemPackage

/// Where the replaced data file goes.
enum FormerDataFile {
  /// It becomes a backup, named after the generation it holds.
  case backup(prefix: String, generation: Int)
  case quarantine(reason: String)
}

extension Leadership {
  /// Stages a version and makes it the data file: for a recovery.
  mutating func replaceDataFile(
    with version: Version<State>, former: FormerDataFile
  ) throws(TransactionError) -> Version<State> {
    var version = version
    let staged = try stage(&version)
    try replace(with: staged, version, former: former)
    return version
  }

  /// Makes a staged version the data file (I1) and keeps the former one as a backup.
  mutating func replace(
    with staged: StagedState, _ version: Version<State>, former: FormerDataFile
  ) throws(TransactionError) {
    var former = former
    if case .quarantine(let reason) = former, !quarantine.keepDataFile(because: reason) {
      // If it cannot be quarantined, it becomes a backup; its damage keeps it from being used.
      former = .backup(prefix: "pre-write", generation: 0)
    }
    try cache.replacing { () throws(TransactionError) in
      try exchange(staged, former)
      let status = try attempting(.verifyDataFile, on: directory.dataFile) { () throws(Errno) in
        try system.status(at: directory.dataFile)
      }
      // The inode's content was compared before it got this name.
      let isEqual = status.isSameFile(as: staged.status) && status.size == staged.status.size
      guard isEqual else { throw Self.difference(.verifyDataFile, directory.dataFile) }
      cache.replace(version, status)
    }
    needsNewInode = false
  }

  private mutating func exchange(
    _ staged: StagedState, _ former: FormerDataFile
  ) throws(TransactionError) {
    // The file is complete, so its lease is released before the exchange: otherwise all processes that are
    // notified of the new file would open it at once and wait for the lease.
    staged.spare.close()
    do throws(Errno) {
      try system.exchange(staged.spare.path, with: directory.dataFile)
      return keep(staged.spare.path, as: former)
    } catch {
      let isPossible = ![.noSuchFileOrDirectory, .invalidArgument, .noFunction].contains(error)
      if isPossible {
        throw TransactionError(step: .replace, object: directory.dataFile, cause: .system(error))
      }
      // There is no data file, or this file system cannot exchange two names.
      if error != .noSuchFileOrDirectory { keepLink(as: former) }
    }
    try attempting(.replace, on: directory.dataFile) { () throws(Errno) in
      try system.rename(staged.spare.path, to: directory.dataFile)
    }
  }

  /// Gives the former file its name as a backup; a damaged one is in quarantine already.
  private mutating func keep(_ path: String, as former: FormerDataFile) {
    do throws(Errno) {
      switch former {
      case .backup(let prefix, let generation):
        try backups.add(path, as: try backups.newName(prefix: prefix, generation: generation))
      case .quarantine: try system.unlink(path)
      }
    } catch {
      // The next recovery removes it; the log still leads from an older backup to here (I5).
      context.report(.failed("keep the former data file \(path): \(error)"))
    }
  }

  private mutating func keepLink(as former: FormerDataFile) {
    guard case .backup(let prefix, let generation) = former else { return }
    do throws(Errno) {
      let name = try backups.newName(prefix: prefix, generation: generation)
      try backups.link(directory.dataFile, as: name)
    } catch {
      // The log still leads from an older backup to here (I5).
      context.report(.failed("keep the former data file: \(error)"))
    }
  }
}
