import Glibc
import SystemPackage

/// A file that is written in a separate folder, and gets its own name only when it is complete.
///
/// It is locked while it is written, so that a recovery can tell it from a file that a dead process left.
public struct StagedFile: ~Copyable {
  private static let attempts = 3

  private let system: SystemCalls
  private let file: OpenFile
  private var writtenBytes = 0

  /// The absolute path it has until it gets its name.
  public var path: String { file.path }

  /// Creates an empty file.
  ///
  /// - Parameters:
  ///   - folder: Where it is written, as `tmp-<ms>-<6 base36>.json`.
  ///   - surroundings: The clock and the random numbers for its name.
  /// - Throws: `FileError` when it cannot be created.
  public init(
    in folder: Folder, surroundings: Surroundings = .machine
  ) throws(FileError) {
    system = folder.system
    var attempt = 1
    while true {
      let path = folder.path + "/" + Self.name(surroundings)
      do throws(FileError) {
        file = try Self.make(path, folder.system)
        return
      } catch {
        guard error.reason.isTransient, error.reason != .noSuchFileOrDirectory,
          attempt < Self.attempts
        else { throw error }
        attempt += 1
      }
    }
  }

  /// Returns a name for a file that is being written.
  public static func name(_ surroundings: Surroundings) -> String {
    "tmp-\(surroundings.identifier()).json"
  }

  private static func make(
    _ path: String, _ system: SystemCalls
  ) throws(FileError) -> OpenFile {
    try attempting(.write, on: path) { () throws(Errno) in
      let file = try system.open(path, O_RDWR | O_CREAT | O_EXCL)
      do throws(Errno) {
        // If a recovery got here first, it has removed the name: linkCount is then 0.
        guard try system.lockExclusively(file), try system.status(file).linkCount == 1 else {
          throw .resourceTemporarilyUnavailable
        }
        return file
      } catch {
        // Only the first error matters; the next recovery removes what is left.
        _ = try? system.unlink(path)
        throw error
      }
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: `FileError` with the operating system's reason, such as ENOSPC.
  public mutating func write(_ bytes: [UInt8]) throws(FileError) {
    let offset = writtenBytes
    try attempting(.write, on: file.path) { () throws(Errno) in
      try system.write(bytes, to: file, at: offset)
    }
    writtenBytes += bytes.count
  }

  /// A closure that reads written bytes at an offset, fewer at the end; it may outlive this value.
  public var source: (_ offset: Int, _ count: Int) throws(FileError) -> [UInt8] {
    let (file, system) = (file, system)
    return { offset, count throws(FileError) in
      try attempting(.read, on: file.path) { () throws(Errno) in
        try system.read(file, at: offset, count: count)
      }
    }
  }

  /// Synchronizes the file, gives it its name and synchronizes the directory it is in.
  ///
  /// - Parameters:
  ///   - folder: The absolute path of a directory in the same file system.
  ///   - name: The name; an existing file of that name is replaced atomically.
  /// - Throws: `FileError`; this file is then removed.
  public consuming func keep(in folder: String, as name: String) throws(FileError) {
    try keep(in: folder, as: name, isNew: false)
  }

  /// Gives the file a name that nothing has or refers to yet, and synchronizes it and the directory.
  ///
  /// The name comes first: a file system with a journal then writes the file and its name together, where it
  /// would have to wait for the device once more. Until this returns, a power cut may leave the name with less
  /// than the whole content.
  /// - Parameters:
  ///   - folder: The absolute path of a directory in the same file system.
  ///   - name: The name.
  /// - Throws: `FileError`; this file is then removed.
  public consuming func keep(in folder: String, asNew name: String) throws(FileError) {
    try keep(in: folder, as: name, isNew: true)
  }

  private consuming func keep(
    in folder: String, as name: String, isNew: Bool
  ) throws(FileError) {
    let path = folder + "/" + name
    do throws(FileError) {
      try attempting(.keep, on: path) { () throws(Errno) in
        if !isNew { try system.synchronize(file) }
        try system.rename(file.path, to: path)
        if isNew { try system.synchronize(file) }
        try system.synchronize(try system.open(folder, O_RDONLY | O_DIRECTORY))
      }
    } catch {
      // Only the first error matters; what is left is an orphan, or the next recovery removes it.
      _ = try? system.unlink(file.path)
      if let mine = try? system.status(file), let named = try? system.status(at: path),
        mine.isSameFile(as: named)
      {
        _ = try? system.unlink(path)
      }
      throw error
    }
  }

  /// Removes the file.
  public consuming func discard() {
    // If this fails, the next recovery removes the file.
    _ = try? system.unlink(file.path)
  }
}
