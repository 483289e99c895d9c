import FoundationEssentials
import JSON

/// The live process's status for the other processes: `DATA_DIR/.live.json`, rewritten on changes.
///
/// It serves monitoring only: `/api/metrics`, `/metrics` and `contestctl doctor`.
struct LiveNoteboard: Sendable {
  /// The maximum age of a report, in milliseconds; an older one is from a process that has ended.
  private static let maxAgeMilliseconds = 10_000

  private let path: String

  init(_ settings: Settings) {
    path = settings.dataDirectory + "/.live.json"
  }

  func write(_ report: JSONValue) {
    // A reader ignores a half-written file, and it is soon written again.
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
