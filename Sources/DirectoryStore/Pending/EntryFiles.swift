import Files
import Glibc
import SystemPackage

/// Writes pending entries, if possible into inodes that have held completed ones.
///
/// Creating and freeing an inode for each transaction is expensive. A leader therefore renames the file of a
/// completed entry to `.wal/free-<ms>-<8 hex>.json` instead of removing it, and the process that wrote it
/// finds it there. The file is rewritten only under its own lock: a leader that was stopped while it read the
/// entry must not see half of another.
final class EntryFiles: Sendable {
  private struct FreeFile {
    let file: OpenFile
    /// The name under which a leader has left it.
    let path: String
  }

  private static let maxFreeCount = 64

  private let directory: DataDirectory
  private let system: SystemCalls
  private let free = Monitor<[FreeFile]>([])

  init(_ directory: DataDirectory, _ system: SystemCalls) {
    self.directory = directory
    self.system = system
  }

  deinit {
    discardAll()
  }

  /// Writes an entry and gives it its name as pending.
  ///
  /// - Returns: The file, for `takeBack` when the entry is completed.
  func write(
    _ entry: PendingEntry, as name: String, _ surroundings: Surroundings
  ) throws(Errno) -> OpenFile {
    let text = AttemptMark.makingRoom(behind: entry.serialized)
    let path = directory.log + "/" + name
    if let former = free.withLock({ $0.popLast() }) {
      switch try? rewrite(former, with: text, as: path) {
      case .written: return former.file
      // Its leader may still hold it.
      case .busy: free.withLock { $0.insert(former, at: 0) }
      // It was cleaned up meanwhile, or cannot be used.
      case .unusable, nil: break
      }
    }
    return try writeNew(text, as: path, by: directory.temporaryFile(surroundings))
  }

  /// Takes back the file of a completed entry, to reuse it.
  func takeBack(_ file: OpenFile, of name: String) {
    let former = FreeFile(file: file, path: Self.freePath(directory, name))
    let isKept = free.withLock { free in
      guard free.count < Self.maxFreeCount else { return false }
      free.append(former)
      return true
    }
    if !isKept { discard(former) }
  }

  /// Removes all files that are kept for reuse, for a process that ends.
  func discardAll() {
    for former in free.withLock({ free in
      defer { free = [] }
      return free
    }) {
      discard(former)
    }
  }

  /// Returns the name under which a leader leaves the file of a completed entry.
  static func freePath(_ directory: DataDirectory, _ name: String) -> String {
    directory.log + "/" + name.replacingPrefix("wal-", by: "free-")
  }

  private func discard(_ former: FreeFile) {
    // If this fails, the file is removed with the leftovers.
    _ = try? system.unlink(former.path)
  }

  /// The result of an attempt to reuse a file.
  private enum Reuse {
    case written, busy, unusable
  }

  private func rewrite(
    _ former: FreeFile, with text: [UInt8], as path: String
  ) throws(Errno) -> Reuse {
    guard try system.lockExclusively(former.file) else { return .busy }
    // Its leader may have failed to remove its name as an entry.
    let status = try system.status(former.file)
    guard status.linkCount == 1, try system.status(at: former.path).isSameFile(as: status) else {
      return .unusable
    }
    if status.size != text.count { try system.truncate(former.file, to: text.count) }
    try system.write(text, to: former.file, at: 0)
    try system.rename(former.path, to: path)
    // If this fails, the file is closed, and a new one is written under the same name.
    try system.unlock(former.file)
    return .written
  }

  private func writeNew(
    _ text: [UInt8], as path: String, by temporary: String
  ) throws(Errno) -> OpenFile {
    let file = try system.open(temporary, O_RDWR | O_CREAT | O_EXCL)
    do throws(Errno) {
      try system.write(text, to: file, at: 0)
      // This shows a leader that refuses the entry that somebody waits; otherwise the entry's age decides.
      _ = try? system.hold(file)
      try system.rename(temporary, to: path)
      return file
    } catch {
      // Only the first error matters; the next recovery removes what is left.
      _ = try? system.unlink(temporary)
      throw error
    }
  }
}
