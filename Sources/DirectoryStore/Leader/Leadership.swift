import DurableStore
import Files
import Glibc
import SystemPackage

/// What a process knows and does while it holds `.lock`.
///
/// A process is in one of four states. The mutex is the store's around this value; it is locked before the file lock
/// (I6), and nothing under either waits for anything but the file system.
/// ```
///              commit                    lock is free
///   idle ────────────────▶ following ───────────────▶ leading
///    ▲  no lock            no lock, entries           mutex and .lock
///    │                     handed in                     │
///    │◀──── outcomes told by the log ────┘               │ dead leader's work,
///    │                                                   ▼ damage, a new boot
///    └◀──────── outcomes told ──────────────────── recovering
///                                                  mutex and .lock
/// ```
/// A leader commits a batch in these steps, as `lead` calls them:
/// 1. `currentVersion`: the data file as it is, or recovered.
/// 2. `collect`, `gather`: what this process and others have handed in.
/// 3. `apply`: each entry is decided by the state's rules.
/// 4. `commit`: the next state is staged and read back; the lines are appended to the log and
///    synchronized, which is the commit point (I2); the data file is replaced (I1).
/// 5. `publish`: public files are made anew, or taken away until that is due.
/// 6. `finish`: entries are taken away, and their writers told.
/// 7. `pruneBackups`, `doChores`: what is superfluous goes, what is due is done.
struct Leadership<State: DurableState>: Sendable {
  /// What the directory of the log holds.
  struct Listing {
    var pending: [String]
    var segments: [CompletedLog.Segment]

    init(_ names: [String]) {
      pending = names.filter { $0.hasPrefix("wal-") && $0.hasSuffix(".json") }.sorted()
      segments = CompletedLog.segments(in: names)
    }
  }

  let directory: DataDirectory
  let system: SystemCalls
  let surroundings: Surroundings
  let options: StoreOptions
  private let tell: @Sendable (StoreEvent) -> Void
  let cache: VersionCache<State>
  let wake: WakeWord
  var lock: FileLock
  var writer: LogWriter
  var backups: Backups
  var recent = RecentTransactions()
  /// Set when the data file's synchronization failed: it needs a new inode (I9).
  var needsNewInode = false
  /// Whether this is a recovery: what is pending is nobody's who waits.
  var isRecovering = false
  /// The data file that was synchronized last, where it can have no second name.
  var synchronizedUnnamed: FileStatus?
  /// Whether public files were taken away that are to be made again.
  var isPublishingDue = false
  /// How many entries the last batch had.
  var lastBatchCount = 0

  var reader: VersionReader<State> {
    VersionReader(directory: directory, system: system, cache: cache, report: tell)
  }
  var log: CompletedLog { CompletedLog(directory: directory, system: system) }

  init(
    _ directory: DataDirectory, _ options: StoreOptions, _ cache: VersionCache<State>,
    _ wake: WakeWord
  ) {
    self.directory = directory
    system = options.system
    surroundings = options.surroundings
    self.options = options
    tell = options.report
    self.cache = cache
    self.wake = wake
    lock = FileLock(directory, system)
    writer = LogWriter(directory, options)
    backups = Backups(directory: directory, system: system)
  }

  /// Runs under the lock if nobody else holds it, and wakes those who wait for it afterwards.
  ///
  /// - Returns: Whether it ran.
  mutating func holdingLock(
    _ body: (inout Leadership) throws(TransactionError) -> Void
  ) throws(TransactionError) -> Bool {
    guard try lock.take() else { return false }
    defer {
      lock.release()
      wake.advance()
    }
    try body(&self)
    return true
  }

  /// Whether nobody else holds the lock at this moment.
  var isLockFree: Bool {
    mutating get throws(TransactionError) {
      guard try lock.take() else { return false }
      lock.release()
      return true
    }
  }

  /// Leads once: finishes what was left, commits what is pending, and decides the tickets' outcomes.
  ///
  /// - Parameters:
  ///   - tickets: This process's published transactions.
  ///   - more: Gives those that have come since.
  /// - Throws: `TransactionError`; tickets without an outcome are then still pending, unless the
  ///   error's outcome says that it is unknown.
  mutating func lead(_ tickets: [Ticket], more: () -> [Ticket]) throws(TransactionError) {
    let listing = try list()
    let version = try currentVersion(listing)
    var batch = collect(tickets, listing)
    do throws(TransactionError) {
      if isExpectingMore(batch.entries.count) { try gather(&batch, more) }
      var next = version
      try apply(&batch, to: &next)
      if next.generation > version.generation { try commit(batch, from: version, to: &next) }
      publish(next, since: version.generation, changed: batch.changedFiles)
    } catch {
      batch.releaseMarks(system)
      throw error
    }
    finish(&batch)
    lastBatchCount = batch.entries.count
    pruneBackups()
    doChores()
  }

  /// Does what is due now and then, after waking the others; who leads otherwise wakes them when the
  /// lock is free, or they would all run while it is held.
  private mutating func doChores() {
    let (publishes, makesCheckpoint) = (
      isPublishingDue && mayPublish, options.leadersCheckpoint && isCheckpointDue
    )
    guard publishes || makesCheckpoint else { return }
    wake.advance()
    if publishes { publishIfDue() }
    if makesCheckpoint { self.makeCheckpoint() }
  }

  func list() throws(TransactionError) -> Listing {
    do throws(Errno) {
      return Listing(try system.list(directory.log))
    } catch .noSuchFileOrDirectory {
      try directory.prepare(system)
      return Listing([])
    } catch {
      throw TransactionError(step: .collect, object: directory.log, cause: .system(error))
    }
  }

  /// Tells what happened; what a recovery did is also kept beside the log.
  func report(_ event: StoreEvent) {
    tell(event)
    guard event.isRecovery else { return }
    let line = "\(surroundings.nowMilliseconds()) \(event)\n"
    // The journal is for people; no promise depends on it.
    guard let file = try? system.open(directory.recoveryJournal, O_RDWR | O_CREAT),
      let end = (try? system.status(file))?.size
    else { return }
    try? system.write(Array(line.utf8), to: file, at: end)
  }

  /// Sets a backup aside that somebody has written to since it became one: it may be damaged (I8).
  mutating func setAsideChanged(_ file: Backups.File) -> Bool {
    let path = directory.backups + "/" + file.name
    guard keepsNanoseconds, let status = try? system.status(at: path),
      let digits = Backups.digits(of: file.name), digits <= 999_999_999,
      GenerationStamp(of: status) != GenerationStamp(Int(digits))
    else { return false }
    // Copied with whole seconds it is another file, but the same state.
    if let version = reader.intactVersion(at: path), version.generation == Int(digits) {
      return false
    }
    guard quarantine(path, reason: "changed since it was written") else { return false }
    backups.forget()
    return true
  }

  /// Whether the file system gives times back to the nanosecond: the data file's tells.
  private var keepsNanoseconds: Bool {
    guard let entry = cache.current else { return false }
    return GenerationStamp(of: entry.status) == GenerationStamp(entry.version.generation)
  }

  private mutating func pruneBackups() {
    do throws(Errno) {
      for file in try backups.superfluous() where !setAsideChanged(file) {
        try backups.remove(file)
      }
    } catch {
      // What is left over is pruned by the next commit.
      report(.failed("prune backups: \(error)"))
    }
  }
}
