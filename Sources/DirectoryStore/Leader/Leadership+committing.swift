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
      // An entry of this process is here twice if its file was collected before its ticket.
      if let outcome = outcomes[id] {
        batch.entries[index].outcome = outcome
      } else {
        decide(&batch.entries[index], on: &next, &batch.changedFiles)
      }
      outcomes[id] = batch.entries[index].outcome
    }
  }

  /// Decides one entry's outcome, and makes its log line if the next version includes it.
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
      entry.line = completedLine(next.generation, of: transaction, for: entry)
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
      &next, freesSpace: lines.contains { State.freesSpace($0.transaction.operation) })
    do throws(TransactionError) {
      try writer.append(lines)
    } catch {
      discard(staged)
      throw error
    }
    recent.add(lines)
    context.options.measure(.batch(transactionCount: lines.count))
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
    _ sequence: Int, of transaction: Transaction, for entry: Batch<State>.Entry
  ) -> CompletedLine {
    let isLeft = entry.ticket == nil && isLeft(entry.pending)
    return CompletedLine(
      sequence: sequence, transaction, status: isLeft ? .recovered : .completed,
      completedAt: surroundings.nowMilliseconds())
  }
}
