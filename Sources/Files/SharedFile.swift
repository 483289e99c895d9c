import Glibc
import SystemPackage

/// A small file beside the store that several processes change in turn, under its own lock.
///
/// It is not synchronized: losing changes in a power cut must not matter.
public struct SharedFile: Sendable {
  private static let maxBytes = 8 << 20

  /// The file's path.
  public let path: String
  private let system: SystemCalls

  /// Refers to a file without touching it; an update creates its directory if that is missing.
  public init(_ path: String, system: SystemCalls = SystemCalls()) {
    self.path = path
    self.system = system
  }

  /// Removes it, if it is there.
  public func remove() {
    // A file that cannot be removed does no harm.
    try? system.unlink(path)
  }

  /// The content; `nil` when there is no such file.
  ///
  /// - Throws: `FileError` when it cannot be read.
  public func read() throws(FileError) -> [UInt8]? {
    do throws(Errno) {
      let file = try system.openToRead(path)
      return try contents(of: file)
    } catch .noSuchFileOrDirectory {
      return nil
    } catch {
      throw FileError(.read, path: path, error)
    }
  }

  /// Reads a regular file, because reading a pipe would block; one that is far too long counts as empty.
  private func contents(of file: OpenFile) throws(Errno) -> [UInt8] {
    let status = try system.status(file)
    guard status.isRegular else { throw .invalidArgument }
    return status.size > Self.maxBytes ? [] : try system.read(file, count: status.size)
  }

  /// Runs a closure while holding the file's lock.
  ///
  /// It blocks as `update` does.
  /// - Throws: `FileError` from taking the lock, or from the closure.
  public func whileLocked<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(FileError) -> Result {
    var result: Swift.Result<Result, FileError>?
    try update { old in
      do throws(FileError) {
        result = .success(try body())
      } catch {
        result = .failure(error)
      }
      return old
    }
    guard let result else {
      throw FileError(.lock, path: path, .resourceTemporarilyUnavailable)
    }
    return try result.get()
  }

  /// Changes the content while holding the file's lock.
  ///
  /// It blocks while another process holds the lock, for at most two seconds.
  /// - Parameter body: Returns the new content for the old one, which is empty at first.
  /// - Throws: `FileError` when it cannot be locked, read or written.
  public func update(_ body: ([UInt8]) -> [UInt8]) throws(FileError) {
    try attempting(.write, on: path) { () throws(Errno) in
      if let slash = path.lastIndex(of: "/") { try system.makeDirectory(String(path[..<slash])) }
      let file = try system.open(path, O_RDWR | O_CREAT | O_NONBLOCK)
      var patience = 200
      while !(try system.lockExclusively(file)) {
        guard patience > 0 else { throw .resourceTemporarilyUnavailable }
        patience -= 1
        usleep(10_000)
      }
      let old = try contents(of: file)
      let new = body(old)
      guard new != old else { return }
      try system.write(new, to: file, at: 0)
      try system.truncate(file, to: new.count)
    }
  }
}
