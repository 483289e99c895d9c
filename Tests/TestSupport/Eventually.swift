import Foundation

/// A condition that did not become true in time.
public struct NeverHappened: Error, CustomStringConvertible {
  /// The condition, and how long the test waited for it.
  public let description: String
}

/// Waits until a condition is true.
///
/// The limit ends a test that would wait for ever. It is no promise of speed: machines that run tests are busy.
///
/// - Throws: `NeverHappened`, or what the condition throws.
public func eventually(
  _ what: String, within limit: Duration = .seconds(60), _ isSo: () throws -> Bool
) throws {
  let deadline = ContinuousClock.now + limit
  while try !isSo() {
    guard ContinuousClock.now < deadline else {
      throw NeverHappened(description: "not within \(limit): \(what)")
    }
    usleep(20_000)
  }
}
