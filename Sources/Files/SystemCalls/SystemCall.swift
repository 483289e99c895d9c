/// One system call that is about to be made or was made.
public struct SystemCall: Sendable, Equatable {
  /// Which call.
  public enum Name: String, Sendable, CaseIterable {
    case open, read, write, synchronize, truncate, status, rename, exchange, link, unlink, list
    case makeDirectory, removeDirectory, setTimes, changeOwner, lock, unlock, takeLease,
      releaseLease, map, wait
    case wake, watch, space, allocate, access

    /// Whether it is repeated when a signal interrupts it: not a wait, and never a synchronization (I9).
    var isRepeated: Bool { self != .synchronize && self != .wait }
  }

  /// Before the call, or after it has succeeded.
  public enum Moment: Sendable {
    case before
    case after
  }

  /// What to do with a call.
  public enum Disposition: Sendable, Equatable {
    case proceed
    /// It fails with this error number instead of being made.
    case fail(Int32)
    /// It transfers at most this many bytes; for `read` and `write`.
    case limit(bytes: Int)
    /// It is skipped but reported as successful, for tests that break an invariant on purpose.
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
    /// The old name, for a call that takes two.
    case otherPath(String)
    /// Only the data are synchronized, as `fdatasync(2)` does.
    case dataOnly
  }

  /// Which call.
  public let name: Name
  /// The file or directory it acts on, by the name it was opened by; the new name if the call takes two.
  public let path: String
  /// What it does beyond that.
  public let detail: Detail
  /// The descriptor it acts on; `nil` for a call that takes a path.
  public let descriptor: Int32?

  /// The old name, for a call that takes two.
  public var otherPath: String? {
    if case .otherPath(let path) = detail { path } else { nil }
  }
}
