import Foundation

/// What was waited for did not come.
public struct NeverHappened: Error, CustomStringConvertible {
  /// What it was, and how long was waited.
  public let description: String
}

/// Waits until something is so.
///
/// - Throws: `NeverHappened`, or what the condition throws.
public func eventually(
  _ what: String, within limit: Duration, _ isSo: () throws -> Bool
) throws {
  let deadline = ContinuousClock.now + limit
  while try !isSo() {
    guard ContinuousClock.now < deadline else {
      throw NeverHappened(description: "not within \(limit): \(what)")
    }
    usleep(20_000)
  }
}
