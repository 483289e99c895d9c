import Glibc
import SystemPackage

/// A directory, with the table of system calls through which its files are reached.
///
/// Names are relative to it and may lead into subfolders.
public struct Folder: Sendable {
  /// The directory itself, without a trailing slash.
  public let path: String
  /// The system calls.
  public let system: SystemCalls

  /// Refers to a directory without touching it.
  public init(_ path: String, system: SystemCalls = SystemCalls()) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    self.system = system
  }

  /// Returns a subfolder that uses the same table.
  public func folder(_ name: String) -> Folder { Folder(path + "/" + name, system: system) }

  /// Returns a file that several processes change in turn.
  public func sharedFile(_ name: String) -> SharedFile {
    SharedFile(path + "/" + name, system: system)
  }

  /// Returns the names in a subfolder, sorted.
  ///
  /// - Throws: `FileError` when it cannot be listed.
  public func names(in folder: String) throws(FileError) -> [String] {
    try attempting(.list, on: path + "/" + folder) { () throws(Errno) in
      try system.list(path + "/" + folder).sorted()
    }
  }

  /// Returns whether a regular file has this name.
  public func holdsFile(_ name: String) -> Bool {
    (try? system.status(at: path + "/" + name))?.isRegular ?? false
  }

  /// Returns the content of a regular file; `nil` when there is none, or it cannot be read.
  public func contents(of name: String) -> [UInt8]? {
    guard let file = try? system.openToRead(path + "/" + name),
      let status = try? system.status(file), status.isRegular
    else { return nil }
    return try? system.read(file, count: status.size)
  }

  /// Reads a file from its beginning to its end, a part at a time.
  ///
  /// - Parameters:
  ///   - name: The file's name.
  ///   - take: Takes a part of at most a mebibyte.
  /// - Throws: `FileError` when it cannot be read, or what `take` throws.
  public func readParts(
    of name: String, _ take: ([UInt8]) throws(FileError) -> Void
  ) throws(FileError) {
    let path = path + "/" + name
    let file = try attempting(.read, on: path) { () throws(Errno) in try system.openToRead(path) }
    var offset = 0
    while true {
      let part = try attempting(.read, on: path) { () throws(Errno) in
        try system.read(file, at: offset, count: 1 << 20)
      }
      if part.isEmpty { return }
      try take(part)
      offset += part.count
    }
  }

  /// Writes a whole file: it has its name only when it is complete and on the device.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - name: The file's name; a file of that name is replaced atomically.
  ///   - surroundings: The clock and the random numbers for the name that it has until then, below `.temp/`.
  /// - Throws: `FileError`; what had the name is then as it was.
  public func writeFile(
    _ bytes: [UInt8], as name: String, surroundings: Surroundings = .machine
  ) throws(FileError) {
    // The folder may have been deleted while the site runs.
    try makeMissing([".temp"])
    var file = try StagedFile(in: folder(".temp"), surroundings: surroundings)
    do throws(FileError) {
      try file.write(bytes)
    } catch {
      file.discard()
      throw error
    }
    let whole = path + "/" + name
    let slash = whole.lastIndex(of: "/") ?? whole.startIndex
    try file.keep(in: String(whole[..<slash]), as: String(whole[whole.index(after: slash)...]))
  }

  /// Gives a file a second name, which may be there already; see `link(2)`.
  ///
  /// - Throws: `FileError` with the operating system's reason, such as EXDEV, or EEXIST for another file of that
  ///   name.
  public func linkFile(_ name: String, as newName: String) throws(FileError) {
    let (path, newPath) = (path + "/" + name, path + "/" + newName)
    try attempting(.link, on: newPath) { () throws(Errno) in
      do throws(Errno) {
        try system.link(path, as: newPath)
      } catch .fileExists {
        guard try system.status(at: path).isSameFile(as: try system.status(at: newPath)) else {
          throw .fileExists
        }
      }
    }
  }

  /// Removes a file.
  ///
  /// - Returns: Whether it is gone.
  public func removeFile(_ name: String) -> Bool {
    do throws(Errno) {
      try system.unlink(path + "/" + name)
      return true
    } catch {
      return error == .noSuchFileOrDirectory
    }
  }

  /// Renames a file.
  ///
  /// - Returns: Whether a file has the new name afterwards.
  public func renameFile(_ name: String, to newName: String) -> Bool {
    do throws(Errno) {
      try system.rename(path + "/" + name, to: path + "/" + newName)
      return true
    } catch {
      return holdsFile(newName)
    }
  }

  /// Removes a subfolder with everything in it; one that is not there is no error.
  ///
  /// - Throws: `FileError` when a part of it cannot be removed; the rest may be gone.
  public func removeFolder(_ name: String) throws(FileError) {
    let path = path + "/" + name
    try attempting(.remove, on: path) { () throws(Errno) in try remove(path) }
  }

  private func remove(_ path: String) throws(Errno) {
    do throws(Errno) {
      guard try system.status(at: path).isDirectory else { return try system.unlink(path) }
      for name in try system.list(path) { try remove(path + "/" + name) }
      try system.removeDirectory(path)
    } catch .noSuchFileOrDirectory {}
  }

  /// Makes the names in a subfolder durable; see `fsync(2)`.
  ///
  /// - Throws: `FileError` when they cannot be synchronized.
  public func synchronizeNames(in name: String) throws(FileError) {
    let path = path + "/" + name
    try attempting(.keep, on: path) { () throws(Errno) in
      try system.synchronize(try system.open(path, O_RDONLY | O_DIRECTORY))
    }
  }

  /// Makes folders that are missing, and the directory itself, and makes them durable.
  ///
  /// - Throws: `FileError` when one cannot be made.
  public func makeMissing(_ names: [String]) throws(FileError) {
    let missing = names.filter { (try? system.status(at: path + "/" + $0)) == nil }
    guard !missing.isEmpty else { return }
    try attempting(.makeFolder, on: path) { () throws(Errno) in try system.makeDirectory(path) }
    for name in missing { try makeFolder(name) }
    try attempting(.makeFolder, on: path) { () throws(Errno) in
      try system.synchronize(try system.open(path, O_RDONLY | O_DIRECTORY))
    }
  }

  /// Makes a folder, if it is missing.
  ///
  /// - Throws: `FileError` when it cannot be made.
  public func makeFolder(_ name: String) throws(FileError) {
    try attempting(.makeFolder, on: path + "/" + name) { () throws(Errno) in
      try system.makeDirectory(path + "/" + name)
    }
  }
}
