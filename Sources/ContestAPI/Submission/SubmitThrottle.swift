import Files

/// Limits the rate of submissions where the web server does not: on shared hosting, and for networks of
/// IPv6, of which nginx limits single addresses only.
///
/// A venue's visitors share one address, so an address may submit as often as a hall of people. The
/// key that the page sends tells clients apart; all those without a key count as one client.
///
/// Uses the virtual scheduling algorithm of ITU-T I.371: the file holds, for each client and address,
/// the time at which the next submission conforms; a submission may be early by a burst.
struct SubmitThrottle {
  /// The number of submissions by one client that may come at once, besides the first.
  private static let burst = 10
  /// How many times one client's rate an address may use.
  static let hallFactor = 20
  /// The number of submissions from one address that may come at once: a whole hall, when asked to enter.
  private static let hallBurst = 500

  private let file: SharedFile
  private let intervalMilliseconds: Int

  init(_ folder: Folder, ratePerMinute: Int) {
    file = folder.sharedFile(".admin/submit-times")
    intervalMilliseconds = max(1, 60_000 / ratePerMinute)
  }

  /// Counts a submission, if it is allowed.
  ///
  /// - Parameters:
  ///   - address: Where it comes from.
  ///   - key: The key of the page, if it sent one.
  ///   - now: In milliseconds since 1970 UTC.
  /// - Returns: `nil` when it is allowed, else the seconds until the next submission is.
  func admit(_ address: String, key: String?, nowMilliseconds now: Int) -> Int? {
    let network = ClientNetwork.network(of: address)
    let own = Limit(
      name: key.map { "\(network)/\($0)" } ?? network, interval: intervalMilliseconds,
      burst: Self.burst)
    let hall = Limit(
      name: "hall/" + network, interval: max(1, intervalMilliseconds / Self.hallFactor),
      burst: Self.hallBurst)
    var retryAfterSeconds: Int?
    do throws(FileError) {
      try file.update { old in
        var times = Self.parse(old)
        let waits = [own, hall].map { $0.wait(times, now) }
        if let wait = waits.max(), wait > 0 {
          retryAfterSeconds = (wait + 999) / 1000
        } else {
          for limit in [own, hall] { limit.count(&times, now) }
        }
        return Self.text(times.filter { $0.value > now })
      }
    } catch {
      // The limit fails open: if the disk is at fault, committing the entry reports it.
      return nil
    }
    return retryAfterSeconds
  }

  private struct Limit {
    let name: String
    let interval: Int
    let burst: Int

    /// How long one has to wait, in milliseconds.
    func wait(_ times: [String: Int], _ now: Int) -> Int {
      max(0, due(times, now) - now - burst * interval)
    }

    func count(_ times: inout [String: Int], _ now: Int) {
      times[name] = max(due(times, now), now) + interval
    }

    /// A clock that was set back must not lock anybody out for long.
    private func due(_ times: [String: Int], _ now: Int) -> Int {
      min(times[name] ?? now, now + (burst + 1) * interval)
    }
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
