public import DurableStore
import Files
import Glibc
import SystemPackage

/// A directory that keeps one state durably, for any number of threads and processes at once.
///
/// Readers see the data file, which is whole at every instant. Writers hand in transactions; one
/// process at a time leads, and commits what all have handed in together. There is no recovery
/// mode: whoever leads next finishes what a dead leader left.
public final class DirectoryStore<State: DurableState>: Store {
  /// The files.
  public var directory: DataDirectory { context.directory }
  let context: StoreContext
  let cache: VersionCache<State>
  let queue = CommitQueue()
  let entryFiles: EntryFiles
  let wake: WakeWord
  /// Locked before `.lock`, never after it.
  let leadership: Monitor<Leadership<State>>
  let seen = Monitor(SeenLog())
  private let looks = Monitor(Looks())
  private let first: FirstProcess

  var options: StoreOptions { context.options }

  /// Opens a store, and makes the directories that are missing; recovers nothing yet.
  ///
  /// - Throws: `TransactionError` when a directory cannot be made.
  public init(_ directory: DataDirectory, options: StoreOptions = StoreOptions())
    throws(TransactionError)
  {
    context = StoreContext(directory: directory, options: options)
    cache = VersionCache()
    try directory.prepareMissing(options.system)
    wake = WakeWord(context)
    entryFiles = EntryFiles(directory, options.system)
    first = FirstProcess(context)
    leadership = Monitor(Leadership(context, cache: cache, wake: wake))
  }

  /// Returns the current state, from memory when the data file has not changed (I7).
  ///
  /// It blocks only when the data file is damaged or missing: it is then rebuilt first.
  /// - Throws: `TransactionError` when it cannot be read or rebuilt.
  public func read() throws(TransactionError) -> Snapshot<State> {
    if let snapshot = try? readFile() { return snapshot }
    // A file that cannot be read is dealt with under the lock, like one that is damaged.
    try recover()
    guard let entry = cache.current else {
      throw TransactionError(
        step: .read, object: directory.dataFile, cause: .damaged("changed while it was read"))
    }
    return Snapshot(entry.version)
  }

  /// Returns the state that this process read or wrote last.
  ///
  /// - Throws: `TransactionError` when there is none and it cannot be read or rebuilt.
  public func known() throws(TransactionError) -> Snapshot<State> {
    if let entry = cache.current { return Snapshot(entry.version) }
    return try read()
  }

  /// Returns the current state, if the data file is as the store wrote it.
  package func readFile() throws(TransactionError) -> Snapshot<State>? {
    let reader = VersionReader(context, cache)
    if let entry = reader.unchanged() { return Snapshot(entry.version) }
    // One thread reads for all: those that wait then find what it has read.
    return try cache.reading { () throws(TransactionError) in
      guard case .found(.intact(let version), let status) = try reader.readDataFile() else {
        return nil
      }
      cache.store(version, status)
      return Snapshot(version)
    }
  }

  /// Returns the proof that a transaction whose effect was read is on the device and visible to every reader.
  ///
  /// The data file is replaced only after the log was synchronized (I2), so what was read from it
  /// was committed. But its leader may not have refreshed `public/` yet, or may have died before.
  /// - Parameters:
  ///   - transactionID: The transaction that, according to the state, made the change that was found.
  ///   - snapshot: The state in which it was found.
  /// - Returns: A receipt of a replay.
  /// - Throws: `TransactionError` when `public/` cannot be brought up to the state.
  public func receipt(
    ofFound transactionID: String, in snapshot: Snapshot<State>
  ) throws(TransactionError) -> CommitReceipt {
    // Generations beyond 32 bits are compared by what is between them.
    let lead = wake.publicGeneration.map {
      Int32(bitPattern: $0 &- UInt32(truncatingIfNeeded: snapshot.generation))
    }
    // Their leader is about to write them, or has died; whoever has the lock next knows.
    if lead ?? -1 < 0 {
      try holdingLock { (leadership) throws(TransactionError) in try leadership.lead([]) { [] } }
    }
    return CommitReceipt(transactionID: transactionID, isReplayed: true)
  }

  /// Whether another process is the first of those that use this store; while it lives, it commits for less
  /// than this one would, because it knows what was written last.
  public var hasFirstElsewhere: Bool { first.isElsewhere }

  /// Finishes whatever dead processes left; idempotent (I10).
  ///
  /// It blocks until the lock is free, at most as long as a commit would.
  /// - Throws: `TransactionError`, with `.unrecoverable` when there is evidence of data but nothing
  ///   to rebuild it from.
  public func recover() throws(TransactionError) {
    try directory.prepareMissing(options.system)
    if isLarge { _ = try? readFile() }
    try holdingLock { (leadership) throws(TransactionError) in
      leadership.isRecovering = true
      defer { leadership.isRecovering = false }
      try leadership.lead([]) { [] }
      leadership.cleanUp()
    }
  }

  /// Whether the data file takes long to read, so that it is read while others may still commit.
  ///
  /// A small file is read under the lock instead, where the first look also tells whether the machine was
  /// rebooted. A file without a status is dealt with there too.
  private var isLarge: Bool {
    (try? options.system.status(at: directory.dataFile).size) ?? 0 > StoreLimits.largeFileBytes
  }

  /// Restores the reserve for transactions that free space, after some space was freed.
  public func keepReserve() {
    leadership.withLock { $0.keepReserve() }
  }

  /// Does the upkeep that is due about once a second: finishes transactions that nobody waits for,
  /// synchronizes the data file, and removes what dead processes left.
  ///
  /// It does not wait for the lock: whoever holds it does the same.
  /// - Throws: `TransactionError` of a recovery that was needed.
  public func tend() throws(TransactionError) {
    try directory.prepareMissing(options.system)
    let pending = try leadership.withLock { (leadership) throws(TransactionError) in
      try leadership.list().pending
    }
    let (isStale, isCleaningDue) = looks.withLock { $0.look(at: pending) }
    if isStale { try recover() }
    _ = try leadership.withLock { (leadership) throws(TransactionError) in
      guard
        isCleaningDue || leadership.publicFiles.isRefreshDue || !leadership.checkpoint.isCurrent
      else { return false }
      return try leadership.holdingLock { (leadership) throws(TransactionError) in
        _ = try leadership.currentVersion(try leadership.list())
        leadership.makeCheckpoint()
        leadership.publicFiles.setRefreshDue()
        leadership.refreshPublicFilesIfDue()
        if isCleaningDue { leadership.cleanUp() }
      }
    }
  }

  /// Does what `tend` does, once, for a process that serves one request and ends.
  ///
  /// Entries that are older than a commit may last were left by a dead process.
  /// - Throws: `TransactionError` of a recovery that was needed.
  public func finishWork() throws(TransactionError) {
    let limits = [
      (directory.log, "wal-", StoreLimits.commitMilliseconds),
      (directory.temporary, "tmp-", StoreLimits.uploadMilliseconds),
    ]
    for (folder, prefix, maxAge) in limits
    where try holdsFiles(in: folder, named: prefix, olderThan: maxAge) {
      try recover()
    }
    entryFiles.discardAll()
    checkpoint()
  }

  /// Returns whether a folder has files with a prefix that are too old, by the times in their names.
  func holdsFiles(
    in folder: String, named prefix: String, olderThan milliseconds: Int
  ) throws(TransactionError) -> Bool {
    let limit = options.surroundings.nowMilliseconds() - milliseconds
    return try names(folder).contains { name in
      let parts = name.split(separator: "-")
      guard name.hasPrefix(prefix), parts.count > 1, let time = Int(parts[1]) else { return false }
      return time < limit
    }
  }

  /// Makes a checkpoint if the data file is not synchronized and the lock is free.
  ///
  /// For a process that ends, after which no other may run for a long time.
  public func checkpoint() {
    leadership.withLock { leadership in
      guard cache.current != nil,
        !leadership.checkpoint.isCurrent || leadership.publicFiles.isRefreshDue
      else { return }
      // If this fails, whatever a power cut damages is repaired from the log at the next start.
      _ = try? leadership.holdingLock { (leadership) throws(TransactionError) in
        _ = try leadership.currentVersion(try leadership.list())
        leadership.makeCheckpoint()
        leadership.refreshPublicFilesIfDue()
      }
    }
  }

  /// Rewrites the public files that are missing or behind, if the lock is free and that was not done a
  /// moment ago; it does not wait.
  ///
  /// For a responder that got a request which a public file would have answered.
  public func refreshPublicFiles() {
    _ = leadership.withLockIfAvailable { leadership in
      guard leadership.publicFiles.mayRefresh else { return }
      leadership.publicFiles.setRefreshDue()
      // If the lock is not free, the next such request tries again.
      _ = try? leadership.holdingLock { (leadership) throws(TransactionError) in
        _ = try leadership.currentVersion(try leadership.list())
        leadership.refreshPublicFilesIfDue()
      }
    }
  }

  /// Runs a closure under the lock, for which it waits as long as a commit would.
  func holdingLock(
    _ body: (inout Leadership<State>) throws(TransactionError) -> Void
  ) throws(TransactionError) {
    let deadline = ContinuousClock.now + options.lockLimit
    while true {
      let news = wake.value
      let hasRun = try leadership.withLock { (leadership) throws(TransactionError) in
        try leadership.holdingLock(body)
      }
      if hasRun { return }
      guard ContinuousClock.now < deadline else {
        throw TransactionError(step: .lock, object: directory.lockFile, cause: .contention)
      }
      wake.wait(while: news, atMost: StoreLimits.look)
    }
  }
}

extension Snapshot {
  init(_ version: Version<State>) {
    self.init(generation: version.generation, state: version.state)
  }
}

/// What a follower has seen of the log; the cache may be behind it.
struct SeenLog {
  /// A generation that the data file has reached.
  var generation = 0
  /// The log's last segment at the last look.
  var segment: CompletedLog.Segment?
  /// When the last look was.
  var lookedAt = ContinuousClock.now
  /// When another process committed for this one.
  var servedAt = ContinuousClock.now
}

/// What successive looks at the pending entries have seen.
private struct Looks {
  private var lastPending: Set<String> = []
  private var lastCleaning = ContinuousClock.now

  /// Whether an entry has been there since the last look, and whether it is time to clean up.
  mutating func look(at pending: [String]) -> (isStale: Bool, isCleaningDue: Bool) {
    let isStale = !lastPending.isDisjoint(with: pending)
    lastPending = Set(pending)
    let isCleaningDue = ContinuousClock.now - lastCleaning > StoreLimits.housekeeping
    if isCleaningDue { lastCleaning = .now }
    return (isStale, isCleaningDue)
  }
}
