import Glibc
import SystemPackage

extension Leadership {
  /// Removes what dead processes left: temporary files, records of refusals that nobody
  /// read, and entries' files that nobody uses again.
  ///
  /// A file that is being written is locked by its writer. The entry of a writer that has not
  /// locked it is written again when its name is gone.
  func removeLeftovers() {
    for name in names(in: directory.temporary) where name.hasPrefix("tmp-") {
      removeIfAbandoned(directory.temporary + "/" + name)
    }
    let oldest = surroundings.nowMilliseconds() - 60_000
    for name in names(in: directory.log)
    where name.hasPrefix("rejected-") || name.hasPrefix("free-") {
      if Backups.time(of: name) ?? 0 < oldest { remove(directory.log + "/" + name) }
    }
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
