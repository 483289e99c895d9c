import Files
import Synchronization

/// Slows down password guessing across all processes: one shared file holds the last minute's failures.
///
/// An attempt counts as a failure until it succeeds, so concurrent guesses are all counted.
final class LoginThrottle: Sendable {
  private static let windowMilliseconds = 60_000
  /// For one client address.
  private static let maxFailures = 10
  private static let uncountedSeconds = 30
  /// Room for as many failures as are counted.
  private static let fileBytes = 4096
  /// For all addresses together.
  private static let maxFailuresOfAll = 30

  private struct Failure {
    let milliseconds: Int
    let address: String
  }

  private let file: SharedFile
  private let surroundings: Surroundings
  /// Counts failures within this process while the file cannot be written, for example on a full disk.
  ///
  /// It is `nil` in a process that exits after one request, where it would count nothing.
  private let fallback: Mutex<[UInt8]>?

  init(
    _ folder: Folder, _ surroundings: Surroundings, answersOnce: Bool,
    file name: String = "login-failures"
  ) {
    file = folder.sharedFile(".admin/" + name)
    self.surroundings = surroundings
    fallback = answersOnce ? nil : Mutex([])
  }

  /// Counts an attempt, if it is allowed.
  ///
  /// - Returns: `nil` when it is allowed, else the seconds until the next attempt is.
  func admit(_ address: String) -> Int? {
    let address = ClientNetwork.network(of: address)
    var retryAfterSeconds: Int?
    let isCounted = update { old in
      // Read under the lock: an earlier time could drop failures recorded while this thread waited.
      let nowMilliseconds = surroundings.nowMilliseconds()
      var failures = Self.parse(old, nowMilliseconds)
      let own = failures.filter { $0.address == address }
      let limiting =
        own.count >= Self.maxFailures
        ? own.dropLast(Self.maxFailures - 1).last
        : failures.count >= Self.maxFailuresOfAll
          ? failures.dropLast(Self.maxFailuresOfAll - 1).last : nil
      guard let limiting else {
        failures.append(Failure(milliseconds: nowMilliseconds, address: address))
        return Self.text(failures)
      }
      let left = limiting.milliseconds + Self.windowMilliseconds - nowMilliseconds
      retryAfterSeconds = max(1, (left + 999) / 1000)
      return Self.text(failures)
    }
    // An attempt that cannot be counted is refused.
    return isCounted ? retryAfterSeconds : Self.uncountedSeconds
  }

  /// Forgets an address's failures, after it gave the right password.
  func forgive(_ address: String) {
    let address = ClientNetwork.network(of: address)
    // If this fails, the address has to wait until its failures expire.
    _ = update { old in
      Self.text(
        Self.parse(old, surroundings.nowMilliseconds()).filter { $0.address != address })
    }
  }

  /// Creates the file at its full length; from then on it is only overwritten.
  func prepare() {
    _ = update { old in
      old.count < Self.fileBytes ? Self.text(Self.parse(old, surroundings.nowMilliseconds())) : old
    }
  }

  private func update(_ body: ([UInt8]) -> [UInt8]) -> Bool {
    do throws(FileError) {
      try file.update(body)
      return true
    } catch {
      fallback?.withLock { $0 = body($0) }
      return fallback != nil
    }
  }

  private static func parse(_ text: [UInt8], _ nowMilliseconds: Int) -> [Failure] {
    text.split(separator: 0x0A).compactMap { line in
      let parts = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 2, let milliseconds = Int(parts[0]),
        // A clock that was set back must not lock anybody out for long.
        (nowMilliseconds - windowMilliseconds...nowMilliseconds + windowMilliseconds)
          .contains(milliseconds)
      else { return nil }
      return Failure(milliseconds: milliseconds, address: parts[1])
    }
  }

  /// Pads the text to a fixed length: overwriting the file then needs no space on a full disk.
  private static func text(_ failures: [Failure]) -> [UInt8] {
    let lines = Array(failures.map { "\($0.milliseconds) \($0.address)\n" }.joined().utf8)
    return lines + Array(repeating: 0x20, count: max(0, fileBytes - lines.count))
  }
}
