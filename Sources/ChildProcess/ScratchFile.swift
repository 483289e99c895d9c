import Glibc
import SystemPackage

/// A file that a program reads or writes; one made here has no name and disappears with the value.
final class ScratchFile: Sendable {
  let descriptor: Int32

  /// Makes an empty file in the directory for temporary files; see `mkstemp(3)`.
  init() throws(Errno) {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    // `mkstemp` replaces the six X.
    var template = Array("\(folder)/contest-XXXXXX".utf8CString)
    descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    // If this fails, a file is left in a directory that the system clears.
    unsafe unlink(&template)
  }

  /// Makes a file with content for a program to read.
  convenience init(holding content: [UInt8]) throws(Errno) {
    try self.init()
    var offset = 0
    while offset < content.count {
      let count = unsafe content.withUnsafeBytes {
        unsafe pwrite(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset, offset)
      }
      guard count > 0 || errno == EINTR else { throw Errno(rawValue: errno) }
      offset += max(0, count)
    }
  }

  /// Opens an existing file for reading.
  init(opening path: String) throws(Errno) {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
  }

  deinit {
    close(descriptor)
  }

  /// What was written to it.
  var bytes: [UInt8] {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_size > 0 else { return [] }
    return unsafe [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
      count = unsafe max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
    }
  }

  /// The beginning of what was written to it, in one line.
  func text(maxBytes: Int) -> String {
    let text = String(decoding: bytes.prefix(maxBytes), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).joined(separator: "; ")
  }
}
