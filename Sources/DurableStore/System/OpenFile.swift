import Glibc

/// An open file description, closed when nobody refers to it any more.
///
/// Its lock and its lease end with it.
final class OpenFile: Sendable {
  let descriptor: Int32
  /// The name it was opened by, for messages; it may have another by now.
  let path: String

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    // Whatever had to be on the device was synchronized before; see close(2) on its errors.
    Glibc.close(descriptor)
  }
}

/// What the store asks about a file; see `stat(2)`.
struct FileStatus: Equatable {
  let device: UInt
  let inode: UInt
  let size: Int
  /// What its blocks take on the device.
  let allocatedBytes: Int
  let linkCount: Int
  let owner: UInt32
  let isRegular: Bool
  let modifiedSeconds: Int
  let modifiedNanoseconds: Int

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
  func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}
