import Foundation

/// Whether the tests are to go on longer than a run of all of them may last: `scripts/test --long`.
enum LongSweep {
  static let isWanted = ProcessInfo.processInfo.environment["CONTEST_LONG_SWEEP"] == "1"
}
