import Files
import Synchronization

/// When each judge's phone was last heard of, and how many cards it still held then; a file that all
/// processes share: `.admin/judges-seen`.
final class JudgeAttendance: Sendable {
  /// A phone's last report.
  struct Report: Equatable {
    /// In milliseconds since 1970 UTC.
    let seenAtMilliseconds: Int
    /// How many cards it had not sent yet.
    let pending: Int
  }

  /// A report that says nothing new is written this often.
  private static let intervalMilliseconds = 5_000

  private let file: SharedFile
  /// What this process has written.
  private let noted = Mutex<[String: Report]>([:])

  init(_ folder: Folder) {
    file = folder.sharedFile(".admin/judges-seen")
  }

  /// Notes a report.
  ///
  /// - Parameters:
  ///   - judge: The judge's identifier.
  ///   - pending: How many cards the phone holds; `nil` if it did not say.
  ///   - now: The time, in milliseconds since 1970 UTC.
  func note(_ judge: String, pending: Int?, nowMilliseconds now: Int) {
    let former = noted.withLock { $0[judge] }
    let report = Report(seenAtMilliseconds: now, pending: pending ?? former?.pending ?? 0)
    if let former, former.pending == report.pending,
      (0..<Self.intervalMilliseconds).contains(now - former.seenAtMilliseconds)
    {
      return
    }
    noted.withLock { $0[judge] = report }
    // Nobody's marks depend on it: on a full disk the desk shows an older report.
    try? file.update { old in
      var reports = Self.parse(old)
      reports[judge] = Report(
        seenAtMilliseconds: now, pending: pending ?? reports[judge]?.pending ?? 0)
      return Self.text(reports)
    }
  }

  /// The last reports by judge.
  func reports() -> [String: Report] { ((try? file.read()) ?? nil).map(Self.parse) ?? [:] }

  private static func parse(_ text: [UInt8]) -> [String: Report] {
    let lines = text.split(separator: 0x0A).compactMap { line -> (String, Report)? in
      let parts = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 3, let time = Int(parts[1]), let pending = Int(parts[2]) else {
        return nil
      }
      return (parts[0], Report(seenAtMilliseconds: time, pending: pending))
    }
    return Dictionary(lines) { $1 }
  }

  private static func text(_ reports: [String: Report]) -> [UInt8] {
    Array(
      reports.sorted { $0.key < $1.key }
        .map { "\($0) \($1.seenAtMilliseconds) \($1.pending)\n" }.joined().utf8)
  }
}
