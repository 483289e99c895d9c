public import DurableStore
import Files
import Glibc
import SystemPackage

extension DirectoryStore {
  /// Commits a transaction, together with those of other threads and processes.
  ///
  /// It blocks until the transaction's line in the completed log is on the device and the data
  /// file holds it (I2), at most about as long as `lockLimit`.
  /// - Throws: `TransactionError`; its `outcome` says whether the transaction may be committed nevertheless.
  public func commit(_ transaction: Transaction) throws(TransactionError) -> CommitReceipt {
    do throws(TransactionError) {
      return try commitOnce(transaction)
    } catch {
      guard error.isOfFullDisk, error.outcome == .notCommitted,
        State.freesSpace(transaction.operation), reserve.giveUp()
      else { throw error }
      options.report(.failed("the disk is full: the reserve goes to \(transaction.operation)"))
      return try commitOnce(transaction)
    }
  }

  private var reserve: Reserve { Reserve(directory: directory, system: options.system) }

  private func commitOnce(_ transaction: Transaction) throws(TransactionError) -> CommitReceipt {
    let deadline = ContinuousClock.now + options.lockLimit
    // An entry records the generation after which its line can come at the earliest.
    if cache.current == nil { _ = try read() }
    let ticket = Ticket(
      PendingEntry(transaction, baseGeneration: knownGeneration),
      name: "wal-\(options.surroundings.fileStem()).json", deadline: deadline)
    // Another process leads: it may take the entry before the acting thread of this process wakes up.
    if queue.isFollowing { try retrying { () throws(TransactionError) in try handIn(ticket) } }
    let (outcome, wasTaken) = queue.outcome(of: ticket, atMost: options.lockLimit, act: act)
    if let outcome {
      let receipt = try outcome.get()
      if let file = ticket.file { entryFiles.takeBack(file, of: ticket.name) }
      return receipt
    }
    throw !wasTaken && withdraw(ticket) ? contention : contention.withUnknownOutcome
  }

  /// Decides the outcomes of tickets, and tries again as often as that makes sense.
  private func act(_ tickets: [Ticket]) {
    var tickets = tickets
    do throws(TransactionError) {
      try retrying { () throws(TransactionError) in try leadOrFollow(&tickets) }
    } catch {
      abort(tickets, because: error)
    }
  }

  /// Runs a step, and again after a pause if its failure may be transient.
  private func retrying<Result>(
    _ body: () throws(TransactionError) -> Result
  ) throws(TransactionError) -> Result {
    var pause = options.retryPause
    var attempt = 1
    while true {
      do throws(TransactionError) {
        return try body()
      } catch {
        options.report(.failed("attempt \(attempt): \(error)"))
        guard error.isTransient, attempt < StoreLimits.attempts else { throw error }
        options.measure(.retry)
        // Somebody may have removed a directory, even while the site runs.
        if case .system(let failure) = error.cause, failure.kind == .missing {
          try? directory.prepare(options.system)
        }
      }
      usleep(UInt32(pause.nanoseconds / 1000))
      pause *= 2
      attempt += 1
    }
  }

  /// A generation that the data file has reached.
  private var knownGeneration: Int {
    max(cache.current?.version.generation ?? 0, seen.withLock { $0.generation })
  }

  /// Leads as soon as the lock is free; until then it lets others commit what it hands in.
  private func leadOrFollow(_ tickets: inout [Ticket]) throws(TransactionError) {
    let (deadline, asked) = (tickets.map(\.deadline).min() ?? .now, ContinuousClock.now)
    var policy = LeadPolicy(view, now: asked)
    defer { queue.isFollowing = false }
    while true {
      let news = wake.value
      let hasLed = policy.asksForLock ? try catchUpAndLead(&tickets, since: asked, news) : false
      if !hasLed { try follow(&tickets, since: asked) }
      tickets.removeAll { $0.outcome != nil }
      if tickets.isEmpty { return }
      guard ContinuousClock.now < deadline else { throw contention }
      let hasNews = wake.wait(while: news, atMost: policy.longestWait)
      policy.wait(endedWithNews: hasNews, view, now: .now)
    }
  }

  /// What the policy needs to know.
  private var view: LeadPolicy.View {
    LeadPolicy.View(servedAgo: ContinuousClock.now - seen.withLock { $0.servedAt }) {
      self.linesBehind
    }
  }

  /// How many lines the cache is behind the data file, as far as the file's time tells.
  private var linesBehind: Int {
    // Without a status it counts as current: no promise depends on it.
    let status = try? options.system.status(at: directory.dataFile)
    return status.map {
      GenerationStamp(of: $0).lead(over: cache.current?.version.generation ?? 0)
    } ?? 0
  }

  /// Leads if the lock is free; what takes long to read is read before the lock is taken.
  ///
  /// - Parameters:
  ///   - tickets: This process's waiting transactions.
  ///   - asked: When they began to wait.
  ///   - news: The wake word's value; nothing new is to be read if this process wrote it.
  /// - Returns: Whether it has led.
  /// - Throws: `TransactionError` of the lock or of leading.
  private func catchUpAndLead(
    _ tickets: inout [Ticket], since asked: ContinuousClock.Instant, _ news: UInt32
  ) throws(TransactionError) -> Bool {
    // A file that cannot be read is dealt with under the lock.
    if !wake.isOwn(news), linesBehind > StoreLimits.farBehind {
      guard try isLockFree else { return false }
      _ = try? readFile()
    }
    return try lead(&tickets, since: asked)
  }

  private var isLockFree: Bool {
    get throws(TransactionError) {
      try leadership.withLock { (leadership) throws(TransactionError) in
        try leadership.isLockFree
      }
    }
  }

  private func lead(
    _ tickets: inout [Ticket], since asked: ContinuousClock.Instant
  ) throws(TransactionError) -> Bool {
    var added: [Ticket] = []
    defer { tickets += added }
    let current = tickets
    return try leadership.withLock { (leadership) throws(TransactionError) in
      try leadership.holdingLock { (leadership) throws(TransactionError) in
        options.measure(.lockWait(.now - asked))
        try leadership.lead(current) {
          let more = queue.takeMore()
          added += more
          return more
        }
      }
    }
  }
}
