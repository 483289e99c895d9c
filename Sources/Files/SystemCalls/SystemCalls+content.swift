import CFiles
import Glibc
public import SystemPackage

/// Calls on the content of files.
extension SystemCalls {
  /// A quarter of a second in all: many times what a child process needs to reach `exec`.
  private static let (attemptsWithLease, microsecondsBetweenAttempts) = (250, UInt32(1000))

  /// How much of a file is held in memory while it is compared.
  private static let comparedBytes = 262_144

  /// Opens a file; see `open(2)`.
  public func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0o640
  ) throws(Errno) -> OpenFile {
    // A file that may be created is never opened through a symbolic link, which may lead anywhere.
    let noLink = flags & O_CREAT != 0 ? O_NOFOLLOW : 0
    let descriptor = try call(.open, path, detail: .flags(flags)) {
      unsafe Glibc.open(path, flags | O_CLOEXEC | noLink, mode)
    }
    let file = OpenFile(descriptor: descriptor, path: path)
    if flags & O_CREAT != 0, Self.user == 0 { giveToOwner(ofDirectoryOf: file) }
    return file
  }

  /// Gives a file that root created to the directory's owner; otherwise the responders could not read it.
  private func giveToOwner(ofDirectoryOf file: OpenFile) {
    guard let owner = ownerOfDirectory(of: file.path) else { return }
    // If this fails, the responders report what they cannot read.
    _ = try? call(.changeOwner, file.path, of: file) {
      fchown(file.descriptor, owner.user, owner.group)
    }
  }

  /// Returns the owner of the directory that a path is in, unless that is root.
  func ownerOfDirectory(of path: String) -> (user: uid_t, group: gid_t)? {
    var directory = stat()
    let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    let result = try? call(.status, parent) { unsafe stat(parent, &directory) }
    guard result != nil, directory.st_uid != 0 else { return nil }
    return (directory.st_uid, directory.st_gid)
  }

  /// Opens a file for reading, and waits while another process holds a lease on it.
  ///
  /// With O_NONBLOCK, opening a leased file fails (EAGAIN, see `open(2)`). Without it, the open would block
  /// for as long as the holder is stopped. Each attempt asks the holder to release the lease, and resolves
  /// the name again.
  /// - Throws: The operating system's reason; EAGAIN when the lease was not released in time.
  public func openToRead(_ path: String) throws(Errno) -> OpenFile {
    for _ in 1..<Self.attemptsWithLease {
      do throws(Errno) {
        return try open(path, O_RDONLY | O_NONBLOCK)
      } catch .wouldBlock {
        usleep(Self.microsecondsBetweenAttempts)
      }
    }
    return try open(path, O_RDONLY | O_NONBLOCK)
  }

  /// Reads up to `count` bytes at an offset, fewer only at the end of the file; see `pread(2)`.
  public func read(
    _ file: OpenFile, at offset: Int = 0, count: Int
  ) throws(Errno) -> [UInt8] {
    guard count <= Self.maxFileBytes else { throw .fileTooLarge }
    var failure: Errno?
    // Only the bytes that `pread` has filled are reported as initialized.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count, failure == nil {
        do throws(Errno) {
          let part = try transfer(.read, of: file, detail: .none, count: count - done) { length in
            // The pointer is used within this call, and `length` is at most what is left.
            let rest = unsafe UnsafeMutableRawBufferPointer(
              rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
            return unsafe pread(file.descriptor, rest.baseAddress, length, off_t(offset + done))
          }
          if part == 0 { break }
          done += part
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes all bytes at an offset; see `pwrite(2)`.
  public func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let detail = SystemCall.Detail.bytes(bytes, from: done, at: offset + done, isWanted)
      done += try transfer(.write, of: file, detail: detail, count: bytes.count - done) { length in
        // The pointer is used within this call, and `length` is at most what is left.
        unsafe bytes.withUnsafeBytes { buffer in
          let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
          return unsafe pwrite(file.descriptor, rest.baseAddress, length, off_t(offset + done))
        }
      }
    }
  }

  /// Reads a file and returns whether it holds exactly these bytes.
  public func file(_ file: OpenFile, holds bytes: [UInt8]) throws(Errno) -> Bool {
    guard try self.file(file, holds: bytes, at: 0) else { return false }
    return try read(file, at: bytes.count, count: 1).isEmpty
  }

  /// Reads a part of a file and returns whether it equals these bytes.
  public func file(_ file: OpenFile, holds bytes: [UInt8], at offset: Int) throws(Errno) -> Bool {
    for start in stride(from: 0, to: bytes.count, by: Self.comparedBytes) {
      let part = bytes[start..<min(bytes.count, start + Self.comparedBytes)]
      let read = try read(file, at: offset + start, count: part.count)
      if !Self.isEqual(read, part) { return false }
    }
    return true
  }

  private static func isEqual(_ read: [UInt8], _ bytes: ArraySlice<UInt8>) -> Bool {
    guard read.count == bytes.count else { return false }
    // Both have the same length; see memcmp(3).
    return unsafe bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      return unsafe memcmp(read, start, bytes.count) == 0
    }
  }

  /// Synchronizes a file or directory with the device, once; see `fsync(2)`.
  public func synchronize(_ file: OpenFile) throws(Errno) {
    _ = try call(.synchronize, file.path, of: file) { fsync(file.descriptor) }
  }

  /// Synchronizes a file's bytes and its length, once; see `fdatasync(2)`.
  public func synchronizeData(_ file: OpenFile) throws(Errno) {
    _ = try call(.synchronize, file.path, detail: .dataOnly, of: file) {
      fdatasync(file.descriptor)
    }
  }

  /// Sets a file's length; see `ftruncate(2)`.
  public func truncate(_ file: OpenFile, to length: Int) throws(Errno) {
    _ = try call(.truncate, file.path, detail: .length(length), of: file) {
      ftruncate(file.descriptor, off_t(length))
    }
  }

  /// Sets a file's access and modification times; see `futimens(3)`.
  public func setModificationTime(
    of file: OpenFile, seconds: Int, nanoseconds: Int
  ) throws(Errno) {
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    let times = [time, time]
    _ = try call(.setTimes, file.path, of: file) { unsafe futimens(file.descriptor, times) }
  }

  /// Sets the times of a file by its name, or of a symbolic link itself; see `utimensat(2)`.
  public func setModificationTime(at path: String, seconds: Int) throws(Errno) {
    let time = timespec(tv_sec: seconds, tv_nsec: 0)
    let times = [time, time]
    _ = try call(.setTimes, path) {
      unsafe utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW)
    }
  }

  /// Allocates blocks for a file without changing its length; see `fallocate(2)`, FALLOC_FL_KEEP_SIZE.
  public func allocate(_ byteCount: Int, for file: OpenFile) throws(Errno) {
    _ = try call(.allocate, file.path, of: file) {
      contest_allocate(file.descriptor, Int64(byteCount))
    }
  }
}

extension SystemCall.Detail {
  fileprivate static func bytes(
    _ bytes: [UInt8], from start: Int, at offset: Int, _ isWanted: Bool
  ) -> SystemCall.Detail {
    isWanted ? .bytes(Array(bytes[start...]), offset: offset) : .none
  }
}
