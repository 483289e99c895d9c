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

/// What is asked about a file; see `stat(2)`.
public struct FileStatus: Sendable, Equatable {
  /// The device's number.
  public let device: UInt
  /// The file's number on its device.
  public let inode: UInt
  /// In bytes.
  public let size: Int
  /// What its blocks take on the device.
  public let allocatedBytes: Int
  /// How many names it has.
  public let linkCount: Int
  /// The owner's user number.
  public let owner: UInt32
  /// Whether it is a regular file, not a directory, pipe, device or link.
  public let isRegular: Bool
  /// When it was modified, in whole seconds since 1970 UTC.
  public let modifiedSeconds: Int
  /// The nanoseconds that are added to that.
  public let modifiedNanoseconds: Int

  init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    size = Int(status.st_size)
    // In units of 512 bytes, whatever a block is; see stat(3type).
    allocatedBytes = Int(status.st_blocks) * 512
    linkCount = Int(status.st_nlink)
    owner = status.st_uid
    isRegular = status.st_mode & S_IFMT == S_IFREG
    modifiedSeconds = status.st_mtim.tv_sec
    modifiedNanoseconds = status.st_mtim.tv_nsec
  }

  /// Whether both are the same file, however often it was written since.
  public func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}
