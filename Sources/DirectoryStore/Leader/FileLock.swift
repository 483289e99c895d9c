import DurableStore
import Files
import Glibc
import SystemPackage

/// The exclusive lock of a store: `flock(2)` on `.lock`, which is never renamed or removed (I6).
struct FileLock {
  private let directory: DataDirectory
  private let system: SystemCalls
  private var file: OpenFile?

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
        if try system.status(file).isSameFile(as: named) { return true }
      } catch .noSuchFileOrDirectory {
      } catch {
        // Closing it gives the lock back, whatever the matter is.
        self.file = nil
        throw error
      }
      // Somebody has removed the directory and made it again.
      self.file = nil
      return false
    }
  }

  /// Gives the lock back.
  mutating func release() {
    do throws(Errno) {
      if let file { try system.unlock(file) }
    } catch {
      // Closing it gives the lock back.
      file = nil
    }
  }

  /// Whether the store was last used in this boot: no power cut can have torn a file since.
  func isSameBoot() -> Bool {
    guard let file, let boot = currentBoot() else { return false }
    return (try? system.read(file, count: boot.count)) == boot
  }

  /// Whether the machine was started since the store was last used, as far as that can be told.
  func isNewBoot() -> Bool {
    currentBoot() != nil && !isSameBoot()
  }

  /// Notes that the store is used in this boot; only after recovery has looked at it.
  func noteBoot() {
    guard let file, let boot = currentBoot(), !isSameBoot() else { return }
    // Without the note the next look is only more careful.
    try? system.write(boot, to: file, at: 0)
  }

  private mutating func openFile() throws(Errno) -> OpenFile {
    if let file { return file }
    let file = try system.open(directory.lockFile, O_RDWR | O_CREAT)
    self.file = file
    return file
  }

  /// See `random(4)`, boot_id.
  private func currentBoot() -> [UInt8]? {
    guard let file = try? system.open("/proc/sys/kernel/random/boot_id", O_RDONLY),
      let text = try? system.read(file, count: 36), text.count == 36
    else { return nil }
    return text
  }
}
