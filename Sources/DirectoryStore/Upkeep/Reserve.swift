package import Files
import Glibc
package import SystemPackage

/// Disk space that is reserved for transactions that free space: `.wal/reserve`.
///
/// Even on a full disk a removal needs space for a line of the log and, in the worst case, for another data
/// file. The reserve is a file with blocks but no content; removing it releases the space.
package struct Reserve {
  /// The bytes added to twice the data file, for lines of the log and directories.
  private static let minBytes = 262_144
  private static let maxBytes = 64 << 20
  /// How many times the bytes it takes must be free for it to be made.
  private static let margin = 2

  let directory: DataDirectory
  let system: SystemCalls

  package init(directory: DataDirectory, system: SystemCalls) {
    self.directory = directory
    self.system = system
  }

  private var path: String { directory.log + "/reserve" }

  /// Creates the reserve, or enlarges it as the data file grows, if there is space.
  ///
  /// - Throws: The operating system's reason; the store then works without it, or with what it has.
  package func keep() throws(Errno) {
    let dataBytes = (try? system.status(at: directory.dataFile).size) ?? 0
    let wanted = min(Self.minBytes + 2 * dataBytes, Self.maxBytes)
    let kept = (try? system.status(at: path))?.allocatedBytes ?? 0
    // It is not enlarged for each new entry.
    guard kept < wanted / 4 * 3,
      try system.fileSystem(at: directory.log).freeBytes >= Self.margin * (wanted - kept)
    else { return }
    let file = try system.open(path, O_RDWR | O_CREAT)
    do throws(Errno) {
      try system.allocate(wanted, for: file)
    } catch {
      // Without blocks it is of no use; blocks that it already has are kept.
      if kept == 0 { try system.unlink(path) }
    }
  }

  /// Releases the reserve.
  ///
  /// - Returns: Whether there was one.
  package func giveUp() -> Bool { (try? system.unlink(path)) != nil }
}
