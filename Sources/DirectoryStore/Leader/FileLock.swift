import DurableStore
import Files
import Glibc
import SystemPackage

/// The exclusive lock of a store: `flock(2)` on `.lock`, which is never renamed or removed (I6).
struct FileLock {
  private let directory: DataDirectory
  private let system: SystemCalls
  private var file: OpenFile?
  /// The open file's status when it was opened: its device and inode stay.
  private var identity: FileStatus?
  /// The identifier of this boot, which a process does not outlive; `nil` if it cannot be read.
  private var boot: [UInt8]?

  init(_ directory: DataDirectory, _ system: SystemCalls) {
    self.directory = directory
    self.system = system
  }

  /// Takes the lock if nobody holds it.
  ///
  /// - Returns: Whether it was taken.
  mutating func take() throws(TransactionError) -> Bool {
    try attempting(.lock, on: directory.lockFile) { () throws(Errno) in
      let file = try openFile()
      guard try system.lockExclusively(file) else { return false }
      do throws(Errno) {
        let named = try system.status(at: directory.lockFile)
        if identity?.isSameFile(as: named) == true { return true }
      } catch .noSuchFileOrDirectory {
      } catch {
        // Closing the file releases the lock, whatever the error.
        self.file = nil
        throw error
      }
      // Somebody has removed the directory and made it again.
      self.file = nil
      return false
    }
  }

  /// Releases the lock.
  mutating func release() {
    do throws(Errno) {
      if let file { try system.unlock(file) }
    } catch {
      // Closing the file releases the lock.
      file = nil
    }
  }

  /// Returns whether the store was last used in this boot: no power cut can have torn a file since.
  func isSameBoot() -> Bool {
    guard let file, let boot else { return false }
    return (try? system.read(file, count: boot.count)) == boot
  }

  /// Returns whether the machine was rebooted since the store was last used, as far as that is known.
  func isNewBoot() -> Bool {
    boot != nil && !isSameBoot()
  }

  /// Records that the store is used in this boot; only after recovery has examined it.
  func noteBoot() {
    guard let file, let boot, !isSameBoot() else { return }
    // Without this record the next recovery is only more careful.
    try? system.write(boot, to: file, at: 0)
  }

  private mutating func openFile() throws(Errno) -> OpenFile {
    if let file { return file }
    let file = try system.open(directory.lockFile, O_RDWR | O_CREAT)
    identity = try system.status(file)
    boot = boot ?? currentBoot()
    self.file = file
    return file
  }

  /// Reads the identifier of this boot; see `random(4)`, boot_id.
  private func currentBoot() -> [UInt8]? {
    guard let file = try? system.open("/proc/sys/kernel/random/boot_id", O_RDONLY),
      let text = try? system.read(file, count: 36), text.count == 36
    else { return nil }
    return text
  }
}
