import Glibc
import Synchronization

/// How many threads of a process may do something at a time: the others are there for those who enter.
public final class Places: Sendable {
  private static let microsecondsBetweenLooks: UInt32 = 5_000

  private let count: Int
  private let taken = Mutex(0)

  /// Makes so many places, at least one.
  public init(_ count: Int) {
    self.count = max(1, count)
  }

  /// Does something on a place of its own as soon as one is free; blocks until then.
  ///
  /// - Returns: `nil`, and nothing is done, when none is free within the limit.
  public func takeInTurn<Result, Failure: Error>(
    within limit: Duration, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let deadline = ContinuousClock.now + limit
    while true {
      if let result = try take(body) { return result }
      guard ContinuousClock.now < deadline else { return nil }
      usleep(Self.microsecondsBetweenLooks)
    }
  }

  /// Does something on a place of its own; `nil`, and nothing is done, when all are taken.
  public func take<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let isFree = taken.withLock { taken in
      guard taken < count else { return false }
      taken += 1
      return true
    }
    guard isFree else { return nil }
    defer { taken.withLock { $0 -= 1 } }
    return try body()
  }
}
