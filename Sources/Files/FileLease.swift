public import SystemPackage

/// The proof that nobody else has a file open; see `fcntl(2)`, F_SETLEASE.
///
/// It is released explicitly. A child process that another thread is starting holds a copy of the descriptor
/// until `exec`, and closing ends a lease only with the last copy. Meanwhile, opening the file would block.
public final class FileLease: Sendable {
  /// The file, opened for writing.
  public let file: OpenFile
  private let system: SystemCalls

  /// Takes a write lease.
  ///
  /// - Throws: The system's reason; EAGAIN if the file is open elsewhere.
  public init(on file: OpenFile, _ system: SystemCalls) throws(Errno) {
    try system.takeLease(on: file)
    self.file = file
    self.system = system
  }

  deinit {
    system.giveLeaseBack(on: file)
  }
}
