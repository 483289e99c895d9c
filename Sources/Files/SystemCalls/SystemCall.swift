/// One system call that is about to be made or was made.
public struct SystemCall: Sendable, Equatable {
  /// Which call.
  public enum Name: String, Sendable, CaseIterable {
    case open, read, write, synchronize, truncate, status, rename, exchange, link, unlink, list
    case makeDirectory, setTimes, changeOwner, lock, unlock, takeLease, releaseLease, map, wait
    case wake, watch, space, allocate, access

    /// Whether it is made again when a signal interrupts it: a synchronization never (I9).
    var isRepeated: Bool { self != .synchronize && self != .wait }
  }

  /// Before the call, or after it has succeeded.
  public enum Moment: Sendable {
    case before
    case after
  }

  /// What is to be done with a call.
  public enum Disposition: Sendable, Equatable {
    case proceed
    /// It fails with this error number instead of being made.
    case fail(Int32)
    /// It transfers at most so many bytes; for `read` and `write`.
    case limit(bytes: Int)
    /// It is not made, but is taken to have succeeded: for tests that break an invariant on purpose.
    case pretend
  }

  /// What it does beyond its name and path.
  public enum Detail: Sendable, Equatable {
    case none
    /// The flags of `open(2)`.
    case flags(Int32)
    /// Bytes at an offset.
    case bytes([UInt8], offset: Int)
    /// A length in bytes.
    case length(Int)
    /// Of two names the old one.
    case otherPath(String)
    /// Of `fsync(2)`: whether only the data are meant, as `fdatasync(2)` does.
    case dataOnly
  }

  /// Which call.
  public let name: Name
  /// The file or directory it is about, by the name it was opened by; of two names the new one.
  public let path: String
  /// What it does beyond that.
  public let detail: Detail
  /// The file description it is about; `nil` for a call that names its file, or opens it.
  public let descriptor: Int32?

  /// Of two names the old one.
  public var otherPath: String? {
    if case .otherPath(let path) = detail { path } else { nil }
  }
}
