import Files
import Glibc
import SystemPackage

/// What dead processes left: temporary files, rejection records that nobody read, and entry files that
/// nobody reuses.
struct Leftovers {
  /// A record or a free file that is older belongs to nobody.
  private static let maxAgeMilliseconds = 60_000

  private let context: StoreContext

  private var directory: DataDirectory { context.directory }
  private var system: SystemCalls { context.system }
  private var quarantine: Quarantine { Quarantine(context) }

  init(_ context: StoreContext) {
    self.context = context
  }

  /// Removes the leftovers.
  ///
  /// A file that is being written is locked by its writer. An entry's file may not be locked yet: if its name
  /// is gone, its writer writes the entry again.
  func remove() {
    for folder in [directory.log, directory.temporary] {
      quarantine.setAsideNamesOfNoText(in: folder)
    }
    for name in names(in: directory.temporary) where name.hasPrefix("tmp-") {
      removeIfAbandoned(directory.temporary + "/" + name)
    }
    let oldest = context.surroundings.nowMilliseconds() - Self.maxAgeMilliseconds
    for name in names(in: directory.log)
    where name.hasPrefix("rejected-") || name.hasPrefix("free-") {
      // If this fails, the file is tried again next time.
      if BackupName.milliseconds(in: name) ?? 0 < oldest {
        _ = try? system.unlink(directory.log + "/" + name)
      }
    }
  }

  private func names(in folder: String) -> [String] {
    do throws(Errno) {
      return try system.list(folder)
    } catch {
      context.report(.failed("list \(folder): \(error)"))
      return []
    }
  }

  private func removeIfAbandoned(_ path: String) {
    do throws(Errno) {
      let file = try system.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      guard try system.lockExclusively(file) else { return }
      guard try system.status(file).isRegular else {
        quarantine.setAside(path, because: "not a regular file")
        return
      }
      try system.unlink(path)
    } catch .noSuchFileOrDirectory {
    } catch {
      context.report(.failed("remove \(path): \(error)"))
    }
  }
}
