import Files
import Glibc
import SystemPackage

/// The file that a new state is written to: a new inode, or the oldest backup's inode reused.
///
/// Freeing blocks that have reached the device is expensive; overwriting them is not. An inode is reused
/// only if it has one name, belongs to this user and nobody has it open. A write lease proves the last
/// point, because readers such as `jq` or `cp` take no lock (I8).
final class Spare {
  /// Opened for writing.
  private(set) var file: OpenFile?
  /// The proof that nobody else has it open; `nil` for a new file, which has no name that others know.
  private var lease: FileLease?
  /// The name under `.temp/`.
  let path: String
  /// Its status when it was taken, and the generation in its name; `nil` for a new file.
  let former: (status: FileStatus, generation: Int)?

  private init(
    file: OpenFile, lease: FileLease? = nil, path: String, former: (FileStatus, Int)?
  ) {
    self.file = file
    self.lease = lease
    self.path = path
    self.former = former
  }

  /// Takes the oldest automatic backup, if the full number exists and it is reusable; else creates a file.
  static func take<State>(
    from backups: inout Backups<State>, _ context: StoreContext
  ) throws(Errno) -> Spare {
    let (system, path) = (context.system, context.temporaryFile())
    let automatic = try backups.automatic()
    if automatic.count >= StoreLimits.automaticBackups, let oldest = automatic.first {
      let generation = oldest.generation ?? -1
      // Where a file system keeps no nanoseconds nobody can tell; it is then written as a whole.
      let reuse = reusable(context.directory.backups + "/" + oldest.text, system).flatMap {
        GenerationStamp(of: $0.1) == GenerationStamp(generation) || !backups.keepsNanoseconds
          ? $0 : nil
      }
      if let (lease, status) = reuse {
        try backups.take(oldest, as: path)
        return Spare(
          file: lease.file, lease: lease, path: path, former: (status, generation))
      }
      _ = backups.setAsideChanged(oldest)
    }
    let file = try system.open(path, O_RDWR | O_CREAT | O_EXCL)
    return Spare(file: file, path: path, former: nil)
  }

  /// Closes the file and releases its lease, once nothing more is written to it.
  ///
  /// Until then, anyone else who opens the file waits for the lease.
  func close() {
    lease = nil
    file = nil
  }

  /// Opens a file whose inode may be reused, and takes a lease; `nil` for any other file.
  static func reusable(
    _ path: String, _ system: SystemCalls
  ) -> (FileLease, FileStatus)? {
    // A file that cannot be reused is removed in its turn, whatever the reason.
    guard let file = try? system.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK),
      let lease = try? FileLease(on: file, system),
      let status = try? system.status(file), status.isRegular, status.linkCount == 1,
      status.owner == SystemCalls.user,
      let named = try? system.status(at: path), named.isSameFile(as: status)
    else { return nil }
    return (lease, status)
  }
}
