import Files
import Glibc
import SystemPackage

extension Leadership {
  /// Removes what dead processes left: temporary files, records of refusals that nobody
  /// read, and entries' files that nobody uses again.
  ///
  /// A file that is being written is locked by its writer. The entry of a writer that has not
  /// locked it is written again when its name is gone.
  func removeLeftovers() {
    for folder in [directory.log, directory.temporary] { setAsideNamesOfNoText(in: folder) }
    for name in names(in: directory.temporary) where name.hasPrefix("tmp-") {
      removeIfAbandoned(directory.temporary + "/" + name)
    }
    let oldest = surroundings.nowMilliseconds() - 60_000
    for name in names(in: directory.log)
    where name.hasPrefix("rejected-") || name.hasPrefix("free-") {
      if Backups.time(of: name) ?? 0 < oldest { remove(directory.log + "/" + name) }
    }
  }

  /// Sets the files aside whose names are no text: none of the store's own is called so.
  private func setAsideNamesOfNoText(in folder: String) {
    do throws(Errno) {
      let moved = try system.moveNamesOfNoText(in: folder) { name in
        directory.quarantine + "/" + surroundings.fileStem() + "-" + name.suffix(180)
      }
      for path in moved {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        report(.quarantined(name, reason: "its name is not UTF-8"))
      }
    } catch {
      report(.failed("set aside what is in \(folder): \(error)"))
    }
  }

  /// Keeps room for transactions that make room.
  func keepReserve() {
    // The store does without it where it cannot be had; the disk may be full already.
    _ = try? Reserve(directory: directory, system: system).keep()
  }

  /// Removes the segments of the completed log that nothing needs and that are old.
  ///
  /// A segment is needed as long as a backup or the checkpoint may have to be brought up to the data
  /// file by its lines (I5); without a checkpoint each is.
  mutating func removeOldSegments() {
    backups.forget()
    guard let checkpoint = generation(ofFileAt: directory.checkpoint),
      let kept = try? backups.all(), !kept.isEmpty, let segments = try? log.segments()
    else { return }
    let oldest = kept.compactMap { Backups.generation(of: $0.name) }.reduce(checkpoint, min)
    let limit = surroundings.nowMilliseconds() / 1000 - Int(options.logRetention.components.seconds)
    for (segment, next) in zip(segments, segments.dropFirst()) {
      let path = directory.log + "/" + segment.name
      guard next.firstSequence <= oldest + 1, let status = try? system.status(at: path),
        status.isRegular, status.modifiedSeconds < limit
      else { return }
      do throws(Errno) {
        try system.unlink(path)
      } catch {
        return report(.failed("remove \(path): \(error)"))
      }
    }
  }

  /// The generation that a file's first line names.
  private func generation(ofFileAt path: String) -> Int? {
    guard let file = try? system.openToRead(path),
      let status = try? system.status(file),
      let header = try? DataFile.header(of: file, status, system)
    else { return nil }
    return header.generation
  }

  private func names(in folder: String) -> [String] {
    do throws(Errno) {
      return try system.list(folder)
    } catch {
      report(.failed("list \(folder): \(error)"))
      return []
    }
  }

  private func removeIfAbandoned(_ path: String) {
    do throws(Errno) {
      let file = try system.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      guard try system.lockExclusively(file) else { return }
      guard try system.status(file).isRegular else {
        quarantine(path, reason: "not a regular file")
        return
      }
      try system.unlink(path)
    } catch .noSuchFileOrDirectory {
    } catch {
      report(.failed("remove \(path): \(error)"))
    }
  }

  private func remove(_ path: String) {
    // It will be looked at again.
    _ = try? system.unlink(path)
  }
}
