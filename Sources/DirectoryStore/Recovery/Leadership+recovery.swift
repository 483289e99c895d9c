import DurableStore
import Files
import Glibc
import JSON
import SystemPackage

extension Leadership {
  /// The current version, after finishing whatever a dead leader left (I4, I9, I10).
  mutating func currentVersion(_ listing: Listing) throws(TransactionError) -> Version<State> {
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
  private mutating func examine(_ listed: Listing) throws(TransactionError) -> Version<State> {
    var listing = listed
    listing.segments.removeAll { setAsideForeign($0) }
    writer = LogWriter(directory, context.options)
    backups.forget()
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

  /// Sets a segment aside that is no file: it holds no lines, and none can be written to it.
  private func setAsideForeign(_ segment: CompletedLog.Segment) -> Bool {
    let path = directory.log + "/" + segment.name
    // One that cannot be looked at is not set aside either; reading it tells why.
    guard let status = try? system.status(at: path),
      !status.isRegular || status.size > SystemCalls.maxFileBytes
    else { return false }
    return quarantine.setAside(path, because: "not a file of the store's")
  }

  /// What the log has after the cached version and after what is known of the log.
  private mutating func tailAfterCache(
    _ listing: Listing
  ) throws(TransactionError) -> CompletedLog.Tail? {
    guard let cached = cache.current?.version.generation else { return nil }
    // Much that is not known need not be read: those entries are looked up that may be in it.
    if cached - recent.end > StoreLimits.farBehind { recent.reset(after: cached) }
    let known = min(recent.end, cached)
    // The file's time tells how many lines there are: only how far back is read depends on it.
    let status = try? system.status(at: directory.dataFile)
    let count = min(status.map { GenerationStamp(of: $0).lead(over: known) } ?? 0, 10_000)
    return try log.tail(after: known, of: listing.segments, expecting: count)
  }

  /// Reads the data file; one whose bytes the device does not give back is damaged.
  private func readDataFile(
    _ tail: CompletedLog.Tail?
  ) throws(TransactionError) -> VersionReader<State>.Found {
    for _ in 1..<StoreLimits.attempts {
      if let found = try? reader.readDataFile(tail) { return found }
      // A program that is being started has every descriptor of this process, with its leases, for a moment.
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

  /// Takes an intact version over, with the lines that a dead leader left beyond it.
  private mutating func adopt(
    _ version: Version<State>, _ status: FileStatus, listing: Listing,
    tail known: CompletedLog.Tail?
  ) throws(TransactionError) -> Version<State> {
    var tail: CompletedLog.Tail
    // What is known of the log may begin after this version: somebody has put an older file there.
    if let known, version.generation >= min(recent.end, cache.current?.version.generation ?? .max) {
      tail = known
    } else {
      tail = try log.tail(after: version.generation, of: listing.segments)
    }
    // Also the lines that others wrote since this process led: their transactions are known then.
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

  /// Takes the writer's place behind the lines that lead to a version.
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
  /// A part of a line is what a process leaves that dies while it writes, and no evidence.
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

  /// Writes a line that carries a whole state the log has no lines for.
  ///
  /// The log was damaged or removed; or a power cut has left the name of the data file with an inode
  /// that was being used again, for a batch that never got as far as the log. Nobody was told of
  /// such a batch, but it is there, and with this line the log adds up to it (I5).
  private mutating func completeLog(
    _ version: Version<State>, after sequence: Int
  ) throws(TransactionError) {
    let line = replacementLine(of: version, "recovery-")
    try writer.append([line])
    recent.reset(after: version.generation)
    context.report(
      .recovered("the completed log ended at \(sequence), data.json is at \(version.generation)"))
  }

  /// Makes lines durable that may not be, applies them and replaces the data file.
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

  /// Applies the lines of the log's end to a version, and makes them durable, which they may not be.
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
  /// A torn write may have lost the first of its lines and not the last. What is whole counts; the
  /// line before it then carries the state that it is applied to, whatever was lost.
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
