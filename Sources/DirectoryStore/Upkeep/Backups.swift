import DurableStore
import Files
import Glibc
import SystemPackage

/// The directory of states before transactions.
///
/// It is listed when somebody else has led; what is removed meanwhile by hand is noticed when it is
/// to be used.
struct Backups<State: DurableState>: Sendable {
  private let context: StoreContext
  private let cache: VersionCache<State>
  private var listed: [BackupName]?

  private var directory: DataDirectory { context.directory }
  private var system: SystemCalls { context.system }
  private var quarantine: Quarantine { Quarantine(context) }
  private var reader: VersionReader<State> { VersionReader(context, cache) }

  init(_ context: StoreContext, _ cache: VersionCache<State>) {
    self.context = context
    self.cache = cache
  }

  // MARK: Names

  /// Forgets what is in the directory: somebody else may have changed it.
  mutating func forget() {
    listed = nil
  }

  /// Every file that has a backup's name, by its time, oldest first.
  mutating func all() throws(Errno) -> [BackupName] {
    if let listed { return listed }
    let names = try system.list(directory.backups).compactMap(BackupName.init).sorted()
    listed = names
    return names
  }

  /// Those that a transaction made.
  mutating func automatic() throws(Errno) -> [BackupName] {
    try all().filter(\.isAutomatic)
  }

  /// A name that sorts behind all others, also when the clock was set back.
  mutating func newName(prefix: String, generation: Int) throws(Errno) -> String {
    let latest = try all().last?.milliseconds ?? 0
    return BackupName(
      prefix: prefix, milliseconds: max(context.surroundings.nowMilliseconds(), latest),
      generation: generation
    ).text
  }

  // MARK: Files

  /// Gives a file its name as a backup.
  mutating func add(_ path: String, as name: String) throws(Errno) {
    try system.rename(path, to: directory.backups + "/" + name)
    if let name = BackupName(name) { listed?.append(name) }
  }

  /// Gives a file a second name as a backup.
  mutating func link(_ path: String, as name: String) throws(Errno) {
    try system.link(path, as: directory.backups + "/" + name)
    listed = nil
  }

  /// Takes a backup away under another name.
  mutating func take(_ name: BackupName, as path: String) throws(Errno) {
    listed?.removeAll { $0 == name }
    try system.rename(directory.backups + "/" + name.text, to: path)
  }

  /// Removes the oldest automatic ones beyond those that are kept.
  mutating func prune() {
    do throws(Errno) {
      for name in try automatic().dropLast(StoreLimits.automaticBackups)
      where !setAsideChanged(name) {
        try remove(name)
      }
    } catch {
      // What is left over is pruned by the next commit.
      context.report(.failed("prune backups: \(error)"))
    }
  }

  private mutating func remove(_ name: BackupName) throws(Errno) {
    listed?.removeAll { $0 == name }
    do throws(Errno) {
      try system.unlink(directory.backups + "/" + name.text)
    } catch .noSuchFileOrDirectory {}
  }

  // MARK: Damage

  /// Sets a backup aside that somebody has written to since it became one: it may be damaged (I8).
  mutating func setAsideChanged(_ name: BackupName) -> Bool {
    let path = directory.backups + "/" + name.text
    guard keepsNanoseconds, let status = try? system.status(at: path),
      let digits = name.digits, digits <= 999_999_999,
      GenerationStamp(of: status) != GenerationStamp(Int(digits))
    else { return false }
    // Copied with whole seconds it is another file, but the same state.
    if let version = reader.intactVersion(at: path), version.generation == Int(digits) {
      return false
    }
    guard quarantine.setAside(path, because: "changed since it was written") else { return false }
    forget()
    return true
  }

  /// Whether the file system gives times back to the nanosecond: the data file's tells.
  private var keepsNanoseconds: Bool {
    guard let entry = cache.current else { return false }
    return GenerationStamp(of: entry.status) == GenerationStamp(entry.version.generation)
  }

  /// Sets aside the backups that a power cut has torn: they were never synchronized, and an inode
  /// that is to be used again must hold what its name says.
  mutating func setAsideTorn() {
    forget()
    // A directory that cannot be listed now is looked at when a backup is needed.
    for name in (try? automatic()) ?? [] {
      let path = directory.backups + "/" + name.text
      switch reader.reading(at: path) {
      case .intact(let version)?:
        // Its name was left with an inode that was being used again.
        if UInt32(truncatingIfNeeded: version.generation) != name.digits {
          quarantine.setAside(path, because: "a power cut has left it with another state")
        }
      case .edited?, .damaged?: quarantine.setAside(path, because: "torn by a power cut")
      case .newerFormat?, nil: continue
      }
    }
    forget()
  }

  /// The intact state with the highest generation among the checkpoint and the backups.
  mutating func newestVersion() throws(TransactionError) -> Version<State>? {
    let names = try attempting(.recover, on: directory.backups) { () throws(Errno) in try all() }
    var newest: Version<State>?
    for path in [directory.checkpoint] + names.map({ directory.backups + "/" + $0.text }) {
      guard let version = reader.intactVersion(at: path) else {
        if reader.isDamaged(path) { quarantine.setAside(path, because: "damaged") }
        continue
      }
      if version.generation >= newest?.generation ?? 0 { newest = version }
    }
    return newest
  }
}
