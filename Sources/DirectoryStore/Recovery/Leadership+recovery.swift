import DurableStore
import Files
import Glibc
import JSON
import SystemPackage

extension Leadership {
  /// Returns the current version, after finishing whatever a dead leader left (I4, I9, I10).
  mutating func currentVersion(_ listing: LogListing) throws(TransactionError) -> Version<State> {
    if !needsNewInode, writer.isCurrent(listing.segments.last), let entry = reader.unchanged(),
      entry.version.generation == writer.lastSequence
    {
      return entry.version
    }
    if lock.isNewBoot() { backups.setAsideTorn() }
    let version = try examine(listing)
    if lock.isNewBoot() { publicFiles.writeAll(of: version) }
    lock.noteBoot()
    return version
  }

  /// Reads the data file and the end of the log, and repairs what does not fit.
  private mutating func examine(_ listed: LogListing) throws(TransactionError) -> Version<State> {
    var listing = listed
    listing.segments.removeAll { setAsideForeign($0) }
    writer = LogWriter(directory, context.options)
    backups.forget()
    wake.forgetPublicGeneration()
    let tail = try tailAfterCache(listing)
    switch try readDataFile(tail) {
    case .found(.intact(let version), let status):
      return try adopt(version, status, listing: listing, tail: tail)
    case .found(.edited(let version, let generation), let status):
      if let damage = try damage(at: generation, status, listing) {
        return try rebuild(listing, former: .quarantine(reason: damage))
      }
      return try acceptEdit(version, generation: generation, listing: listing)
    case .found(.damaged(let reason), _):
      return try rebuild(listing, former: .quarantine(reason: reason))
    case .found(.newerFormat, _):
      throw TransactionError(
        step: .recover, object: directory.dataFile,
        cause: .unrecoverable("written by a later version of the program; install that version"))
    case .missing:
      return try rebuild(listing, former: .quarantine(reason: "missing"))
    }
  }

  /// Sets aside a segment that is not a file of the store's: it holds no lines, and none can be appended.
  private func setAsideForeign(_ segment: CompletedLog.Segment) -> Bool {
    let path = directory.log + "/" + segment.name
    // A segment without a status is not set aside either; reading it tells why.
    guard let status = try? system.status(at: path),
      !status.isRegular || status.size > SystemCalls.maxFileBytes
    else { return false }
    return quarantine.setAside(path, because: "not a file of the store's")
  }

  /// Reads the log after the cached version or the last known line, whichever comes first.
  private mutating func tailAfterCache(
    _ listing: LogListing
  ) throws(TransactionError) -> CompletedLog.Tail? {
    guard let cached = cache.current?.version.generation else { return nil }
    // A long part that is not known is not read here, but later if an entry may be in it.
    if cached - recent.end > StoreLimits.farBehind { recent.reset(after: cached) }
    let known = min(recent.end, cached)
    // The file's time says how many lines to expect; only how far back is read first depends on it.
    let status = try? system.status(at: directory.dataFile)
    let count = min(status.map { GenerationStamp(of: $0).lead(over: known) } ?? 0, 10_000)
    return try log.tail(after: known, of: listing.segments, expecting: count)
  }

  /// Reads the data file; it counts as damaged if the device cannot read it.
  private func readDataFile(
    _ tail: CompletedLog.Tail?
  ) throws(TransactionError) -> VersionReader<State>.Found {
    for _ in 1..<StoreLimits.attempts {
      if let found = try? reader.readDataFile(tail) { return found }
      // A child process that is being started briefly holds all descriptors of this process, with its leases.
      usleep(1000)
    }
    do throws(TransactionError) {
      return try reader.readDataFile(tail)
    } catch {
      guard error.cause == .system(.ioError) else { throw error }
      let status = try attempting(.read, on: directory.dataFile) { () throws(Errno) in
        try system.status(at: directory.dataFile)
      }
      return .found(.damaged("\(error)"), status)
    }
  }

  /// Adopts an intact version, with the lines that a dead leader left beyond it.
  private mutating func adopt(
    _ version: Version<State>, _ status: FileStatus, listing: LogListing,
    tail known: CompletedLog.Tail?
  ) throws(TransactionError) -> Version<State> {
    var tail: CompletedLog.Tail
    // The known part of the log may begin after this version, if somebody has put an older file there.
    if let known, version.generation >= min(recent.end, cache.current?.version.generation ?? .max) {
      tail = known
    } else {
      tail = try log.tail(after: version.generation, of: listing.segments)
    }
    // This includes lines that others wrote since this process led, so that their transactions are known.
    recent.add(tail.lines.filter { $0.sequence <= version.generation })
    if recent.end != version.generation { recent.reset(after: version.generation) }
    tail.lines.removeAll { $0.sequence <= version.generation }
    reportDamage(in: tail)
    guard tail.lines.isEmpty else { return try rollForward(version, tail) }
    try position(at: tail, version)
    cache.replace(version, status)
    // Without a layout it could be neither patched nor compared.
    return needsNewInode || version.image == nil ? try rewrite(version) : version
  }

  /// Positions the writer after the lines that lead to a version.
  mutating func position(
    at tail: CompletedLog.Tail, _ version: Version<State>
  ) throws(TransactionError) {
    guard tail.lastSequence < version.generation else {
      return try positionWriter(at: tail, generation: version.generation)
    }
    try positionWriter(at: tail, generation: tail.lastSequence)
    try completeLog(version, after: tail.lastSequence)
  }

  mutating func positionWriter(
    at tail: CompletedLog.Tail, generation: Int
  ) throws(TransactionError) {
    keepDamagedEnd(of: tail)
    try writer.position(at: tail, generation: generation)
  }

  /// Keeps damaged lines before they are cut off from the end of the log (I8).
  ///
  /// A part of a line is no evidence: a process that dies while it writes leaves one.
  private func keepDamagedEnd(of tail: CompletedLog.Tail) {
    guard let segment = tail.segment, tail.segmentBytes > tail.validBytes else { return }
    do throws(Errno) {
      let file = try system.openToRead(directory.log + "/" + segment.name)
      let bytes = try system.read(
        file, at: tail.validBytes, count: tail.segmentBytes - tail.validBytes)
      guard bytes.contains(0x0A) else { return }
      try quarantine.keep(
        bytes, of: "end-of-" + segment.name,
        because: "damaged lines at the end of the completed log")
    } catch {
      context.report(.failed("set aside the end of \(segment.name): \(error)"))
    }
  }

  /// Appends a line that carries a whole state for which the log has no lines.
  ///
  /// Either the log was damaged or removed, or a power cut left the data file's name on an inode that was
  /// being reused, for a batch that never reached the log. Such a batch was not acknowledged, but its state
  /// is there, and with this line the log leads to it (I5).
  private mutating func completeLog(
    _ version: Version<State>, after sequence: Int
  ) throws(TransactionError) {
    let line = replacementLine(of: version, "recovery-")
    try writer.append([line])
    recent.reset(after: version.generation)
    context.report(
      .recovered("the completed log ended at \(sequence), data.json is at \(version.generation)"))
  }

  /// Applies lines that may not be durable yet, makes them durable, and replaces the data file.
  private mutating func rollForward(
    _ version: Version<State>, _ tail: CompletedLog.Tail
  ) throws(TransactionError) -> Version<State> {
    var next = version
    try takeOver(tail, by: &next)
    next = try replaceDataFile(
      with: next, former: .backup(prefix: "pre-write", generation: version.generation))
    publicFiles.follow(next, since: version.generation, changed: nil)
    context.report(.recovered("replayed \(tail.lines.count) completed transactions"))
    return next
  }

  /// Applies the last lines of the log to a version, and makes them durable, in case they are not.
  mutating func takeOver(
    _ known: CompletedLog.Tail, by version: inout Version<State>
  ) throws(TransactionError) {
    var (next, tail) = (version, known)
    tail.lines = replay(known.lines, on: &next)
    try writer.carryOver(tail, surroundings)
    recent.add(tail.lines)
    version = next
  }

  /// Applies lines to a version, and closes the gaps between them (I4).
  ///
  /// A torn write may have lost its first lines but not its last. A whole line counts: a line is inserted
  /// before it that carries the state it is applied to, whatever was lost.
  private func replay(
    _ lines: [CompletedLine], on version: inout Version<State>
  ) -> [CompletedLine] {
    var closed: [CompletedLine] = []
    for line in lines {
      if line.sequence > version.generation + 1 {
        context.report(
          .failed("lines \(version.generation + 1) to \(line.sequence - 1) of the log are lost"))
        version.generation = line.sequence - 1
        closed.append(replacementLine(of: version, "recovery-"))
      }
      version.replay(CollectionOfOne(line), context.report)
      closed.append(line)
    }
    return closed
  }

  /// Writes the same version into a new inode.
  private mutating func rewrite(_ version: Version<State>) throws(TransactionError) -> Version<
    State
  > {
    try replaceDataFile(
      with: version,
      former: needsNewInode
        ? .quarantine(reason: "its synchronization failed")
        : .backup(prefix: "pre-write", generation: version.generation))
  }
}
