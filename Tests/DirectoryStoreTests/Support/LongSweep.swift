import Foundation

/// Whether the long tests are wanted, which are too slow for a normal run: `scripts/test --long`.
enum LongSweep {
  static let isWanted = ProcessInfo.processInfo.environment["CONTEST_LONG_SWEEP"] == "1"
}
