package import Files
import Glibc
package import SystemPackage

/// Room on the disk that is kept for transactions that make room: `.wal/reserve`.
///
/// On a full disk a removal needs a line of the log and, in the worst case, a data file more. The file
/// has blocks and no bytes; giving it up is removing it.
package struct Reserve {
  /// Beyond twice the data file: lines of the log, directories.
  private static let minBytes = 262_144
  private static let maxBytes = 64 << 20
  /// It is made where at least so many times as much is free.
  private static let margin = 2

  let directory: DataDirectory
  let system: SystemCalls

  package init(directory: DataDirectory, system: SystemCalls) {
    self.directory = directory
    self.system = system
  }

  private var path: String { directory.log + "/reserve" }

  /// Makes it, or makes it larger as the data file has grown, if there is room.
  ///
  /// - Throws: The operating system's reason; the store does without it, or with what it has.
  package func keep() throws(Errno) {
    let dataBytes = (try? system.status(at: directory.dataFile).size) ?? 0
    let wanted = min(Self.minBytes + 2 * dataBytes, Self.maxBytes)
    let kept = (try? system.status(at: path))?.allocatedBytes ?? 0
    // Not for each entry more.
    guard kept < wanted / 4 * 3,
      try system.fileSystem(at: directory.log).freeBytes >= Self.margin * (wanted - kept)
    else { return }
    let file = try system.open(path, O_RDWR | O_CREAT)
    do throws(Errno) {
      try system.allocate(wanted, for: file)
    } catch {
      // Without blocks it is of no use; what it has stays.
      if kept == 0 { try system.unlink(path) }
    }
  }

  /// Gives it up.
  ///
  /// - Returns: Whether there was one.
  package func giveUp() -> Bool { (try? system.unlink(path)) != nil }
}
