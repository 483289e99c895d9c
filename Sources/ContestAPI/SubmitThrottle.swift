import DurableStore

/// How often one address may submit, where the web server does not see to it: on shared hosting.
///
/// The virtual scheduling algorithm of ITU-T I.371: for each address the file has the time at which
/// the next submission would be on time, and one may be early by a burst.
struct SubmitThrottle {
  /// As many may come at once, besides the first.
  private static let burst = 10

  private let file: SharedFile
  private let intervalMilliseconds: Int

  init(_ directory: DataDirectory, ratePerMinute: Int) {
    file = SharedFile(directory.path + "/.admin/submit-times")
    intervalMilliseconds = max(1, 60_000 / ratePerMinute)
  }

  /// Counts a submission, if it is allowed.
  ///
  /// - Returns: `nil` when it is, else after how many seconds one will be.
  func admit(_ address: String, nowMilliseconds now: Int) -> Int? {
    let network = ClientNetwork.network(of: address)
    let tolerance = Self.burst * intervalMilliseconds
    var retryAfterSeconds: Int?
    do throws(TransactionError) {
      try file.update { old in
        // A clock that was set back must not lock anybody out for long.
        let latest = now + tolerance + intervalMilliseconds
        var times = Self.parse(old).mapValues { min($0, latest) }
        let due = times[network] ?? now
        if due - now > tolerance {
          retryAfterSeconds = max(1, (due - now - tolerance + 999) / 1000)
        } else {
          times[network] = max(due, now) + intervalMilliseconds
        }
        return Self.text(times.filter { $0.value > now })
      }
    } catch {
      // Nobody is kept out because a file cannot be written; the entry itself will tell.
      return nil
    }
    return retryAfterSeconds
  }

  private static func parse(_ text: [UInt8]) -> [String: Int] {
    var times: [String: Int] = [:]
    for line in text.split(separator: 0x0A) {
      let parts = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      if parts.count == 2, let time = Int(parts[0]), time > 0, time < 1 << 53 {
        times[parts[1]] = time
      }
    }
    return times
  }

  private static func text(_ times: [String: Int]) -> [UInt8] {
    Array(times.map { "\($0.value) \($0.key)\n" }.joined().utf8)
  }
}
