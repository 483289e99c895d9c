import Glibc
import Synchronization

/// An open file description, closed with the last reference to it.
///
/// Its lock is released explicitly before that. A child process that another thread is starting holds a copy
/// of the descriptor until `exec`, and the lock would last as long as that copy; see `flock(2)`.
public final class OpenFile: Sendable {
  /// See `open(2)`.
  public let descriptor: Int32
  /// The name it was opened by, for messages; the file may have been renamed since.
  public let path: String
  private let isLocked = Atomic(false)

  /// Takes ownership of an open descriptor.
  public init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Records whether this file is locked.
  func noteLock(_ isLocked: Bool) { self.isLocked.store(isLocked, ordering: .relaxed) }

  deinit {
    if isLocked.load(ordering: .relaxed) { flock(descriptor, LOCK_UN) }
    // Errors do not matter: whatever must be on the device was synchronized before; see close(2).
    Glibc.close(descriptor)
  }
}
