import CFiles
import DurableStore
import Files
import Glibc
import SystemPackage

extension Leadership {
  /// Collects what is pending: this process's own from memory, the others' from their files.
  func collect(_ tickets: [Ticket], _ listing: Listing) -> Batch<State> {
    var batch = Batch<State>()
    var own: [String: Ticket] = [:]
    for ticket in tickets where ticket.outcome == nil { own[ticket.name] = ticket }
    // An own entry without a file was never handed in; or it was completed, which the log tells, or
    // removed by somebody.
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

  /// Whether others are known to be coming: the last batch was larger.
  func isExpectingMore(_ count: Int) -> Bool { count < lastBatchCount }

  /// Waits a moment for those who were in the last batch, and takes what has come.
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
    /// Its writer is about to withdraw it, or has; or it is the second name of a file that is in the
    /// batch already, as a power cut may leave one.
    case held
    /// Its name was taken away meanwhile.
    case gone
    /// After a power cut an entry may be empty: it was not synchronized, nobody was told of it.
    case empty
    /// It is evidence of something, for this reason.
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
      // One entry that cannot be read must not hold up the others; it is looked at again.
      context.report(.failed("read \(path): \(error)"))
    }
  }

  /// Looks into a file that this process has locked; nothing is changed.
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
    // Nobody can tell any more whether it was committed (I3).
    guard pending.baseGeneration >= logStart - 1 else {
      return .unusable("older than the completed log")
    }
    let attempts = AttemptMark.count(in: text)
    guard attempts < AttemptMark.maxCount else {
      return .unusable("it ended \(attempts + 1) leaders")
    }
    return .pending(pending, file, AttemptMark(nextIn: text))
  }
}
