import Synchronization

/// Numbers system calls from 0, from any thread.
public final class CallCounter: Sendable {
  private let count = Atomic(0)

  /// Begins at 0.
  public init() {}

  /// The number of calls so far.
  public var value: Int { count.load(ordering: .relaxed) }

  /// The next number.
  public func next() -> Int {
    count.add(1, ordering: .relaxed).oldValue
  }
}
