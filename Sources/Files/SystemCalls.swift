import CFiles
import Glibc
public import SystemPackage

/// The table of all system calls on files.
///
/// A test may intercept it: let a call fail, cut it short, record it, or end the process there.
/// Interrupted calls are repeated here, but for `fsync` (I9). Descriptors are close-on-exec.
public struct SystemCalls: Sendable {
  /// Sees each call before it is made and after it has succeeded; the second verdict is ignored.
  public typealias Intercept = @Sendable (SystemCall, SystemCall.Moment) -> SystemCall.Verdict

  /// How much of a file is held in memory while it is compared.
  private static let comparedBytes = 262_144

  /// A longer file is nobody's here: a hole of a terabyte would fill the memory.
  public static let maxFileBytes = 1 << 30

  /// A quarter of a second: many times what a program needs to start.
  private static let (attemptsWithLease, microsecondsBetweenAttempts) = (250, UInt32(1000))

  private let intercept: Intercept?

  /// Makes a table.
  ///
  /// - Parameter intercept: For tests; a program gives none.
  public init(intercept: Intercept? = nil) {
    self.intercept = intercept
  }

  /// Opens a file; see `open(2)`.
  public func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0o640
  ) throws(Errno) -> OpenFile {
    // What may be made is never written to through a link: it may lead anywhere.
    let noLink = flags & O_CREAT != 0 ? O_NOFOLLOW : 0
    let descriptor = try call(.open, path, .flags(flags)) {
      unsafe Glibc.open(path, flags | O_CLOEXEC | noLink, mode)
    }
    let file = OpenFile(descriptor: descriptor, path: path)
    if flags & O_CREAT != 0, geteuid() == 0 { giveToOwner(ofDirectoryOf: file) }
    return file
  }

  /// Gives a file that root made to the directory's owner: the responders could not read it.
  private func giveToOwner(ofDirectoryOf file: OpenFile) {
    guard let owner = ownerOfDirectory(of: file.path) else { return }
    fchown(file.descriptor, owner.user, owner.group)
  }

  /// The owner of the directory a path is in, if that is not root.
  private func ownerOfDirectory(of path: String) -> (user: uid_t, group: gid_t)? {
    var directory = stat()
    let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    guard unsafe stat(parent, &directory) == 0, directory.st_uid != 0 else { return nil }
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
          let part = try transfer(.read, file, .none, count - done) { length in
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
      done += try transfer(.write, file, detail, bytes.count - done) { length in
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
    _ = try call(.synchronize, file.path, .dataOnly, of: file) { fdatasync(file.descriptor) }
  }

  /// Sets a file's length; see `ftruncate(2)`.
  public func truncate(_ file: OpenFile, to length: Int) throws(Errno) {
    _ = try call(.truncate, file.path, .length(length), of: file) {
      ftruncate(file.descriptor, off_t(length))
    }
  }

  /// The status of an open file; see `fstat(2)`.
  public func status(_ file: OpenFile) throws(Errno) -> FileStatus {
    var status = stat()
    _ = try call(.status, file.path, of: file) { unsafe fstat(file.descriptor, &status) }
    return FileStatus(status)
  }

  /// The status of what a name stands for, or of the link itself; see `lstat(2)`.
  public func status(at path: String) throws(Errno) -> FileStatus {
    var status = stat()
    _ = try call(.status, path) { unsafe lstat(path, &status) }
    return FileStatus(status)
  }

  /// The room and the kind of the file system that a path is on; see `statfs(2)`.
  public func fileSystem(at path: String) throws(Errno) -> FileSystem {
    var found = contest_file_system()
    _ = try call(.space, path) { unsafe contest_examine_file_system(path, &found) }
    return FileSystem(found)
  }

  /// Gives a file another name, replacing what has it; see `rename(2)`.
  public func rename(_ path: String, to newPath: String) throws(Errno) {
    _ = try call(.rename, newPath, .otherPath(path)) { unsafe Glibc.rename(path, newPath) }
  }

  /// Swaps two names; see `renameat2(2)`, RENAME_EXCHANGE.
  public func exchange(_ path: String, with otherPath: String) throws(Errno) {
    _ = try call(.exchange, otherPath, .otherPath(path)) {
      unsafe contest_exchange(path, otherPath)
    }
  }

  /// Gives a file a second name; see `link(2)`.
  public func link(_ path: String, as newPath: String) throws(Errno) {
    _ = try call(.link, newPath, .otherPath(path)) { unsafe Glibc.link(path, newPath) }
  }

  /// Removes a name; see `unlink(2)`.
  public func unlink(_ path: String) throws(Errno) {
    _ = try call(.unlink, path) { unsafe Glibc.unlink(path) }
  }

  /// Makes a directory, if it is not there; see `mkdir(2)`.
  public func makeDirectory(_ path: String) throws(Errno) {
    do {
      _ = try call(.makeDirectory, path) { unsafe mkdir(path, 0o750) }
      if geteuid() == 0, let owner = ownerOfDirectory(of: path) {
        // Like a file that root makes; if it fails, the responders say what they cannot do.
        unsafe lchown(path, owner.user, owner.group)
      }
    } catch .fileExists {}
  }

  /// The names in a directory, in no order, without `.` and `..`; see `readdir(3)`.
  public func list(_ path: String) throws(Errno) -> [String] {
    var names: [String] = []
    _ = try call(.list, path) {
      names = []
      guard let stream = unsafe opendir(path) else { return -1 }
      defer { unsafe closedir(stream) }
      errno = 0
      while let entry = unsafe readdir(stream) {
        // One that is no text has no name here: `setAsideNamesOfNoText` is for it.
        if let name = unsafe String(validating: Self.bytes(ofNameOf: entry), as: UTF8.self),
          name != ".", name != ".."
        {
          names.append(name)
        }
        errno = 0
      }
      // The end and an error look alike but for this.
      return errno == 0 ? 0 : -1
    }
    return names
  }

  /// The name of a directory's entry, copied: the next `readdir` may overwrite it.
  private static func bytes(ofNameOf entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
      unsafe Array(name.prefix { $0 != 0 })
    }
  }

  /// Moves the files whose names are no UTF-8, and which nothing else here can name.
  ///
  /// - Parameters:
  ///   - directory: Where they are.
  ///   - path: Gives the new path for a name whose bytes are percent-encoded.
  /// - Returns: The new paths.
  /// - Throws: The operating system's reason; some may have been moved.
  public func moveNamesOfNoText(
    in directory: String, to path: (String) -> String
  ) throws(Errno) -> [String] {
    var names: [[UInt8]] = []
    _ = try call(.list, directory) {
      names = []
      guard let stream = unsafe opendir(directory) else { return -1 }
      defer { unsafe closedir(stream) }
      while let entry = unsafe readdir(stream) {
        let name = unsafe Self.bytes(ofNameOf: entry)
        if String(validating: name, as: UTF8.self) == nil { names.append(name) }
      }
      return 0
    }
    var moved: [String] = []
    for name in names {
      let encoded = name.map { byte in
        let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "%")
        return isPlain
          ? String(UnicodeScalar(byte)) : "%" + String(256 + Int(byte), radix: 16).suffix(2)
      }.joined()
      let newPath = path(encoded)
      let oldPath = (Array(directory.utf8) + [UInt8(ascii: "/")] + name + [0]).map(
        CChar.init(bitPattern:))
      _ = try call(.rename, newPath, .otherPath(directory)) {
        unsafe Glibc.rename(oldPath, newPath)
      }
      moved.append(newPath)
    }
    return moved
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

  /// Takes an exclusive lock if nobody holds one; see `flock(2)`.
  ///
  /// - Returns: Whether it was taken.
  public func lockExclusively(_ file: OpenFile) throws(Errno) -> Bool {
    do {
      _ = try call(.lock, file.path, of: file) { flock(file.descriptor, LOCK_EX | LOCK_NB) }
      file.noteLock(true)
      return true
    } catch .wouldBlock {
      return false
    }
  }

  /// Holds a file for as long as it is open, so that others can tell; see `fcntl(2)`, F_OFD_SETLK.
  ///
  /// It is of another kind than the lock, and in nobody's way.
  public func hold(_ file: OpenFile) throws(Errno) {
    _ = try call(.lock, file.path, of: file) { contest_hold(file.descriptor) }
  }

  /// Whether somebody else holds a file; see `fcntl(2)`, F_OFD_GETLK.
  public func isHeld(_ file: OpenFile) throws(Errno) -> Bool {
    try call(.lock, file.path, of: file) { contest_is_held(file.descriptor) } == 1
  }

  /// Gives a file blocks beyond its end; see `fallocate(2)`, FALLOC_FL_KEEP_SIZE.
  public func allocate(_ byteCount: Int, for file: OpenFile) throws(Errno) {
    _ = try call(.allocate, file.path, of: file) {
      contest_allocate(file.descriptor, Int64(byteCount))
    }
  }

  /// Gives a lock back; see `flock(2)`.
  public func unlock(_ file: OpenFile) {
    // It fails only for a bad descriptor; closing would release it all the same.
    flock(file.descriptor, LOCK_UN)
    file.noteLock(false)
  }

  /// Takes a write lease, which nobody else's open descriptor allows; see `fcntl(2)`, F_SETLEASE.
  ///
  /// Use `FileLease`, which gives it back.
  func takeLease(on file: OpenFile) throws(Errno) {
    _ = try call(.takeLease, file.path, of: file) { contest_take_lease(file.descriptor) }
  }

  /// Gives a lease back, also for copies of the descriptor; see `fcntl(2)`, F_SETLEASE.
  func giveLeaseBack(on file: OpenFile) {
    // It fails only where there is none any more: it was broken meanwhile.
    _ = contest_give_lease_back(file.descriptor)
  }

  /// Maps the first page of a file, shared; see `mmap(2)`.
  public func map(_ file: OpenFile) throws(Errno) -> UnsafeMutableRawPointer {
    var address: UnsafeMutableRawPointer?
    _ = try call(.map, file.path) {
      unsafe address = mmap(nil, 4096, PROT_READ, MAP_SHARED, file.descriptor, 0)
      return unsafe address == MAP_FAILED ? -1 : 0
    }
    guard let address = unsafe address else { throw .invalidArgument }
    return unsafe address
  }

  /// Whether anybody wants to know what a call does; else it is not put together.
  private var isWanted: Bool { intercept != nil }

  private func transfer(
    _ name: SystemCall.Name, _ file: OpenFile, _ detail: SystemCall.Detail, _ count: Int,
    _ body: (Int) -> Int
  ) throws(Errno) -> Int {
    var length = count
    let made = SystemCall(
      name: name, path: file.path, detail: detail, descriptor: file.descriptor)
    switch try verdict(made) {
    case .limit(let bytes): length = min(count, bytes)
    case .pretend: return count
    case .proceed, .fail: break
    }
    while true {
      let result = body(length)
      if result >= 0 {
        _ = intercept?(made.transferring(result), .after)
        return result
      }
      let error = Errno(rawValue: errno)
      if error != .interrupted { throw error }
    }
  }

  private func call(
    _ name: SystemCall.Name, _ path: String, _ detail: SystemCall.Detail = .none,
    of file: OpenFile? = nil, _ body: () -> Int32
  ) throws(Errno) -> Int32 {
    let made = SystemCall(name: name, path: path, detail: detail, descriptor: file?.descriptor)
    if try verdict(made) == .pretend { return 0 }
    while true {
      let result = body()
      if result >= 0 {
        _ = intercept?(made, .after)
        return result
      }
      let error = Errno(rawValue: errno)
      // A synchronization is never repeated (I9).
      if error != .interrupted || name == .synchronize { throw error }
    }
  }

  /// Asks the test, as often as it says that the call was interrupted.
  private func verdict(_ call: SystemCall) throws(Errno) -> SystemCall.Verdict {
    guard let intercept else { return .proceed }
    while true {
      let verdict = intercept(call, .before)
      guard case .fail(let number) = verdict else { return verdict }
      let error = Errno(rawValue: number)
      if error != .interrupted || call.name == .synchronize { throw error }
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

extension SystemCall {
  /// The same call with as many bytes as it has transferred.
  fileprivate func transferring(_ count: Int) -> SystemCall {
    guard case .bytes(let bytes, let offset) = detail else { return self }
    return SystemCall(
      name: name, path: path, detail: .bytes(Array(bytes.prefix(count)), offset: offset),
      descriptor: descriptor)
  }
}
