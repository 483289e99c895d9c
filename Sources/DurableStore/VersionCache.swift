import Synchronization

/// A process's copy of the data file, shared by its threads.
final class VersionCache<State: DurableState>: Sendable {
  /// A version with the identity of the file that holds it.
  ///
  /// The nanoseconds of the file's modification time are its generation, so that one `stat(2)`
  /// tells it from every other version (I7): inode, size and tick repeat.
  struct Entry: Sendable {
    let version: Version<State>
    let device: UInt
    let inode: UInt
    let size: Int
    let modifiedSeconds: Int
    let modifiedNanoseconds: Int

    init(_ version: Version<State>, _ status: FileStatus) {
      self.version = version
      (device, inode, size) = (status.device, status.inode, status.size)
      (modifiedSeconds, modifiedNanoseconds) = (status.modifiedSeconds, status.modifiedNanoseconds)
    }

    func matches(_ status: FileStatus) -> Bool {
      device == status.device && inode == status.inode && size == status.size
        && modifiedSeconds == status.modifiedSeconds
        && modifiedNanoseconds == status.modifiedNanoseconds
    }
  }

  private let entry = Mutex<Entry?>(nil)

  var current: Entry? { entry.withLock { $0 } }

  /// Keeps a version, unless a later one is there already.
  func store(_ version: Version<State>, _ status: FileStatus) {
    entry.withLock { entry in
      if let kept = entry, kept.version.generation > version.generation { return }
      entry = Entry(version, status)
    }
  }

  /// Keeps what the holder of the lock has found, whatever was there.
  func replace(_ version: Version<State>, _ status: FileStatus) {
    entry.withLock { $0 = Entry(version, status) }
  }

  func forget() {
    entry.withLock { $0 = nil }
  }
}
