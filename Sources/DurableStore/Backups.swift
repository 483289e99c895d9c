import Glibc
import SystemPackage

/// The directory of states before transactions: `<prefix>-<ms>-<8 hex>.json`.
struct Backups {
  /// How many automatic ones are kept.
  static let maxRetained = 10

  private static let automaticPrefixes = ["pre-write", "winners"]

  let directory: DataDirectory
  let system: SystemCalls

  /// Every file that has a backup's name, by its time, oldest first.
  func all() throws(Errno) -> [String] {
    try system.list(directory.backups).filter { Self.time(of: $0) != nil }
      .sorted { Self.key($0) < Self.key($1) }
  }

  /// Those that a transaction made.
  func automatic() throws(Errno) -> [String] {
    try all().filter(Self.isAutomatic)
  }

  /// A name that sorts behind all others, also when the clock was set back.
  ///
  /// The eight digits are the generation, so that the names made in one millisecond are in order.
  func newName(
    prefix: String, generation: Int, nowMilliseconds: Int
  ) throws(Errno) -> String {
    let latest = try all().last.flatMap(Self.time(of:)) ?? 0
    let digits = Surroundings.hex8(UInt32(truncatingIfNeeded: generation))
    return "\(prefix)-\(max(nowMilliseconds, latest))-\(digits).json"
  }

  /// Removes the oldest automatic ones beyond those that are kept.
  func prune() throws(Errno) {
    for name in try automatic().dropLast(Self.maxRetained) {
      try system.unlink(directory.backups + "/" + name)
    }
  }

  static func isAutomatic(_ name: String) -> Bool {
    time(of: name) != nil && automaticPrefixes.contains { name.hasPrefix($0 + "-") }
  }

  /// The time in a name, in milliseconds since 1970 UTC.
  static func time(of name: String) -> Int? {
    let parts = name.split(separator: "-")
    guard name.hasSuffix(".json"), parts.count >= 3 else { return nil }
    return Int(parts[parts.count - 2])
  }

  private static func key(_ name: String) -> (Int, Substring) {
    (time(of: name) ?? 0, name.suffix(13))
  }
}
