import Synchronization

/// Numbers system calls from 0, from any thread.
public final class CallCounter: Sendable {
  private let count = Mutex(0)

  /// Begins at 0.
  public init() {}

  /// How many there were.
  public var value: Int { count.withLock { $0 } }

  /// The next number.
  public func next() -> Int {
    count.withLock { count in
      defer { count += 1 }
      return count
    }
  }
}
