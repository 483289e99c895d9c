public import SystemPackage

/// The proof that nobody else has a file open; see `fcntl(2)`, F_SETLEASE.
///
/// It is given back explicitly: a program that another thread is starting has a copy of the descriptor until it
/// executes, and a lease ends with the last one only. Whoever opened the file meanwhile would wait for it.
public final class FileLease: Sendable {
  /// The file, opened for writing.
  public let file: OpenFile
  private let system: SystemCalls

  /// Takes a write lease.
  ///
  /// - Throws: The system's reason: EAGAIN where somebody else has it open.
  public init(on file: OpenFile, _ system: SystemCalls) throws(Errno) {
    try system.takeLease(on: file)
    self.file = file
    self.system = system
  }

  deinit {
    system.giveLeaseBack(on: file)
  }
}
