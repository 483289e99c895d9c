import DurableStore
import Files
import Glibc
import SystemPackage

/// What a process does while another one leads: it hands in its transactions and learns their outcomes.
extension DirectoryStore {
  /// The error of a transaction that no leader took in time.
  var contention: TransactionError {
    TransactionError(step: .lock, object: directory.lockFile, cause: .contention)
  }

  /// Hands in the tickets that are not handed in yet, and settles those that others have dealt with.
  func follow(
    _ tickets: inout [Ticket], since asked: ContinuousClock.Instant
  ) throws(TransactionError) {
    queue.isFollowing = true
    for ticket in tickets where ticket.file == nil { try handIn(ticket) }
    try settle(tickets)
    if tickets.allSatisfy({ $0.outcome != nil }) { options.measure(.lockWait(.now - asked)) }
  }

  /// Writes an entry as pending; from then on any process can finish it.
  func handIn(_ ticket: Ticket) throws(TransactionError) {
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

  /// Decides outcomes without the lock: an entry that is gone was dealt with (I3).
  ///
  /// The file of a committed entry has the name under which a leader leaves it to its writer. The outcomes of
  /// the others are in the log. It is read now and then in any case, so that later entries can record a
  /// recent generation after which their lines come.
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

  /// Returns whether a path exists; `nil` if that is not known.
  private func exists(_ path: String) -> Bool? {
    do throws(Errno) {
      _ = try options.system.status(at: path)
      return true
    } catch {
      return error == .noSuchFileOrDirectory ? false : nil
    }
  }

  /// Decides an outcome that is not in the log: a replay or a rejection.
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
    // An unreadable record decides nothing; the next turn tries again.
    guard let file = try? options.system.openToRead(path),
      let status = try? options.system.status(file),
      let text = try? options.system.read(file, count: status.size),
      let rejection = PendingEntry.rejection(parsing: text)
    else { return nil }
    // If this fails, the record is removed with the leftovers.
    _ = try? options.system.unlink(path)
    return rejection
  }

  /// Withdraws the tickets that have no outcome, and resolves each with what is known.
  func abort(_ tickets: [Ticket], because error: TransactionError) {
    for ticket in tickets where ticket.outcome == nil {
      ticket.resolve(.failure(withdraw(ticket) ? error : error.withUnknownOutcome))
    }
  }

  /// Returns whether a leader reached the log with it: whatever failed after that, the next leader goes on.
  private func isLogged(_ ticket: Ticket) -> Bool {
    let log = CompletedLog(directory: directory, system: options.system)
    // A log that cannot be read may hold it.
    guard let tail = try? log.tail(after: ticket.entry.baseGeneration) else { return true }
    return tail.lines.contains { $0.transaction.id == ticket.transaction.id }
  }

  /// Withdraws a transaction, unless it was or may be committed.
  ///
  /// A leader that is committing the entry holds its lock; one that reached the log has left a line.
  /// The removal is synchronized: an entry that reappeared after a power cut would be committed.
  func withdraw(_ ticket: Ticket) -> Bool {
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
      // After any failure the entry may still be committed, and `false` says so.
      return false
    }
  }
}
