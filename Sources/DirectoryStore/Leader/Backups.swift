import Files
import Glibc
import SystemPackage

/// The directory of states before transactions: `<prefix>-<ms>-<8 hex>.json`.
///
/// It is listed when somebody else has led; what is removed meanwhile by hand is noticed when it is
/// to be used.
package struct Backups: Sendable {
  /// A file with a backup's name.
  struct File: Sendable {
    let name: String
    /// In milliseconds since 1970 UTC.
    let time: Int
    let isAutomatic: Bool

    /// Recognizes a backup; `nil` for another file.
    init?(name: String) {
      guard let time = Backups.time(of: name) else { return nil }
      self.name = name
      self.time = time
      isAutomatic = Backups.automaticPrefixes.contains { name.hasPrefix($0 + "-") }
    }
  }

  /// How many automatic ones are kept.
  package static let maxRetained = 10

  private static let automaticPrefixes = ["pre-write", "winners"]

  /// Whether a name is that of a snapshot.
  static func isSnapshot(_ name: String) -> Bool {
    name.hasPrefix("backup-") && !name.contains("/") && time(of: name) != nil
  }

  let directory: DataDirectory
  let system: SystemCalls
  private var listed: [File]?

  init(directory: DataDirectory, system: SystemCalls) {
    self.directory = directory
    self.system = system
  }

  /// Forgets what is in the directory: somebody else may have changed it.
  mutating func forget() {
    listed = nil
  }

  /// Every file that has a backup's name, by its time, oldest first.
  mutating func all() throws(Errno) -> [File] {
    if let listed { return listed }
    let files = try system.list(directory.backups).compactMap(File.init(name:)).sorted {
      ($0.time, $0.name.suffix(13)) < ($1.time, $1.name.suffix(13))
    }
    listed = files
    return files
  }

  /// Those that a transaction made.
  mutating func automatic() throws(Errno) -> [File] {
    try all().filter(\.isAutomatic)
  }

  /// A name that sorts behind all others, also when the clock was set back.
  ///
  /// The eight digits are the generation, so that the names made in one millisecond are in order.
  mutating func newName(
    prefix: String, generation: Int, nowMilliseconds: Int
  ) throws(Errno) -> String {
    let latest = try all().last?.time ?? 0
    let digits = Surroundings.hex8(UInt32(truncatingIfNeeded: generation))
    return "\(prefix)-\(max(nowMilliseconds, latest))-\(digits).json"
  }

  /// Gives a file its name as a backup.
  mutating func add(_ path: String, as name: String) throws(Errno) {
    try system.rename(path, to: directory.backups + "/" + name)
    if let file = File(name: name) { listed?.append(file) }
  }

  /// Takes a backup away under another name.
  mutating func take(_ name: String, as path: String) throws(Errno) {
    listed?.removeAll { $0.name == name }
    try system.rename(directory.backups + "/" + name, to: path)
  }

  /// The oldest automatic ones beyond those that are kept.
  mutating func superfluous() throws(Errno) -> [File] {
    try automatic().dropLast(Self.maxRetained)
  }

  /// Removes one.
  mutating func remove(_ file: File) throws(Errno) {
    listed?.removeAll { $0.name == file.name }
    do throws(Errno) {
      try system.unlink(directory.backups + "/" + file.name)
    } catch .noSuchFileOrDirectory {}
  }

  package static func isAutomatic(_ name: String) -> Bool {
    File(name: name)?.isAutomatic == true
  }

  /// The time in a name, in milliseconds since 1970 UTC.
  static func time(of name: String) -> Int? {
    let parts = name.split(separator: "-")
    guard name.hasSuffix(".json"), parts.count >= 3 else { return nil }
    return Int(parts[parts.count - 2])
  }

  /// The generation in a backup's name, as far as eight digits hold it.
  package static func generation(of name: String) -> Int? { digits(of: name).map(Int.init) }

  /// The eight digits of a backup's name.
  static func digits(of name: String) -> UInt32? {
    UInt32(name.dropLast(5).suffix(8), radix: 16)
  }
}
