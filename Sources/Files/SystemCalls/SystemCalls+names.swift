import CFiles
import Glibc
public import SystemPackage

/// Calls on names and the files they lead to.
extension SystemCalls {
  /// Returns the status of an open file; see `fstat(2)`.
  public func status(_ file: OpenFile) throws(Errno) -> FileStatus {
    var status = stat()
    _ = try call(.status, file.path, of: file) { unsafe fstat(file.descriptor, &status) }
    return FileStatus(status)
  }

  /// Returns the status of the file that a name leads to, or of a symbolic link itself; see `lstat(2)`.
  public func status(at path: String) throws(Errno) -> FileStatus {
    var status = stat()
    _ = try call(.status, path) { unsafe lstat(path, &status) }
    return FileStatus(status)
  }

  /// Checks that this process may write to the file or directory at a path; see `faccessat(2)`.
  ///
  /// - Throws: The operating system's reason why it may not, such as EACCES or EROFS.
  public func checkAccess(toWrite path: String) throws(Errno) {
    _ = try call(.access, path) { unsafe faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) }
  }

  /// Returns the kind and the free space of the file system that a path is on; see `statfs(2)`.
  public func fileSystem(at path: String) throws(Errno) -> FileSystem {
    var found = contest_file_system()
    _ = try call(.space, path) { unsafe contest_examine_file_system(path, &found) }
    return FileSystem(found)
  }

  /// Renames a file, replacing any file that has the new name; see `rename(2)`.
  public func rename(_ path: String, to newPath: String) throws(Errno) {
    _ = try call(.rename, newPath, detail: .otherPath(path)) { unsafe Glibc.rename(path, newPath) }
  }

  /// Swaps two names; see `renameat2(2)`, RENAME_EXCHANGE.
  public func exchange(_ path: String, with otherPath: String) throws(Errno) {
    _ = try call(.exchange, otherPath, detail: .otherPath(path)) {
      unsafe contest_exchange(path, otherPath)
    }
  }

  /// Gives a file a second name; see `link(2)`.
  public func link(_ path: String, as newPath: String) throws(Errno) {
    _ = try call(.link, newPath, detail: .otherPath(path)) { unsafe Glibc.link(path, newPath) }
  }

  /// Removes a name; see `unlink(2)`.
  public func unlink(_ path: String) throws(Errno) {
    _ = try call(.unlink, path) { unsafe Glibc.unlink(path) }
  }

  /// Creates a directory, if it is missing; see `mkdir(2)`.
  public func makeDirectory(_ path: String) throws(Errno) {
    do {
      _ = try call(.makeDirectory, path) { unsafe mkdir(path, 0o750) }
      if Self.user == 0, let owner = ownerOfDirectory(of: path) {
        // As for a file that root creates; if this fails, the responders report what they cannot do.
        _ = try? call(.changeOwner, path) { unsafe lchown(path, owner.user, owner.group) }
      }
    } catch .fileExists {}
  }

  /// Removes an empty directory; see `rmdir(2)`.
  public func removeDirectory(_ path: String) throws(Errno) {
    _ = try call(.removeDirectory, path) { unsafe rmdir(path) }
  }

  /// Returns the names in a directory, unordered, without `.` and `..`; see `readdir(3)`.
  public func list(_ path: String) throws(Errno) -> [String] {
    var names: [String] = []
    _ = try call(.list, path) {
      names = []
      guard let stream = unsafe opendir(path) else { return -1 }
      defer { unsafe closedir(stream) }
      errno = 0
      while let entry = unsafe readdir(stream) {
        // A name that is not UTF-8 is left out; `moveNamesOfNoText` deals with it.
        if let name = unsafe String(validating: Self.bytes(ofNameOf: entry), as: UTF8.self),
          name != ".", name != ".."
        {
          names.append(name)
        }
        errno = 0
      }
      // Only errno distinguishes an error from the end.
      return errno == 0 ? 0 : -1
    }
    return names
  }

  /// Returns a copy of a directory entry's name, which the next `readdir` may overwrite.
  private static func bytes(ofNameOf entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
      unsafe Array(name.prefix { $0 != 0 })
    }
  }

  /// Moves the files whose names are not UTF-8, which no other call here can name.
  ///
  /// - Parameters:
  ///   - directory: Where they are.
  ///   - path: Returns the new path for a name, which it gets percent-encoded.
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
      _ = try call(.rename, newPath, detail: .otherPath(directory)) {
        unsafe Glibc.rename(oldPath, newPath)
      }
      moved.append(newPath)
    }
    return moved
  }
}
