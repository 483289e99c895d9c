import DurableStore
import Files
import Glibc
import SystemPackage

extension Leadership {
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
    if !left.isEmpty { context.report(.recovered("finished \(left.count) pending transactions")) }
  }

  /// Tells a writer in another process that its entry is refused; an entry that nobody waits for is kept
  /// and said, because nobody else will (I8).
  private func refuse(_ entry: Batch<State>.Entry, _ rejection: Rejection) {
    // Also for a writer that does not hold its file, as former versions do.
    record(rejection, of: entry)
    guard !isWaitedFor(entry) else { return clearUp(entry) }
    quarantine.setAside(
      directory.log + "/" + entry.name,
      because: "nobody waits for it, and it is refused: \(rejection.reason)")
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
      try context.synchronize(directory: directory.log)
    } catch {
      context.report(.failed("synchronize \(directory.log): \(error)"))
    }
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
      let temporary = context.temporaryFile()
      let file = try system.open(temporary, O_RDWR | O_CREAT | O_EXCL)
      try system.write(entry.pending.rejection(rejection), to: file, at: 0)
      try system.rename(temporary, to: path)
    } catch {
      // Its writer then answers that the outcome is unknown.
      context.report(.failed("record rejection \(path): \(error)"))
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
      context.report(.failed("remove \(path): \(error)"))
    }
  }

  private func remove(_ name: String) {
    let path = directory.log + "/" + name
    do throws(Errno) {
      try system.unlink(path)
    } catch .noSuchFileOrDirectory {
    } catch {
      // The next leader finds it in the log and removes it.
      context.report(.failed("remove \(path): \(error)"))
    }
  }
}

extension String {
  package func replacingPrefix(_ prefix: String, by replacement: String) -> String {
    hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
  }
}
