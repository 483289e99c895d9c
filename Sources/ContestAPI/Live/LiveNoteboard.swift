import FoundationEssentials
import JSON

/// Where the live process tells the others how it is: `DATA_DIR/.live.json`, written anew when something has changed.
///
/// Nothing depends on it but what `/api/metrics` shows.
struct LiveNoteboard: Sendable {
  /// What is older was written by a process that has ended, in milliseconds.
  private static let maxAgeMilliseconds = 10_000

  private let path: String

  init(_ settings: Settings) {
    path = settings.dataDirectory + "/.live.json"
  }

  func write(_ report: JSONValue) {
    // Who reads half of it takes it for nothing; it is written again before long.
    _ = FileManager.default.createFile(
      atPath: path, contents: Data(report.serialized), attributes: [.posixPermissions: 0o640])
  }

  /// What the live process has written, if it is there.
  func read(nowMilliseconds now: Int) -> JSONValue? {
    guard let data = FileManager.default.contents(atPath: path), data.count < 65_536,
      let report = try? JSONValue(parsing: Array(data)),
      let time = report.object?["timestamp"]?.int,
      (now - Self.maxAgeMilliseconds...now + Self.maxAgeMilliseconds).contains(time)
    else { return nil }
    return report
  }
}
