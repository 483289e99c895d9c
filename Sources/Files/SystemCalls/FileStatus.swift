import Glibc

/// The status of a file; see `stat(2)`.
public struct FileStatus: Sendable, Equatable {
  /// The device's number.
  public let device: UInt
  /// The file's inode number on its device.
  public let inode: UInt
  /// The file's length in bytes.
  public let size: Int
  /// The space that its blocks take on the device, in bytes.
  public let allocatedBytes: Int
  /// How many names (hard links) it has.
  public let linkCount: Int
  /// The owner's user ID.
  public let owner: UInt32
  /// Whether it is a regular file, not a directory, pipe, device or link.
  public let isRegular: Bool
  /// Whether it is a directory.
  public let isDirectory: Bool
  /// Whether it is a symbolic link itself.
  public let isSymbolicLink: Bool
  /// The `rwx` permission bits for others; see `chmod(2)`.
  public let permissionsOfOthers: UInt32
  /// When it was modified, in whole seconds since 1970 UTC.
  public let modifiedSeconds: Int
  /// The nanoseconds to add to `modifiedSeconds`.
  public let modifiedNanoseconds: Int

  init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    size = Int(status.st_size)
    // `st_blocks` counts units of 512 bytes, whatever the block size; see stat(3type).
    allocatedBytes = Int(status.st_blocks) * 512
    linkCount = Int(status.st_nlink)
    owner = status.st_uid
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    isSymbolicLink = status.st_mode & S_IFMT == S_IFLNK
    permissionsOfOthers = status.st_mode & S_IRWXO
    modifiedSeconds = status.st_mtim.tv_sec
    modifiedNanoseconds = status.st_mtim.tv_nsec
  }

  /// Returns whether both are the same file with the same time and length.
  public func isUnchanged(since other: FileStatus) -> Bool {
    isSameFile(as: other) && size == other.size && modifiedSeconds == other.modifiedSeconds
      && modifiedNanoseconds == other.modifiedNanoseconds
  }

  /// Returns whether both are the same file, even if it was written in between.
  public func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}
