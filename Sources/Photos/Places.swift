import Glibc
import Synchronization

/// A semaphore: limits how many of a process's threads do slow work, so that the rest can take entries.
public final class Places: Sendable {
  private static let microsecondsBetweenLooks: UInt32 = 5_000

  private let count: Int
  private let taken = Mutex(0)

  /// Creates the given number of places, at least one.
  public init(_ count: Int) {
    self.count = max(1, count)
  }

  /// Waits for a free place and runs `body` on it.
  ///
  /// - Returns: The result; `nil`, without running `body`, when no place becomes free within the limit.
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

  /// Runs `body` on a free place; returns `nil`, without running it, when all are taken.
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
