import Glibc
import SystemPackage

/// A new state, written and compared, that nobody sees yet.
struct Staged {
  let spare: Spare
  let text: [UInt8]
}

/// Where the replaced data file goes.
enum FormerDataFile {
  /// With the generation it holds.
  case backup(prefix: String, generation: Int)
  case quarantine(reason: String)
}

extension Leadership {
  /// Writes a version under `.temp/`, reads back what was written and compares.
  func stage(_ version: Version<State>) throws(TransactionError) -> Staged {
    let text = DataFile.text(of: version)
    let spare = try attempting(.writeTemporary, on: directory.temporary) { () throws(Errno) in
      try Spare.take(directory, system, surroundings)
    }
    do throws(TransactionError) {
      try write(text, version.generation, to: spare)
      return Staged(spare: spare, text: text)
    } catch {
      discard(spare)
      throw error
    }
  }

  private func write(
    _ text: [UInt8], _ generation: Int, to spare: Spare
  ) throws(TransactionError) {
    guard let file = spare.file else { return }
    try attempting(.writeTemporary, on: spare.path) { () throws(Errno) in
      try system.write(text, to: file, at: 0)
      try system.truncate(file, to: text.count)
      try system.setModificationTime(
        of: file, seconds: surroundings.nowMilliseconds() / 1000,
        nanoseconds: generation % 1_000_000_000)
    }
    try verify(file, holds: text, step: .verifyTemporary)
  }

  func discard(_ staged: Staged) {
    discard(staged.spare)
  }

  private func discard(_ spare: Spare) {
    spare.close()
    do throws(Errno) {
      try system.unlink(spare.path)
    } catch {
      // What is left is removed by the next recovery.
      report(.failed("remove \(spare.path): \(error)"))
    }
  }

  /// Makes a staged version the data file (I1) and keeps the former one as a backup.
  mutating func replace(
    with staged: Staged, _ version: Version<State>, former: FormerDataFile
  ) throws(TransactionError) {
    var former = former
    if case .quarantine(let reason) = former, !setAsideDataFile(reason) {
      // Where there is no quarantine the evidence becomes a backup, which its damage disqualifies.
      former = .backup(prefix: "pre-write", generation: 0)
    }
    try attempting(.replace, on: directory.dataFile) { () throws(Errno) in
      do throws(Errno) {
        try system.exchange(staged.spare.path, with: directory.dataFile)
        staged.spare.close()
        keep(staged.spare.path, as: former)
      } catch .noSuchFileOrDirectory {
        staged.spare.close()
        try system.rename(staged.spare.path, to: directory.dataFile)
      } catch  where [Errno.invalidArgument, .noFunction].contains(error) {
        // This file system cannot exchange two names.
        staged.spare.close()
        keepLink(as: former)
        try system.rename(staged.spare.path, to: directory.dataFile)
      }
    }
    let file = try attempting(.verifyDataFile, on: directory.dataFile) { () throws(Errno) in
      try system.open(directory.dataFile, O_RDONLY)
    }
    try verify(file, holds: staged.text, step: .verifyDataFile)
    let status = try attempting(.verifyDataFile, on: file.path) { () throws(Errno) in
      try system.status(file)
    }
    cache.replace(version, status)
    needsNewInode = false
  }

  /// Reads a file back and compares it.
  private func verify(
    _ file: OpenFile, holds text: [UInt8], step: TransactionError.Step
  ) throws(TransactionError) {
    let isEqual = try attempting(step, on: file.path) { () throws(Errno) in
      try system.file(file, holds: text)
    }
    guard isEqual else {
      throw TransactionError(
        step: step, path: file.path, cause: .damaged("what was read is not what was written"))
    }
  }

  /// Gives the former file its name as a backup; a damaged one is in quarantine already.
  private func keep(_ path: String, as former: FormerDataFile) {
    do throws(Errno) {
      switch former {
      case .backup(let prefix, let generation):
        try system.rename(path, to: try backupPath(prefix, generation))
      case .quarantine: try system.unlink(path)
      }
    } catch {
      // The next recovery removes it; the log still leads from an older backup to here (I5).
      report(.failed("keep the former data file \(path): \(error)"))
    }
  }

  private func keepLink(as former: FormerDataFile) {
    guard case .backup(let prefix, let generation) = former else { return }
    do throws(Errno) {
      try system.link(directory.dataFile, as: try backupPath(prefix, generation))
    } catch {
      // The log still leads from an older backup to here (I5).
      report(.failed("keep the former data file: \(error)"))
    }
  }

  private func backupPath(_ prefix: String, _ generation: Int) throws(Errno) -> String {
    let name = try backups.newName(
      prefix: prefix, generation: generation, nowMilliseconds: surroundings.nowMilliseconds())
    return directory.backups + "/" + name
  }

  /// Keeps a damaged data file before it is replaced: a kill must not lose the evidence (I8).
  private func setAsideDataFile(_ reason: String) -> Bool {
    let name = surroundings.fileStem() + "-data.json"
    let path = directory.quarantine + "/" + name
    do throws(Errno) {
      try system.link(directory.dataFile, as: path)
      report(.quarantined(name, reason: reason))
      return true
    } catch .noSuchFileOrDirectory {
      // It is missing, not damaged.
      return true
    } catch {
      // A directory, say, has no second name: the name itself is moved.
      return quarantine(directory.dataFile, reason: reason)
    }
  }

  /// Sets a damaged file aside; nothing is deleted that could be evidence (I8).
  @discardableResult
  func quarantine(_ path: String, reason: String) -> Bool {
    let base = path.split(separator: "/").last.map(String.init) ?? "file"
    let name = surroundings.fileStem() + "-" + base
    do throws(Errno) {
      try system.rename(path, to: directory.quarantine + "/" + name)
      report(.quarantined(name, reason: reason))
      return true
    } catch {
      report(.failed("set aside \(path) (\(reason)): \(error)"))
      return false
    }
  }

  /// Brings `public/` up to a version; what cannot be written is removed, and the responder answers.
  ///
  /// A file's modification time in seconds is its generation: a web server that makes an entity tag
  /// of time and length then never gives one tag to two versions.
  func refreshPublicFiles(_ version: Version<State>) {
    let names = State.publicFileNames
    let isCurrent = names.allSatisfy { name in
      let status = try? system.status(at: directory.publicFiles + "/" + name)
      return status?.modifiedSeconds == version.generation && status?.isRegular == true
    }
    guard !isCurrent else { return }
    for name in names {
      let path = directory.publicFiles + "/" + name
      do throws(Errno) {
        do throws(Errno) {
          try writePublicFile(name, version)
        } catch .noSuchFileOrDirectory {
          // "Can be deleted at any time": the folder too.
          try system.makeDirectory(directory.publicFiles)
          try writePublicFile(name, version)
        }
      } catch {
        report(.failed("refresh \(path): \(error)"))
        // Gone is as good as refreshed; if even that fails there is nothing else to do.
        _ = try? system.unlink(path)
      }
    }
  }

  private func writePublicFile(_ name: String, _ version: Version<State>) throws(Errno) {
    let path = directory.publicFiles + "/" + name
    let contents = version.state.publicFile(name)
    if try renewPublicFile(path, contents, version.generation) { return }
    let temporary = directory.temporaryFile(surroundings)
    let file = try system.open(temporary, O_RDWR | O_CREAT | O_EXCL)
    do throws(Errno) {
      try system.write(contents, to: file, at: 0)
      try system.setModificationTime(of: file, seconds: version.generation, nanoseconds: 0)
      try system.rename(temporary, to: path)
    } catch {
      // The error is what counts; what is left is removed by the next recovery.
      _ = try? system.unlink(temporary)
      throw error
    }
  }

  /// Gives a file whose content has not changed its new time; freeing its blocks would be dear.
  private func renewPublicFile(
    _ path: String, _ contents: [UInt8], _ generation: Int
  ) throws(Errno) -> Bool {
    guard let status = try? system.status(at: path), status.isRegular,
      status.size == contents.count
    else { return false }
    let file = try system.open(path, O_RDONLY | O_NOFOLLOW)
    guard try system.file(file, holds: contents) else { return false }
    try system.setModificationTime(of: file, seconds: generation, nanoseconds: 0)
    return true
  }
}
