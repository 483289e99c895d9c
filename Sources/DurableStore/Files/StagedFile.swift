import Glibc
import SystemPackage

/// A file that is being written under `.temp/` and appears under its name only when it is whole.
///
/// It is locked while it is written: that is how a recovery tells it from what a dead process left.
public struct StagedFile: ~Copyable {
  /// The data directory it is for.
  private let directory: DataDirectory
  private let system: SystemCalls
  private let file: OpenFile
  private var writtenBytes = 0

  /// The absolute path it has until it gets its name.
  public var path: String { file.path }

  /// Makes an empty file.
  ///
  /// - Throws: `TransactionError` of the step that failed.
  public init(
    in directory: DataDirectory, system: SystemCalls = SystemCalls(),
    surroundings: Surroundings = .machine
  ) throws(TransactionError) {
    self.directory = directory
    self.system = system
    try directory.prepareMissing(system)
    var attempt = 1
    while true {
      let path = directory.temporaryFile(surroundings)
      do throws(TransactionError) {
        file = try Self.make(path, system)
        return
      } catch {
        guard error.isTransient, attempt < StoreLimits.attempts else { throw error }
        attempt += 1
      }
    }
  }

  private static func make(
    _ path: String, _ system: SystemCalls
  ) throws(TransactionError) -> OpenFile {
    try attempting(.writeTemporary, on: path) { () throws(Errno) in
      let file = try system.open(path, O_RDWR | O_CREAT | O_EXCL)
      do throws(Errno) {
        // A recovery that was quicker has removed the name: linkCount is then 0.
        guard try system.lockExclusively(file), try system.status(file).linkCount == 1 else {
          throw .resourceTemporarilyUnavailable
        }
        return file
      } catch {
        // The error is what counts; what is left is removed by the next recovery.
        _ = try? system.unlink(path)
        throw error
      }
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: `TransactionError` with the operating system's reason, such as ENOSPC.
  public mutating func write(_ bytes: [UInt8]) throws(TransactionError) {
    let offset = writtenBytes
    try attempting(.writeTemporary, on: file.path) { () throws(Errno) in
      try system.write(bytes, to: file, at: offset)
    }
    writtenBytes += bytes.count
  }

  /// Gives bytes at an offset of what was written, fewer at its end, also to who outlives this value.
  public var source: (_ offset: Int, _ count: Int) throws(TransactionError) -> [UInt8] {
    let (file, system) = (file, system)
    return { offset, count throws(TransactionError) in
      try attempting(.verifyTemporary, on: file.path) { () throws(Errno) in
        try system.read(file, at: offset, count: count)
      }
    }
  }

  /// Reads what was written.
  ///
  /// - Throws: `TransactionError` with the operating system's reason.
  public func read(at offset: Int, count: Int) throws(TransactionError) -> [UInt8] {
    try attempting(.verifyTemporary, on: file.path) { () throws(Errno) in
      try system.read(file, at: offset, count: count)
    }
  }

  /// Synchronizes the file, gives it its name and synchronizes the directory it is in.
  ///
  /// - Parameters:
  ///   - folder: The absolute path of a directory in the same file system.
  ///   - name: The name; a file that has it is replaced in one step.
  /// - Throws: `TransactionError`; this file is then gone.
  public consuming func publish(in folder: String, as name: String) throws(TransactionError) {
    let path = folder + "/" + name
    do throws(TransactionError) {
      try attempting(.synchronize, on: path) { () throws(Errno) in
        try system.synchronize(file)
        try system.rename(file.path, to: path)
        try system.synchronize(try system.open(folder, O_RDONLY | O_DIRECTORY))
      }
    } catch {
      // The error is what counts; what is left is an orphan or removed by the next recovery.
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
    // What is left is removed by the next recovery.
    _ = try? system.unlink(file.path)
  }
}
