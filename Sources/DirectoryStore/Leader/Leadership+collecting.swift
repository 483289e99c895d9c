import CFiles
import DurableStore
import Files
import Glibc
import SystemPackage

extension Leadership {
  /// Collects the pending entries: this process's own from memory, the others' from their files.
  func collect(_ tickets: [Ticket], _ listing: LogListing) -> Batch<State> {
    var batch = Batch<State>()
    var own: [String: Ticket] = [:]
    for ticket in tickets where ticket.outcome == nil { own[ticket.name] = ticket }
    // An own entry that is not listed was never handed in; or it was completed, which the log tells; or
    // somebody removed it.
    let unlisted = Set(own.keys).subtracting(listing.pending)
    for name in unlisted.isEmpty ? listing.pending : (listing.pending + unlisted).sorted() {
      if let ticket = own[name] {
        batch.entries.append(
          Batch.Entry(
            name: name, pending: ticket.entry, ticket: ticket, file: nil,
            mark: nil))
      } else {
        collectForeign(name, &batch, logStart: listing.segments.first?.firstSequence ?? 1)
      }
    }
    return batch
  }

  /// Returns whether more entries are likely to come: the last batch was larger.
  func isExpectingMore(_ count: Int) -> Bool { count < lastBatchCount }

  /// Waits a moment for the other writers of the last batch, and collects what they have handed in.
  func gather(_ batch: inout Batch<State>, _ more: () -> [Ticket]) throws(TransactionError) {
    contest_pause(StoreLimits.gathering.nanoseconds)
    let known = Set(batch.entries.map(\.name) + batch.obsolete)
    let tickets = more()
    var listing = try list()
    listing.pending.removeAll(where: known.contains)
    let added = collect(tickets, listing)
    batch.entries += added.entries
    batch.obsolete += added.obsolete
    batch.inodes.formUnion(added.inodes)
  }

  /// What the file of another process's entry turns out to be.
  private enum ForeignEntry {
    /// Somebody holds its lock: its writer is withdrawing it; or it is the second name, as a power cut may
    /// leave one, of a file that is already in the batch.
    case held
    /// Its name was removed meanwhile.
    case gone
    /// It is empty, as a power cut may leave an entry: it was neither synchronized nor acknowledged.
    case empty
    /// It cannot be committed, for this reason, and is kept as evidence.
    case unusable(String)
    case pending(PendingEntry, OpenFile, AttemptMark)
  }

  private func collectForeign(_ name: String, _ batch: inout Batch<State>, logStart: Int) {
    let path = directory.log + "/" + name
    do throws(Errno) {
      let file = try system.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
      let isLocked = try system.lockExclusively(file)
      let status = try system.status(file)
      let entry = try isLocked ? classify(file, status, logStart: logStart) : .held
      switch entry {
      case .held: if batch.inodes.contains(status.inode) { batch.obsolete.append(name) }
      case .gone: break
      case .empty: batch.obsolete.append(name)
      case .unusable(let reason): quarantine.setAside(path, because: reason)
      case .pending(let pending, let file, let mark):
        batch.inodes.insert(status.inode)
        try mark.put(on: file, system)
        batch.entries.append(
          Batch.Entry(name: name, pending: pending, ticket: nil, file: file, mark: mark))
      }
    } catch .noSuchFileOrDirectory {
    } catch
      where [Errno.isDirectory, .tooManySymbolicLinkLevels, .noSuchAddressOrDevice].contains(error)
    {
      quarantine.setAside(path, because: "not a regular file")
    } catch {
      // One unreadable entry must not hold up the others; the next leader tries it again.
      context.report(.failed("read \(path): \(error)"))
    }
  }

  /// Classifies a file that this process has locked, without changing it.
  private func classify(
    _ file: OpenFile, _ status: FileStatus, logStart: Int
  ) throws(Errno) -> ForeignEntry {
    guard status.linkCount > 0 else { return .gone }
    guard status.size <= SystemCalls.maxFileBytes else {
      return .unusable("\(status.size) bytes long")
    }
    let text = try system.read(file, count: status.size)
    if text.allSatisfy({ [0, 0x0A, 0x20].contains($0) }) { return .empty }
    guard let pending = PendingEntry(parsing: text) else { return .unusable("unreadable entry") }
    // The log no longer tells whether it was committed (I3).
    guard pending.baseGeneration >= logStart - 1 else {
      return .unusable("older than the completed log")
    }
    let attempts = AttemptMark.count(in: text)
    guard attempts < AttemptMark.maxCount else {
      return .unusable("it ended \(attempts) leaders")
    }
    return .pending(pending, file, AttemptMark(nextIn: text))
  }
}
