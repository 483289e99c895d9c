import CFiles
import Glibc
public import SystemPackage

/// What files hold.
extension SystemCalls {
  /// A quarter of a second: many times what a program needs to start.
  private static let (attemptsWithLease, microsecondsBetweenAttempts) = (250, UInt32(1000))

  /// How much of a file is held in memory while it is compared.
  private static let comparedBytes = 262_144

  /// Opens a file; see `open(2)`.
  public func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0o640
  ) throws(Errno) -> OpenFile {
    // What may be made is never written to through a link: it may lead anywhere.
    let noLink = flags & O_CREAT != 0 ? O_NOFOLLOW : 0
    let descriptor = try call(.open, path, detail: .flags(flags)) {
      unsafe Glibc.open(path, flags | O_CLOEXEC | noLink, mode)
    }
    let file = OpenFile(descriptor: descriptor, path: path)
    if flags & O_CREAT != 0, geteuid() == 0 { giveToOwner(ofDirectoryOf: file) }
    return file
  }

  /// Gives a file that root made to the directory's owner: the responders could not read it.
  private func giveToOwner(ofDirectoryOf file: OpenFile) {
    guard let owner = ownerOfDirectory(of: file.path) else { return }
    // If it fails, the responders say what they cannot read.
    _ = try? call(.changeOwner, file.path, of: file) {
      fchown(file.descriptor, owner.user, owner.group)
    }
  }

  /// The owner of the directory a path is in, if that is not root.
  func ownerOfDirectory(of path: String) -> (user: uid_t, group: gid_t)? {
    var directory = stat()
    let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    let result = try? call(.status, parent) { unsafe stat(parent, &directory) }
    guard result != nil, directory.st_uid != 0 else { return nil }
    return (directory.st_uid, directory.st_gid)
  }

  /// Opens a file to read it, and waits for a lease that somebody has on it.
  ///
  /// A file that has a lease cannot be opened with O_NONBLOCK (EAGAIN, see `open(2)`), and without it an open
  /// waits for the holder, however long he is stopped. Each attempt asks the holder to give it back, and
  /// looks again where the name leads.
  /// - Throws: The operating system's reason; EAGAIN when it was not given back in time.
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

  /// Reads up to so many bytes at an offset; fewer only at the end; see `pread(2)`.
  public func read(
    _ file: OpenFile, at offset: Int = 0, count: Int
  ) throws(Errno) -> [UInt8] {
    guard count <= Self.maxFileBytes else { throw .fileTooLarge }
    var failure: Errno?
    // What `pread` has filled is initialized, and no more is claimed to be.
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

  /// Reads a file and tells whether it holds just these bytes.
  public func file(_ file: OpenFile, holds bytes: [UInt8]) throws(Errno) -> Bool {
    guard try self.file(file, holds: bytes, at: 0) else { return false }
    return try read(file, at: bytes.count, count: 1).isEmpty
  }

  /// Reads a part of a file and tells whether it is these bytes.
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
    // Both are as long as the first; see memcmp(3).
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

  /// Sets the times of what a name stands for; see `utimensat(2)`.
  public func setModificationTime(at path: String, seconds: Int) throws(Errno) {
    let time = timespec(tv_sec: seconds, tv_nsec: 0)
    let times = [time, time]
    _ = try call(.setTimes, path) {
      unsafe utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW)
    }
  }

  /// Gives a file blocks beyond its end; see `fallocate(2)`, FALLOC_FL_KEEP_SIZE.
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
