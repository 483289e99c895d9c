import Foundation

/// What was waited for did not come.
public struct NeverHappened: Error, CustomStringConvertible {
  /// How long was waited, and what the last value was.
  public let description: String
}

/// Waits until a value is as expected.
///
/// - Throws: `NeverHappened` with the last value, or what the value throws.
public func eventually<Value>(
  within limit: Duration, _ value: () throws -> Value, is isExpected: (Value) -> Bool
) throws {
  let deadline = ContinuousClock.now + limit
  var last = try value()
  while !isExpected(last), ContinuousClock.now < deadline {
    usleep(20_000)
    last = try value()
  }
  if !isExpected(last) { throw NeverHappened(description: "after \(limit) still \(last)") }
}

/// Runs a body in so many threads at once and waits for all.
public func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let group = DispatchGroup()
  for index in 0..<count {
    group.enter()
    Thread.detachNewThread {
      body(index)
      group.leave()
    }
  }
  group.wait()
}
