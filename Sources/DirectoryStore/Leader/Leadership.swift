import DurableStore
import Files
import Glibc
import SystemPackage

/// What a process knows and does while it holds `.lock`.
///
/// A process is in one of four states. The mutex is the monitor that the store keeps around this value. It is
/// locked before the file lock (I6), and nothing under either waits for anything but the file system.
/// ```
///     ┌──────── commit, the lock is free ───────────────┐
///     │        commit, somebody           lock becomes  ▼
///   idle ──────── leads ────────▶ following ── free ──▶ leading
///    ▲  no lock                   no lock, entries      mutex and .lock
///    │                            handed in               │ dead leader's work,
///    │◀──── outcomes told by the log ───┘                 ▼ damage, a new boot
///    └◀──────── outcomes told ────────────────────── recovering
///                                                    mutex and .lock
/// ```
/// `DirectoryStore.leadOrFollow` makes these transitions; `LeadPolicy` says when it asks for the lock.
/// A leader commits a batch in these steps, as `lead` calls them:
/// 1. `currentVersion`: the data file as it is, or recovered.
/// 2. `collect`, `gather`: what this process and others have handed in.
/// 3. `apply`: each entry is decided by the state's rules.
/// 4. `commit`: the next state is staged and read back; the lines are appended to the log and
///    synchronized, which is the commit point (I2); the data file is replaced (I1).
/// 5. `publicFiles.follow`: public files are rewritten, or withdrawn until a refresh is due.
/// 6. `finish`: entries are removed, and their writers are told the outcomes.
/// 7. `backups.prune`, `doChores`: surplus backups are removed, and chores that are due are done.
struct Leadership<State: DurableState>: Sendable {
  let context: StoreContext
  let cache: VersionCache<State>
  let wake: WakeWord
  var lock: FileLock
  var writer: LogWriter
  var backups: Backups<State>
  var checkpoint: Checkpoint
  var publicFiles: PublicFiles<State>
  var recent = RecentTransactions()
  var recentEnds = RecentEnds()
  /// Set when the data file's synchronization failed: it needs a new inode (I9).
  var needsNewInode = false
  /// Whether this is a recovery, in which no pending entry counts as waited for.
  var isRecovering = false
  /// How many entries the last batch had.
  var lastBatchCount = 0

  var directory: DataDirectory { context.directory }
  var system: SystemCalls { context.system }
  var surroundings: Surroundings { context.surroundings }
  var quarantine: Quarantine { Quarantine(context) }
  var reader: VersionReader<State> { VersionReader(context, cache) }
  var log: CompletedLog { CompletedLog(directory: directory, system: system) }

  init(_ context: StoreContext, cache: VersionCache<State>, wake: WakeWord) {
    self.context = context
    self.cache = cache
    self.wake = wake
    lock = FileLock(context.directory, context.system)
    writer = LogWriter(context.directory, context.options)
    backups = Backups(context, cache)
    checkpoint = Checkpoint(context, wake)
    publicFiles = PublicFiles(context, wake)
  }

  /// Runs a closure under the lock if that is free, then wakes the processes that wait for it.
  ///
  /// - Returns: Whether it ran.
  mutating func holdingLock(
    _ body: (inout Leadership) throws(TransactionError) -> Void
  ) throws(TransactionError) -> Bool {
    guard try lock.take() else { return false }
    publicFiles.forgetGeneration()
    defer {
      lock.release()
      wake.advance(publicGeneration: publicFiles.generation)
    }
    try body(&self)
    return true
  }

  /// Whether the lock is free at this moment.
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
  ///   - tickets: This process's waiting transactions.
  ///   - more: Returns those that have arrived since.
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
      // A recovery looks at each file, whatever is known of them.
      publicFiles.follow(
        next, since: version.generation, changed: isRecovering ? nil : batch.changedFiles)
    } catch {
      batch.releaseMarks(system)
      throw error
    }
    finish(&batch)
    lastBatchCount = batch.entries.count
    backups.prune()
    doChores()
  }

  /// Does the chores that are due, after waking the waiting processes.
  ///
  /// Without chores they are woken once the lock is free, so that they do not all run while it is held.
  private mutating func doChores() {
    guard context.options.leadersCheckpoint, checkpoint.isDue else { return }
    wake.advance(publicGeneration: publicFiles.generation)
    makeCheckpoint()
  }

  /// Writes the public files that were withdrawn, unless that was done a moment ago.
  mutating func refreshPublicFilesIfDue() {
    publicFiles.refreshIfDue(to: cache.current?.version)
  }

  /// Synchronizes the data file and gives it a second name (I5); deals with what is found wrong with it.
  mutating func makeCheckpoint() {
    let entry = cache.current
    switch checkpoint.make(of: entry) {
    case nil: break
    case .damagedDataFile: cache.forget()
    case .failedSynchronization:
      needsNewInode = true
      if let entry { leaveInode(entry.version) }
    }
  }

  /// Writes the version into a new inode, after synchronizing its inode has failed: another process's
  /// attempt would seem to succeed (I9).
  private mutating func leaveInode(_ version: Version<State>) {
    do throws(TransactionError) {
      // The old inode must not be reused: its pages may be marked clean without being on the device.
      _ = try replaceDataFile(
        with: version, former: .quarantine(reason: "its synchronization failed"))
    } catch {
      // `needsNewInode` stays set; this process's next turn tries again.
      context.report(.failed("\(error)"))
    }
  }

  /// Removes what is no longer needed, and restores the reserve.
  mutating func cleanUp() {
    Leftovers(context).remove()
    backups.forget()
    // Without a list of the backups every segment may be needed.
    LogRetention(context).removeOldSegments(backups: (try? backups.all()) ?? [])
    keepReserve()
  }

  /// Reserves space for transactions that free space.
  func keepReserve() {
    // The store works without a reserve; the disk may be full already.
    _ = try? Reserve(directory: directory, system: system).keep()
  }

  func list() throws(TransactionError) -> LogListing {
    do throws(Errno) {
      return LogListing(try system.list(directory.log))
    } catch .noSuchFileOrDirectory {
      try directory.prepare(system)
      return LogListing([])
    } catch {
      throw TransactionError(step: .collect, object: directory.log, cause: .system(error))
    }
  }
}
