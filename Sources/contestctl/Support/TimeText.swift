import ArgumentParser
import FoundationEssentials

/// Times as people read and write them: ISO 8601 in UTC.
enum TimeText {
  /// Parses an ISO 8601 time with its zone, or a number of milliseconds, into milliseconds since 1970.
  ///
  /// - Throws: `ValidationError` that explains how to write a time.
  static func milliseconds(_ text: String) throws -> Int {
    if let number = Int(text), number > 100_000_000_000 { return number }
    for style in [
      Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true),
    ] {
      // If one style does not match, the next is tried.
      if let date = try? style.parse(text) {
        // A time without a fraction includes its whole second.
        let wholeSecond = text.contains(".") ? 0 : 999
        return Int((date.timeIntervalSince1970 * 1000).rounded()) + wholeSecond
      }
    }
    throw ValidationError(
      "\(text) is not a time; write it as 2026-11-24T20:15:00Z or 2026-11-24T21:15:00+01:00, "
        + "or as milliseconds since 1970")
  }

  /// A time to the millisecond, such as `2026-11-24T20:15:00.123Z`.
  static func text(milliseconds: Int) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1000)
      .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
