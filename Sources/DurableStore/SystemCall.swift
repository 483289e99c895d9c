/// One system call that the store is about to make or has made.
public struct SystemCall: Sendable, Equatable {
  /// Which call.
  public enum Name: String, Sendable, CaseIterable {
    case open, read, write, synchronize, truncate, status, rename, exchange, link, unlink, list
    case makeDirectory, setTimes, lock, takeLease, map
  }

  /// Before the call, or after it has succeeded.
  public enum Moment: Sendable {
    case before
    case after
  }

  /// What is to be done with a call.
  public enum Verdict: Sendable, Equatable {
    case proceed
    /// It fails with this error number instead of being made.
    case fail(Int32)
    /// It transfers at most so many bytes; for `read` and `write`.
    case limit(bytes: Int)
  }

  /// Which call.
  public let name: Name
  /// The file or directory it is about; of two names the new one.
  public let path: String
}
