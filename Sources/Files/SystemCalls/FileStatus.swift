import Glibc

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
  /// Whether it is a symbolic link itself.
  public let isSymbolicLink: Bool
  /// What everybody may do with it, of `rwx`; see `chmod(2)`.
  public let permissionsOfOthers: UInt32
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
    isSymbolicLink = status.st_mode & S_IFMT == S_IFLNK
    permissionsOfOthers = status.st_mode & S_IRWXO
    modifiedSeconds = status.st_mtim.tv_sec
    modifiedNanoseconds = status.st_mtim.tv_nsec
  }

  /// Whether both are the same file, however often it was written since.
  public func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}
