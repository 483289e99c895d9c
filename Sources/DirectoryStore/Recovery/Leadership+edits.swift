import DurableStore
import Files
import Glibc
import JSON
import SystemPackage

extension Leadership {
  /// Returns why a valid file that is not as the store wrote it counts as damaged; `nil` for an edit.
  ///
  /// It counts as damaged only if the state it should hold can be proven, and in three cases: a power cut may
  /// have torn it; only a few of its bytes have changed; or it is not the store's own file at all, although
  /// the store has committed something.
  mutating func damage(
    at generation: Int?, _ status: FileStatus, _ listing: LogListing
  ) throws(TransactionError) -> String? {
    // The first line may be of the inode's former use, and claim an older generation than the rest has: whatever
    // was removed in between would come back.
    if let generation, !isSynchronizedOrRecent(status),
      let latest = try provenVersion(upTo: .max, listing), latest.generation >= generation
    {
      return "torn by a power cut"
    }
    guard let proven = try provenVersion(upTo: generation ?? .max, listing) else { return nil }
    guard generation != nil else {
      return proven.generation > 0 ? "without meta; take it over with contestctl restore" : nil
    }
    return try isNearly(proven) ? "some bytes are not as they were written" : nil
  }

  /// Returns the state at a generation, or the latest one before it, from backup and log.
  private mutating func provenVersion(
    upTo generation: Int, _ listing: LogListing
  ) throws(TransactionError) -> Version<State>? {
    let backup = try backups.newestVersion()
    let tail = try log.tail(after: backup?.generation ?? 0, of: listing.segments)
    guard var version = backup ?? (tail.lines.first?.sequence == 1 ? .initial : nil),
      version.generation <= generation
    else { return nil }
    version.replay(tail.lines.filter { $0.sequence <= generation }, context.report)
    return version
  }

  /// Returns whether no power cut can have torn a file: it was synchronized, or written since the last boot.
  private func isSynchronizedOrRecent(_ status: FileStatus) -> Bool {
    if lock.isSameBoot() { return true }
    let checkpoint = try? system.status(at: directory.checkpoint)
    return checkpoint?.isSameFile(as: status) == true
  }

  /// Returns whether the data file holds a version except for a few bytes, as a failing device leaves it.
  ///
  /// The first line and the spaces in front of a line do not count: they depend on the layout, not on the
  /// state.
  private func isNearly(_ version: Version<State>) throws(TransactionError) -> Bool {
    let read = try attempting(.read, on: directory.dataFile) { () throws(Errno) in
      let file = try system.openToRead(directory.dataFile)
      return try system.read(file, count: system.status(file).size)
    }
    var members: [UInt8] = []
    version.state.appendMembers(to: &members) { _ in 0 }
    let expected = members.split(separator: 0x0A) + [[UInt8(ascii: "}")]]
    let found = read.split(separator: 0x0A).dropFirst().map { $0.drop { $0 == 0x20 } }
      .filter { !$0.isEmpty }
    guard found.count == expected.count else { return false }
    var differences = 0
    for (one, other) in zip(found, expected) {
      guard one.count == other.count else { return false }
      differences += zip(one, other).count { $0 != $1 }
    }
    return differences <= 16
  }

  /// Takes over a data file that somebody changed, as a transaction that replaces the whole state.
  mutating func acceptEdit(
    _ edited: Version<State>, generation: Int?, listing: LogListing
  ) throws(TransactionError) -> Version<State> {
    let tail = try log.tail(after: generation ?? Int.max - 1, of: listing.segments)
    let backup = try backups.newestVersion()?.generation ?? 0
    // A generation far beyond backup and log was not set by the store.
    let proven = max(tail.lastSequence, backup)
    let claimed = generation ?? 0
    let last = claimed - proven < StoreLimits.plausibleLead ? max(proven, claimed) : proven
    var next = edited
    // An earlier acceptance that was interrupted must not overwrite what is there now.
    next.replay(tail.lines.filter { !$0.transaction.isAcceptance }, context.report)
    next.generation = last + 1
    let line = replacementLine(of: next, generation == nil ? "import-" : "external-edit-")
    next.image = nil
    guard next.canBeReadBack(after: line.transaction) else {
      // The file stays where it is until something else can take its place.
      return try rebuild(listing, former: .quarantine(reason: "it could not be read back as it is"))
    }
    let staged = try stage(&next)
    do throws(TransactionError) {
      if tail.lines.isEmpty {
        try positionWriter(at: tail, generation: last)
      } else {
        try writer.carryOver(tail, surroundings)
      }
      try writer.append([line])
    } catch {
      discard(staged)
      throw error
    }
    recent.reset(after: last)
    recent.add([line])
    try replace(
      with: staged, next, former: .backup(prefix: "pre-write", generation: generation ?? 0))
    publicFiles.follow(next, since: -1, changed: nil)
    context.report(.acceptedEdit(generation: next.generation))
    return next
  }

  /// Makes a line that replaces the whole state with a version.
  func replacementLine(of version: Version<State>, _ operation: String) -> CompletedLine {
    let now = surroundings.nowMilliseconds()
    let contents = try? JSONValue(parsing: FileImage.layingOut(version).text)
    let transaction = Transaction(
      id: "txn-" + surroundings.identifier(),
      operation: operation + surroundings.identifier(), timestampMilliseconds: now,
      data: JSONObject([.init(name: "contents", value: contents ?? .null)]))
    return CompletedLine(
      sequence: version.generation, transaction, status: .completed, completedAt: now)
  }
}
