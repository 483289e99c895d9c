import CFiles
import Glibc
public import SystemPackage

/// Who may do what, while others look.
extension SystemCalls {
  /// Takes an exclusive lock if nobody holds one; see `flock(2)`.
  ///
  /// - Returns: Whether it was taken.
  public func lockExclusively(_ file: OpenFile) throws(Errno) -> Bool {
    do {
      _ = try call(.lock, file.path, of: file) { flock(file.descriptor, LOCK_EX | LOCK_NB) }
      file.noteLock(true)
      return true
    } catch .wouldBlock {
      return false
    }
  }

  /// Holds a file for as long as it is open, so that others can tell; see `fcntl(2)`, F_OFD_SETLK.
  ///
  /// It is of another kind than the lock, and in nobody's way.
  public func hold(_ file: OpenFile) throws(Errno) {
    _ = try call(.lock, file.path, of: file) { contest_hold(file.descriptor) }
  }

  /// Whether somebody else holds a file; see `fcntl(2)`, F_OFD_GETLK.
  public func isHeld(_ file: OpenFile) throws(Errno) -> Bool {
    try call(.lock, file.path, of: file) { contest_is_held(file.descriptor) } == 1
  }

  /// Gives a lock back; see `flock(2)`.
  ///
  /// - Throws: The operating system's reason; closing the file gives it back all the same.
  public func unlock(_ file: OpenFile) throws(Errno) {
    _ = try call(.unlock, file.path, of: file) { flock(file.descriptor, LOCK_UN) }
    file.noteLock(false)
  }

  /// Takes a write lease, which nobody else's open descriptor allows; see `fcntl(2)`, F_SETLEASE.
  ///
  /// Use `FileLease`, which gives it back.
  func takeLease(on file: OpenFile) throws(Errno) {
    _ = try call(.takeLease, file.path, of: file) { contest_take_lease(file.descriptor) }
  }

  /// Gives a lease back, also for copies of the descriptor; see `fcntl(2)`, F_SETLEASE.
  func giveLeaseBack(on file: OpenFile) {
    // It fails only where there is none any more: it was broken meanwhile.
    _ = try? call(.releaseLease, file.path, of: file) {
      contest_give_lease_back(file.descriptor)
    }
  }
}
