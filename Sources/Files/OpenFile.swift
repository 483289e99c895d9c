import Glibc
import Synchronization

/// An open file description, closed when nobody refers to it any more.
///
/// Its lock ends with it, and not later: a program that another thread is starting has a copy of the descriptor
/// until it executes, with which a lock would go on; see `flock(2)`.
public final class OpenFile: Sendable {
  /// See `open(2)`.
  public let descriptor: Int32
  /// The name it was opened by, for messages; it may have another by now.
  public let path: String
  private let isLocked = Atomic(false)

  /// Takes an open descriptor over; it is closed with this value.
  public init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Notes that it was locked, or given back.
  func noteLock(_ isLocked: Bool) { self.isLocked.store(isLocked, ordering: .relaxed) }

  deinit {
    if isLocked.load(ordering: .relaxed) { flock(descriptor, LOCK_UN) }
    // Whatever had to be on the device was synchronized before; see close(2) on its errors.
    Glibc.close(descriptor)
  }
}
