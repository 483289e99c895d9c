import DurableStore
import Files
import Glibc
import SystemPackage

extension Leadership {
  /// Applies each entry to the next version in turn; one that the rules refuse is rejected alone.
  mutating func apply(_ batch: inout Batch<State>, to next: inout Version<State>)
    throws(TransactionError)
  {
    if let oldest = batch.entries.map(\.pending.baseGeneration).min() {
      try knowLog(after: oldest)
    }
    var outcomes: [String: Ticket.Outcome] = [:]
    for index in batch.entries.indices {
      let id = batch.entries[index].pending.transaction.id
      // One of this process is there twice when its file was found before its ticket.
      if let outcome = outcomes[id] {
        batch.entries[index].outcome = outcome
      } else {
        decide(&batch.entries[index], on: &next, &batch.changedFiles)
      }
      outcomes[id] = batch.entries[index].outcome
    }
  }

  /// Gives one entry its outcome, and its line when the next version has it.
  private func decide(
    _ entry: inout Batch<State>.Entry, on next: inout Version<State>,
    _ changedFiles: inout Set<String>?
  ) {
    guard !isCompleted(entry.pending) else {
      entry.outcome = .success(CommitReceipt(transactionID: entry.pending.transaction.id))
      return
    }
    let transaction = next.state.settled(entry.pending.transaction)
    do throws(Rejection) {
      let effect = try next.applyForTheFirstTime(transaction)
      if case .alreadyApplied(let id) = effect {
        entry.outcome = .success(
          CommitReceipt(transactionID: id, isReplayed: id != transaction.id))
        return
      }
      if case .inserted(let insertion) = effect {
        changedFiles?.formUnion(insertion.publicFileNames)
      } else {
        changedFiles = nil
      }
      entry.line = completedLine(next.generation, transaction, entry)
      entry.outcome = .success(CommitReceipt(transaction))
    } catch {
      entry.outcome = .failure(
        TransactionError(step: .apply, object: transaction.operation, cause: .rejected(error)))
    }
  }

  /// Makes a batch durable: state, log, replacement.
  mutating func commit(
    _ batch: Batch<State>, from version: Version<State>, to next: inout Version<State>
  ) throws(TransactionError) {
    let lines = batch.entries.compactMap(\.line)
    let staged = try stage(
      &next, makesRoom: lines.contains { State.makesRoom($0.transaction.operation) })
    do throws(TransactionError) {
      try writer.append(lines)
    } catch {
      discard(staged)
      throw error
    }
    recent.add(lines)
    options.measure(.batch(transactionCount: lines.count))
    // The commit point: from here on there is no way but forward.
    do throws(TransactionError) {
      let prefix = lines.map { State.backupPrefix(of: $0.transaction.operation) }
      let former = FormerDataFile.backup(
        prefix: prefix.max() ?? "pre-write", generation: version.generation)
      try replace(with: staged, next, former: former)
    } catch {
      throw error.withUnknownOutcome
    }
  }

  /// Removes the batch's entries and tells each writer its outcome.
  func finish(_ batch: inout Batch<State>) {
    for (index, entry) in batch.entries.enumerated() {
      if let rejection = entry.rejection, entry.ticket == nil {
        refuse(entry, rejection)
      } else if entry.isHandedIn {
        clearUp(entry)
      }
      // Its writer may use the file again.
      batch.entries[index].file = nil
    }
    for name in batch.obsolete { remove(name) }
    if batch.entries.contains(where: { $0.isRejected && $0.isHandedIn }) { synchronizeRemovals() }
    tell(batch)
    let left = batch.entries.filter { $0.ticket == nil && $0.line != nil && isLeft($0.pending) }
    if !left.isEmpty { report(.recovered("finished \(left.count) pending transactions")) }
  }

  /// Tells a writer in another process that its entry is refused; an entry that nobody waits for is kept
  /// and said, because nobody else will (I8).
  private func refuse(_ entry: Batch<State>.Entry, _ rejection: Rejection) {
    // Also for a writer that does not hold its file, as former versions do.
    record(rejection, of: entry)
    guard !isWaitedFor(entry) else { return clearUp(entry) }
    quarantine(
      directory.log + "/" + entry.name,
      reason: "nobody waits for it, and it is refused: \(rejection.reason)")
  }

  /// Whether the process that wrote an entry lives: it holds the entry's file.
  private func isWaitedFor(_ entry: Batch<State>.Entry) -> Bool {
    guard let file = entry.file, let isHeld = try? system.isHeld(file) else {
      // Where that cannot be told, its age says it.
      return !isLeft(entry.pending)
    }
    return isHeld
  }

  /// Tells each writer of this process its outcome.
  private func tell(_ batch: Batch<State>) {
    for entry in batch.entries {
      if let outcome = entry.outcome { entry.ticket?.resolve(outcome) }
    }
  }

  /// Makes removals durable: a refused entry that comes back after a power cut might be accepted.
  private func synchronizeRemovals() {
    do throws(Errno) {
      try system.synchronize(try system.open(directory.log, O_RDONLY | O_DIRECTORY))
    } catch {
      report(.failed("synchronize \(directory.log): \(error)"))
    }
  }

  /// Whether a transaction is in the log already (I3).
  private func isCompleted(_ pending: PendingEntry) -> Bool {
    recent[pending.transaction.id] != nil
  }

  /// Sees to it that the transactions after a generation are known.
  private mutating func knowLog(after generation: Int) throws(TransactionError) {
    guard generation < recent.floor || recent.end != writer.lastSequence else { return }
    let tail = try log.tail(after: generation)
    recent.reset(after: generation)
    recent.add(tail.lines.filter { $0.sequence <= writer.lastSequence })
  }

  private func completedLine(
    _ sequence: Int, _ transaction: Transaction, _ entry: Batch<State>.Entry
  ) -> CompletedLine {
    let isLeft = entry.ticket == nil && isLeft(entry.pending)
    return CompletedLine(
      sequence: sequence, transaction, status: isLeft ? .recovered : .completed,
      completedAt: surroundings.nowMilliseconds())
  }

  /// Whether nobody can be waiting for an entry any more.
  func isLeft(_ pending: PendingEntry) -> Bool {
    let age = surroundings.nowMilliseconds() - pending.transaction.timestampMilliseconds
    return isRecovering || age > Int(StoreLimits.lock.components.seconds) * 1000
  }

  /// Leaves a record for a writer in another process, which removes it.
  private func record(_ rejection: Rejection, of entry: Batch<State>.Entry) {
    let path = directory.log + "/" + entry.name.replacingPrefix("wal-", by: "rejected-")
    do throws(Errno) {
      let temporary = directory.temporaryFile(surroundings)
      let file = try system.open(temporary, O_RDWR | O_CREAT | O_EXCL)
      try system.write(entry.pending.rejection(rejection), to: file, at: 0)
      try system.rename(temporary, to: path)
    } catch {
      // Its writer then answers that the outcome is unknown.
      report(.failed("record rejection \(path): \(error)"))
    }
  }

  /// Takes an entry's name away.
  ///
  /// The file of one that is committed is left to its writer, if there may be one, which knows by
  /// that. A refused one's never: it might come back after a power cut, under another name.
  private func clearUp(_ entry: Batch<State>.Entry) {
    guard entry.isCommitted, !isLeft(entry.pending) else { return remove(entry.name) }
    let path = directory.log + "/" + entry.name
    do throws(Errno) {
      try system.rename(path, to: EntryFiles.freePath(directory, entry.name))
    } catch .noSuchFileOrDirectory {
    } catch {
      // The next leader finds it in the log and removes it.
      report(.failed("remove \(path): \(error)"))
    }
  }

  private func remove(_ name: String) {
    let path = directory.log + "/" + name
    do throws(Errno) {
      try system.unlink(path)
    } catch .noSuchFileOrDirectory {
    } catch {
      // The next leader finds it in the log and removes it.
      report(.failed("remove \(path): \(error)"))
    }
  }
}

extension String {
  package func replacingPrefix(_ prefix: String, by replacement: String) -> String {
    hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
  }
}
