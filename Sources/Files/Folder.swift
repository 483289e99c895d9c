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
