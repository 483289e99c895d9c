import CFiles
import Glibc
public import SystemPackage

/// Locks and leases.
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

  /// Marks a file as held for as long as it is open, which others can see; see `fcntl(2)`, F_OFD_SETLK.
  ///
  /// This lock is independent of that of `lockExclusively`.
  public func hold(_ file: OpenFile) throws(Errno) {
    _ = try call(.lock, file.path, of: file) { contest_hold(file.descriptor) }
  }

  /// Returns whether another open file description holds the file; see `fcntl(2)`, F_OFD_GETLK.
  public func isHeld(_ file: OpenFile) throws(Errno) -> Bool {
    try call(.lock, file.path, of: file) { contest_is_held(file.descriptor) } == 1
  }

  /// Releases a lock; see `flock(2)`.
  ///
  /// - Throws: The operating system's reason; closing the file releases the lock all the same.
  public func unlock(_ file: OpenFile) throws(Errno) {
    _ = try call(.unlock, file.path, of: file) { flock(file.descriptor, LOCK_UN) }
    file.noteLock(false)
  }

  /// Takes a write lease, which fails while the file is open elsewhere; see `fcntl(2)`, F_SETLEASE.
  ///
  /// Use `FileLease`, which releases it.
  func takeLease(on file: OpenFile) throws(Errno) {
    _ = try call(.takeLease, file.path, of: file) { contest_take_lease(file.descriptor) }
  }

  /// Releases a lease, also for copies of the descriptor; see `fcntl(2)`, F_SETLEASE.
  func giveLeaseBack(on file: OpenFile) {
    // It fails only if the lease is gone already, because it was broken.
    _ = try? call(.releaseLease, file.path, of: file) {
      contest_give_lease_back(file.descriptor)
    }
  }
}
