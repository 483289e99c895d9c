public import DurableStore
import Files
import Glibc
import SystemPackage

extension DirectoryStore {
  /// Commits a transaction, together with those of other threads and processes.
  ///
  /// It blocks until the transaction's line in the completed log is on the device and the data
  /// file holds it (I2), at most about as long as `lockLimit`.
  /// - Throws: `TransactionError`; its `outcome` says whether the transaction may still be there.
  public func commit(_ transaction: Transaction) throws(TransactionError) -> CommitReceipt {
    do throws(TransactionError) {
      return try commitOnce(transaction)
    } catch {
      guard error.isOfFullDisk, error.outcome == .notCommitted,
        State.makesRoom(transaction.operation), reserve.giveUp()
      else { throw error }
      options.report(.failed("the disk is full: what was kept goes to \(transaction.operation)"))
      return try commitOnce(transaction)
    }
  }

  private var reserve: Reserve { Reserve(directory: directory, system: options.system) }

  private func commitOnce(_ transaction: Transaction) throws(TransactionError) -> CommitReceipt {
    let deadline = ContinuousClock.now + options.lockLimit
    // An entry says after which generation its line can come at the earliest.
    if cache.current == nil { _ = try read() }
    let ticket = Ticket(
      PendingEntry(transaction, baseGeneration: knownGeneration),
      name: "wal-\(options.surroundings.fileStem()).json", deadline: deadline)
    // Another process leads: it may take the entry before the thread that acts here wakes up.
    if queue.isFollowing { try retrying { () throws(TransactionError) in try handIn(ticket) } }
    let (outcome, wasTaken) = queue.outcome(of: ticket, atMost: options.lockLimit, act: act)
    if let outcome {
      let receipt = try outcome.get()
      if let file = ticket.file { entryFiles.takeBack(file, of: ticket.name) }
      return receipt
    }
    let error = TransactionError(step: .lock, object: directory.lockFile, cause: .contention)
    throw !wasTaken && withdraw(ticket) ? error : error.withUnknownOutcome
  }

  /// Decides the outcomes of tickets, in as many attempts as make sense.
  private func act(_ tickets: [Ticket]) {
    var tickets = tickets
    do throws(TransactionError) {
      try retrying { () throws(TransactionError) in try leadOrFollow(&tickets) }
    } catch {
      abort(tickets, because: error)
    }
  }

  /// Attempts a step again after a pause, if its failure may pass.
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
        // Somebody may have removed a directory, also while the site runs.
        if error.cause == .system(.noSuchFileOrDirectory) { try? directory.prepare(options.system) }
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

  /// Writes an entry as pending; from then on any process can finish it.
  private func handIn(_ ticket: Ticket) throws(TransactionError) {
    do throws(Errno) {
      ticket.handedIn(as: try write(ticket))
    } catch .noSuchFileOrDirectory {
      // Somebody removed the directories, or a recovery was quicker than this writer.
      try directory.prepare(options.system)
      let path = directory.log + "/" + ticket.name
      ticket.handedIn(
        as: try attempting(.logPending, on: path) { () throws(Errno) in try write(ticket) })
    } catch {
      throw TransactionError(
        step: .logPending, object: directory.log + "/" + ticket.name, cause: .system(error))
    }
  }

  private func write(_ ticket: Ticket) throws(Errno) -> OpenFile {
    try entryFiles.write(ticket.entry, as: ticket.name, options.surroundings)
  }

  /// Leads as soon as the lock is free; until then it lets others commit what it hands in.
  private func leadOrFollow(_ tickets: inout [Ticket]) throws(TransactionError) {
    let deadline = tickets.map(\.deadline).min() ?? .now
    var deference = self.deference
    let asked = ContinuousClock.now
    let patience = ContinuousClock.now + StoreLimits.patience
    defer { queue.isFollowing = false }
    while true {
      let news = wake.value
      let hasLed = deference == nil ? try catchUpAndLead(&tickets, since: asked) : false
      if !hasLed {
        queue.isFollowing = true
        for ticket in tickets where ticket.file == nil { try handIn(ticket) }
        try settle(tickets)
      }
      tickets.removeAll { $0.outcome != nil }
      if tickets.isEmpty {
        if !hasLed { options.measure(.lockWait(.now - asked)) }
        return
      }
      guard ContinuousClock.now < deadline else {
        throw TransactionError(step: .lock, object: directory.lockFile, cause: .contention)
      }
      let hasNews = wake.wait(while: news, atMost: deference ?? StoreLimits.look)
      deference = hasNews && ContinuousClock.now < patience ? self.deference : nil
    }
  }

  /// How long this process lets others lead without news of them, who can do it with less effort
  /// because it would have many lines to read first; `nil` if it need not.
  ///
  /// It does so only when somebody has led a moment ago. Leadership so stays in few processes while
  /// many commit.
  private var deference: Duration? {
    guard ContinuousClock.now - seen.withLock({ $0.servedAt }) < StoreLimits.look else {
      return nil
    }
    let lineCount = linesBehind
    return lineCount > StoreLimits.farBehind ? StoreLimits.deference : nil
  }

  /// How many lines the cache is behind the data file, as far as a look at it tells.
  private var linesBehind: Int {
    // No promise depends on it.
    let status = try? options.system.status(at: directory.dataFile)
    return status.map {
      GenerationStamp(of: $0).lead(over: cache.current?.version.generation ?? 0)
    } ?? 0
  }

  /// Leads if the lock is free; what takes long to read is read before, when nobody waits for it.
  private func catchUpAndLead(
    _ tickets: inout [Ticket], since asked: ContinuousClock.Instant
  ) throws(TransactionError) -> Bool {
    // A file that cannot be read is dealt with under the lock.
    if linesBehind > StoreLimits.farBehind {
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

  /// Decides outcomes without the lock: an entry that is gone was dealt with (I3).
  ///
  /// The file of a committed one has the name under which a leader leaves it to its writer. What
  /// became of the others the log tells, which is looked into now and then in any case: the next
  /// entries say from where on they can be in it.
  private func settle(_ tickets: [Ticket]) throws(TransactionError) {
    let now = ContinuousClock.now
    let isLookDue = now - seen.withLock { $0.lookedAt } > StoreLimits.look
    var gone: [Ticket] = []
    for ticket in tickets {
      if !isLookDue, exists(EntryFiles.freePath(directory, ticket.name)) == true {
        seen.withLock { $0.servedAt = now }
        ticket.resolve(.success(CommitReceipt(transactionID: ticket.transaction.id)))
      } else if exists(directory.log + "/" + ticket.name) == false {
        gone.append(ticket)
      }
    }
    guard let oldest = gone.map(\.entry.baseGeneration).min() else { return }
    let finder = CompletedFinder(
      directory: directory, system: options.system, hint: seen.withLock { $0.segment })
    let ids = Set(gone.map(\.transaction.id))
    guard let found = try finder.completed(ids, after: oldest) else { return }
    seen.withLock { seen in
      seen.generation = max(seen.generation, found.generation)
      seen.segment = found.segment
      (seen.servedAt, seen.lookedAt) = (now, now)
    }
    for ticket in gone {
      if let committed = found.transactions[ticket.transaction.id] {
        ticket.resolve(.success(CommitReceipt(committed)))
      } else {
        try settleUnlogged(ticket)
      }
    }
  }

  /// Whether a name is there; `nil` if that cannot be told now.
  private func exists(_ path: String) -> Bool? {
    do throws(Errno) {
      _ = try options.system.status(at: path)
      return true
    } catch {
      return error == .noSuchFileOrDirectory ? false : nil
    }
  }

  /// Decides an outcome that the log does not tell: a replay, or a refusal.
  private func settleUnlogged(_ ticket: Ticket) throws(TransactionError) {
    if let outcome = replayed(ticket.transaction, by: try read().state) {
      ticket.resolve(outcome)
    } else if let rejection = takeRejection(of: ticket) {
      ticket.resolve(
        .failure(
          TransactionError(
            step: .apply, object: ticket.transaction.operation, cause: .rejected(rejection))))
    }
  }

  private func replayed(_ transaction: Transaction, by state: State) -> Ticket.Outcome? {
    var copy = state
    // A refusal here is not an outcome: the state may have changed since the leader decided.
    guard case .alreadyApplied(let id)? = try? copy.apply(transaction) else { return nil }
    return .success(CommitReceipt(transactionID: id, isReplayed: id != transaction.id))
  }

  private func takeRejection(of ticket: Ticket) -> Rejection? {
    let path = directory.log + "/" + ticket.name.replacingPrefix("wal-", by: "rejected-")
    // A record that cannot be read decides nothing; the next turn does.
    guard let file = try? options.system.openToRead(path),
      let status = try? options.system.status(file),
      let text = try? options.system.read(file, count: status.size),
      let rejection = PendingEntry.rejection(parsing: text)
    else { return nil }
    // What is left is removed with the leftovers.
    _ = try? options.system.unlink(path)
    return rejection
  }

  /// Withdraws what is pending, and answers what is known.
  private func abort(_ tickets: [Ticket], because error: TransactionError) {
    for ticket in tickets where ticket.outcome == nil {
      ticket.resolve(.failure(withdraw(ticket) ? error : error.withUnknownOutcome))
    }
  }

  /// Whether a leader got as far as the log: whatever failed after that, the next one goes on.
  private func isLogged(_ ticket: Ticket) -> Bool {
    let log = CompletedLog(directory: directory, system: options.system)
    // A log that cannot be read may hold it.
    guard let tail = try? log.tail(after: ticket.entry.baseGeneration) else { return true }
    return tail.lines.contains { $0.transaction.id == ticket.transaction.id }
  }

  /// Withdraws a transaction, unless it was or may be committed.
  ///
  /// A leader that is committing it holds its lock; one that got as far as the log has left a line.
  /// The removal is synchronized: an entry that comes back after a power cut would be committed.
  private func withdraw(_ ticket: Ticket) -> Bool {
    guard ticket.file != nil else { return !isLogged(ticket) }
    let path = directory.log + "/" + ticket.name
    do throws(Errno) {
      let file = try options.system.open(path, O_RDWR)
      guard try options.system.lockExclusively(file),
        try options.system.status(at: path).isSameFile(as: try options.system.status(file)),
        !isLogged(ticket)
      else { return false }
      try options.system.unlink(path)
      try options.system.synchronize(
        try options.system.open(directory.log, O_RDONLY | O_DIRECTORY))
      return true
    } catch {
      // Each failure means that the entry may still be committed, which is what false says.
      return false
    }
  }
}
