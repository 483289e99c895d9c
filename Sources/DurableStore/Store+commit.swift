import Glibc
import Synchronization
import SystemPackage

extension Store {
  /// Commits a transaction, together with those of other threads and processes.
  ///
  /// It blocks until the transaction's line in the completed log is on the device and the data
  /// file holds it (I2), at most about as long as `lockLimit`.
  /// - Throws: `TransactionError`; its `outcome` says whether the transaction may still be there.
  public func commit(_ transaction: Transaction) throws(TransactionError) -> CommitReceipt {
    let ticket = Ticket(transaction, deadline: .now + options.lockLimit)
    let (outcome, wasTaken) = queue.outcome(of: ticket, atMost: options.lockLimit, act: act)
    if let outcome { return try outcome.get() }
    let error = TransactionError(step: .lock, path: directory.lockFile, cause: .contention)
    throw wasTaken ? error.withUnknownOutcome : error
  }

  /// Decides the outcomes of tickets, in as many attempts as make sense.
  private func act(_ tickets: [Ticket]) {
    var tickets = tickets
    var pause = StoreLimits.firstPause
    for attempt in 1... {
      do throws(TransactionError) {
        try publish(tickets)
        return try leadOrFollow(&tickets)
      } catch {
        options.report(.failed("attempt \(attempt): \(error)"))
        // Somebody may have removed a directory, also while the site runs.
        if error.cause == .system(.noSuchFileOrDirectory) { try? directory.prepare(options.system) }
        guard error.isTransient, attempt < StoreLimits.attempts else {
          return abort(tickets, because: error)
        }
        usleep(UInt32(pause.nanoseconds / 1000))
        pause *= 2
      }
    }
  }

  /// Step 1: writes the entries as pending; from then on any process can finish them.
  private func publish(_ tickets: [Ticket]) throws(TransactionError) {
    for ticket in tickets where ticket.publication == nil && ticket.outcome == nil {
      let generation = cache.current?.version.generation ?? 0
      let entry = PendingEntry(ticket.transaction, baseGeneration: generation)
      let name = "wal-\(options.surroundings.fileStem()).json"
      do throws(Errno) {
        try write(entry, as: name)
      } catch .noSuchFileOrDirectory {
        // Somebody removed the directories, or a recovery was quicker than this writer.
        try directory.prepare(options.system)
        try attempting(.logPending, on: directory.log + "/" + name) { () throws(Errno) in
          try write(entry, as: name)
        }
      } catch {
        throw TransactionError(
          step: .logPending, path: directory.log + "/" + name, cause: .system(error))
      }
      ticket.publication = Ticket.Publication(name: name, entry: entry)
    }
  }

  private func write(_ entry: PendingEntry, as name: String) throws(Errno) {
    let temporary = directory.temporaryFile(options.surroundings)
    let file = try options.system.open(temporary, O_RDWR | O_CREAT | O_EXCL)
    do throws(Errno) {
      try options.system.write(entry.serialized, to: file, at: 0)
      try options.system.rename(temporary, to: directory.log + "/" + name)
    } catch {
      // The error is what counts; what is left is removed by the next recovery.
      _ = try? options.system.unlink(temporary)
      throw error
    }
  }

  /// Step 2: waits for an outcome or for the lock, whichever comes first; step 3: leads.
  private func leadOrFollow(_ tickets: inout [Ticket]) throws(TransactionError) {
    let deadline = tickets.map(\.deadline).min() ?? .now
    while true {
      let news = wake.value
      if try lead(&tickets) {
        if tickets.allSatisfy({ $0.outcome != nil }) { return }
        // Those that came last and could not be published: now the error is theirs.
        try publish(tickets)
      }
      for ticket in tickets where ticket.outcome == nil { try settle(ticket) }
      if tickets.allSatisfy({ $0.outcome != nil }) { return }
      guard ContinuousClock.now < deadline else {
        throw TransactionError(step: .lock, path: directory.lockFile, cause: .contention)
      }
      wake.wait(while: news, atMost: StoreLimits.look)
    }
  }

  private func lead(_ tickets: inout [Ticket]) throws(TransactionError) -> Bool {
    var added: [Ticket] = []
    defer { tickets += added }
    let current = tickets
    return try leadership.withLock { (leadership) throws(TransactionError) in
      try leadership.holdingLock { (leadership) throws(TransactionError) in
        try leadership.lead(current) {
          let more = queue.takeMore()
          added += more
          // What cannot be published now is tried again after this turn.
          try? publish(more)
          return more
        }
      }
    }
  }

  /// Decides an outcome without the lock: an entry that is gone was dealt with (I3).
  private func settle(_ ticket: Ticket) throws(TransactionError) {
    guard let publication = ticket.publication else { return }
    do throws(Errno) {
      _ = try options.system.status(at: directory.log + "/" + publication.name)
      return
    } catch .noSuchFileOrDirectory {
    } catch {
      return
    }
    let snapshot = try read()
    let log = CompletedLog(directory: directory, system: options.system)
    let lines = try log.tail(after: publication.entry.baseGeneration).lines
    let isCompleted = lines.contains {
      $0.sequence <= snapshot.generation && $0.transaction.id == ticket.transaction.id
    }
    if isCompleted {
      ticket.resolve(.success(CommitReceipt(transactionID: ticket.transaction.id)))
    } else if let outcome = replayed(ticket.transaction, by: snapshot.state) {
      ticket.resolve(outcome)
    } else if let rejection = takeRejection(of: publication) {
      ticket.resolve(
        .failure(
          TransactionError(
            step: .apply, path: ticket.transaction.operation, cause: .rejected(rejection))))
    }
  }

  private func replayed(_ transaction: Transaction, by state: State) -> Ticket.Outcome? {
    var copy = state
    // A refusal here is not an outcome: the state may have changed since the leader decided.
    guard case .alreadyApplied(let id)? = try? copy.apply(transaction) else { return nil }
    return .success(CommitReceipt(transactionID: id, isReplayed: id != transaction.id))
  }

  private func takeRejection(of publication: Ticket.Publication) -> Rejection? {
    let path = directory.log + "/" + publication.name.replacingPrefix("wal-", by: "rejected-")
    // A record that cannot be read decides nothing; the next turn does.
    guard let file = try? options.system.open(path, O_RDONLY),
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
      let isWithdrawn = ticket.publication.map(withdraw) ?? true
      ticket.resolve(.failure(isWithdrawn ? error : error.withUnknownOutcome))
    }
  }

  /// Whether a leader got as far as the log: whatever failed after that, the next one goes on.
  private func isLogged(_ publication: Ticket.Publication) -> Bool {
    let log = CompletedLog(directory: directory, system: options.system)
    // A log that cannot be read may hold it.
    guard let tail = try? log.tail(after: publication.entry.baseGeneration) else { return true }
    return tail.lines.contains { $0.transaction.id == publication.entry.transaction.id }
  }

  /// Removes an own entry, unless it was or may be committed.
  ///
  /// A leader that is committing it holds its lock; one that got as far as the log has left a line.
  /// The removal is synchronized: an entry that comes back after a power cut would be committed.
  private func withdraw(_ publication: Ticket.Publication) -> Bool {
    let path = directory.log + "/" + publication.name
    do throws(Errno) {
      let file = try options.system.open(path, O_RDWR)
      guard try options.system.lockExclusively(file),
        try options.system.status(at: path).isSameFile(as: try options.system.status(file)),
        !isLogged(publication)
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
