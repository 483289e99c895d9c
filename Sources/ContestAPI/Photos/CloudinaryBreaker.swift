import Synchronization

/// A circuit breaker for Cloudinary: after a failure, submissions do not wait for it for a minute.
final class CloudinaryBreaker: Sendable {
  private static let pause = Duration.seconds(60)
  private let openUntil = Mutex<ContinuousClock.Instant?>(nil)

  var isOpen: Bool { openUntil.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

  func failed() { openUntil.withLock { $0 = ContinuousClock.now + Self.pause } }
  func succeeded() { openUntil.withLock { $0 = nil } }
}
