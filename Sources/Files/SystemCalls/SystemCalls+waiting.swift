import CFiles
import Glibc
public import SystemPackage

/// Waiting for other processes.
extension SystemCalls {
  private static var pageBytes: Int { 4096 }

  /// Maps the first page of a file, shared; see `mmap(2)`.
  public func map(_ file: OpenFile) throws(Errno) -> UnsafePointer<UInt32> {
    var address: UnsafeMutableRawPointer?
    _ = try call(.map, file.path) {
      unsafe address = mmap(nil, Self.pageBytes, PROT_READ, MAP_SHARED, file.descriptor, 0)
      return unsafe address == MAP_FAILED ? -1 : 0
    }
    guard let address = unsafe address else { throw .invalidArgument }
    return unsafe UnsafePointer(address.assumingMemoryBound(to: UInt32.self))
  }

  /// Unmaps a page; see `munmap(2)`.
  public func unmap(_ address: UnsafePointer<UInt32>) {
    // It fails only for an invalid address.
    unsafe munmap(UnsafeMutableRawPointer(mutating: address), Self.pageBytes)
  }

  /// Waits until a word of a mapped file changes or a limit passes; see `futex(2)`.
  ///
  /// - Parameters:
  ///   - word: The word, which is not read here.
  ///   - expected: The word's value, in the processor's byte order, as long as there is no news.
  ///   - limit: In nanoseconds.
  ///   - file: The file, for messages.
  /// - Throws: EAGAIN if the word has already changed, ETIMEDOUT, EINTR, or EFAULT if the file was truncated.
  public func wait(
    on word: UnsafePointer<UInt32>, while expected: UInt32, atMost limit: Int64, of file: OpenFile
  ) throws(Errno) {
    _ = try call(.wait, file.path, of: file) {
      unsafe contest_futex_wait(word, expected, limit)
    }
  }

  /// Wakes all that wait on a word, in every process; see `futex(2)`.
  public func wake(on word: UnsafePointer<UInt32>, of file: OpenFile) {
    // A waiter that is not woken looks again after its limit.
    _ = try? call(.wake, file.path, of: file) { unsafe contest_futex_wake(word, .max) }
  }

  /// Watches a directory for files that are renamed into it; see `inotify(7)`.
  ///
  /// - Returns: An open file that becomes readable when a name leads to another file.
  public func watchNames(in directory: String) throws(Errno) -> OpenFile {
    let descriptor = try call(.watch, directory) { unsafe contest_watch_names(directory) }
    return OpenFile(descriptor: descriptor, path: directory)
  }

  /// Discards the pending events of a watch; see `inotify(7)`.
  public func drain(_ watch: OpenFile) {
    var events = [UInt8](repeating: 0, count: Self.pageBytes)
    // Reading does not block, and the content of the events does not matter.
    while let count = try? transfer(
      .read, of: watch, detail: .none, count: events.count,
      { length in
        unsafe Glibc.read(watch.descriptor, &events, length)
      }), count > 0
    {}
  }
}
