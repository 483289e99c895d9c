import Files

/// The name of a backup: `<prefix>-<ms>-<8 hex>.json`.
///
/// The eight digits are the generation, so that names made in the same millisecond sort in order.
package struct BackupName: Sendable, Comparable {
  private static let automaticPrefixes = ["pre-write", "winners"]

  /// The file's name.
  let text: String
  /// In milliseconds since 1970 UTC.
  let milliseconds: Int
  /// Whether a transaction made it.
  package let isAutomatic: Bool

  /// Parses the name of a backup; `nil` for any other file.
  package init?(_ text: String) {
    guard let time = Self.milliseconds(in: text) else { return nil }
    self.text = text
    milliseconds = time
    isAutomatic = Self.automaticPrefixes.contains { text.hasPrefix($0 + "-") }
  }

  /// Names a backup.
  init(prefix: String, milliseconds: Int, generation: Int) {
    let digits = Surroundings.hex8(UInt32(truncatingIfNeeded: generation))
    text = "\(prefix)-\(milliseconds)-\(digits).json"
    self.milliseconds = milliseconds
    isAutomatic = Self.automaticPrefixes.contains(prefix)
  }

  /// Whether an operator made it.
  var isSnapshot: Bool { text.hasPrefix("backup-") && !text.contains("/") }

  /// The generation, as far as eight digits hold it.
  package var generation: Int? { digits.map(Int.init) }

  /// The eight digits.
  var digits: UInt32? { UInt32(text.dropLast(5).suffix(8), radix: 16) }

  /// Returns the time in a name of this kind, in milliseconds since 1970 UTC.
  static func milliseconds(in name: String) -> Int? {
    let parts = name.split(separator: "-")
    guard name.hasSuffix(".json"), parts.count >= 3 else { return nil }
    return Int(parts[parts.count - 2])
  }

  /// The older backup comes first.
  package static func < (one: BackupName, other: BackupName) -> Bool {
    (one.milliseconds, one.text.suffix(13)) < (other.milliseconds, other.text.suffix(13))
  }
}
