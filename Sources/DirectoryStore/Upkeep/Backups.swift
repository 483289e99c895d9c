import DurableStore
import Files
import Glibc
import SystemPackage

/// The directory of states from before transactions, and of snapshots.
///
/// It is listed again after another process has led. If somebody removes a backup by hand meanwhile, that
/// is noticed when the backup is to be used.
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

  /// Returns every file that has a backup's name, by the time in it, oldest first.
  mutating func all() throws(Errno) -> [BackupName] {
    if let listed { return listed }
    let names = try system.list(directory.backups).compactMap(BackupName.init).sorted()
    listed = names
    return names
  }

  /// Returns the backups that transactions made.
  mutating func automatic() throws(Errno) -> [BackupName] {
    try all().filter(\.isAutomatic)
  }

  /// Returns a name that sorts after all others, even if the clock was set back.
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

  /// Takes a backup out of the directory by renaming it.
  mutating func take(_ name: BackupName, as path: String) throws(Errno) {
    listed?.removeAll { $0 == name }
    try system.rename(directory.backups + "/" + name.text, to: path)
  }

  /// Removes the oldest automatic backups beyond the number that is kept.
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

  /// Sets aside a backup that somebody has written to since it became one: it may be damaged (I8).
  mutating func setAsideChanged(_ name: BackupName) -> Bool {
    let path = directory.backups + "/" + name.text
    guard keepsNanoseconds, let status = try? system.status(at: path),
      let digits = name.digits, digits <= 999_999_999,
      GenerationStamp(of: status) != GenerationStamp(Int(digits))
    else { return false }
    // A copy may have lost the nanoseconds: it is another file, but holds the same state.
    if let version = reader.intactVersion(at: path), version.generation == Int(digits) {
      return false
    }
    guard quarantine.setAside(path, because: "changed since it was written") else { return false }
    forget()
    return true
  }

  /// Whether the file system keeps times to the nanosecond, as the data file's time shows.
  var keepsNanoseconds: Bool {
    guard let entry = cache.current else { return false }
    return GenerationStamp(of: entry.status) == GenerationStamp(entry.version.generation)
  }

  /// Sets aside the backups that a power cut has torn: they were never synchronized, and a backup
  /// must hold what its name says before its inode is reused.
  mutating func setAsideTorn() {
    forget()
    // A directory that cannot be listed now is looked at when a backup is needed.
    for name in (try? automatic()) ?? [] {
      let path = directory.backups + "/" + name.text
      switch reader.reading(at: path) {
      case .intact(let version)?:
        // The power cut left its name on an inode that was being reused.
        if UInt32(truncatingIfNeeded: version.generation) != name.digits {
          quarantine.setAside(path, because: "a power cut has left it with another state")
        }
      case .edited?: quarantine.setAside(path, because: "changed since it was written")
      case .damaged?: quarantine.setAside(path, because: "torn by a power cut")
      case .newerFormat?, nil: continue
      }
    }
    forget()
  }

  /// Returns the intact state with the highest generation among the checkpoint and the backups.
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
