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
      // Closing the file releases its lock: its writer may reuse it.
      batch.entries[index].file = nil
    }
    for name in batch.obsolete { remove(name) }
    if batch.entries.contains(where: { $0.isRejected && $0.isHandedIn }) { synchronizeRemovals() }
    tell(batch)
    let left = batch.entries.filter { $0.ticket == nil && $0.line != nil && isLeft($0.pending) }
    if !left.isEmpty { context.report(.recovered("finished \(left.count) pending transactions")) }
  }

  /// Tells a writer in another process that its entry is refused; if nobody waits for the entry, moves it to
  /// quarantine and reports it (I8).
  private func refuse(_ entry: Batch<State>.Entry, _ rejection: Rejection) {
    // Also for a writer that does not hold its file, as in former versions of the program.
    record(rejection, of: entry)
    guard !isWaitedFor(entry) else { return clearUp(entry) }
    quarantine.setAside(
      directory.log + "/" + entry.name,
      because: "it is refused, and no writer waits for it: \(rejection.reason)")
  }

  /// Returns whether the process that wrote an entry is alive: it then holds the entry's file.
  private func isWaitedFor(_ entry: Batch<State>.Entry) -> Bool {
    guard let file = entry.file, let isHeld = try? system.isHeld(file) else {
      // If that is unknown, the entry's age decides.
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

  /// Returns whether it is certain that no writer still waits for an entry.
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
      // Its writer then reports an unknown outcome.
      context.report(.failed("record rejection \(path): \(error)"))
    }
  }

  /// Removes an entry's name.
  ///
  /// The file of a committed entry is renamed for its writer to reuse, if there may still be one; the new
  /// name tells the writer of the commit. The file of a refused entry is always removed: under another name
  /// it might come back after a power cut.
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
