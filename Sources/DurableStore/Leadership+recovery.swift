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
    if lock.isNewBoot() { setAsideTornBackups() }
    let version = try examine(listing)
    if lock.isNewBoot() { publishAnew(version) }
    lock.noteBoot()
    return version
  }

  /// Sets aside the backups that a power cut has torn: they were never synchronized, and an inode
  /// that is to be used again must hold what its name says.
  private mutating func setAsideTornBackups() {
    backups.forget()
    // A directory that cannot be listed now is looked at when a backup is needed.
    for file in (try? backups.automatic()) ?? [] {
      let path = directory.backups + "/" + file.name
      switch reader.reading(at: path) {
      case .intact(let version)?:
        // Its name was left with an inode that was being used again.
        let isItself =
          UInt32(truncatingIfNeeded: version.generation) == Backups.digits(of: file.name)
        if !isItself { quarantine(path, reason: "a power cut has left it with another state") }
      case .edited?, .damaged?: quarantine(path, reason: "torn by a power cut")
      case .newerFormat?, nil: continue
      }
    }
    backups.forget()
  }

  /// Reads the data file and the end of the log, and repairs what does not fit.
  private mutating func examine(_ listed: Listing) throws(TransactionError) -> Version<State> {
    var listing = listed
    listing.segments.removeAll { setAsideForeign($0) }
    writer = LogWriter(directory, options)
    backups.forget()
    if options.mutates(.restoreBackup), !listing.pending.isEmpty {
      return try rebuild(listing, former: .quarantine(reason: "restored"))
    }
    let tail = try tailAfterCache(listing)
    switch try readDataFile(tail) {
    case .found(.intact(let version), let status):
      return try adopt(version, status, listing, tail)
    case .found(.edited(let version, let generation), let status):
      if let damage = try damage(at: generation, status, listing) {
        return try rebuild(listing, former: .quarantine(reason: damage))
      }
      return try acceptEdit(version, generation, listing)
    case .found(.damaged(let reason), _):
      return try rebuild(listing, former: .quarantine(reason: reason))
    case .found(.newerFormat, _):
      throw TransactionError(
        step: .recover, path: directory.dataFile,
        cause: .unrecoverable("written by a later version of the program; install that version"))
    case .missing:
      return try rebuild(listing, former: .quarantine(reason: "missing"))
    }
  }

  /// Sets a segment aside that is no file: it holds no lines, and none can be written to it.
  private func setAsideForeign(_ segment: CompletedLog.Segment) -> Bool {
    let path = directory.log + "/" + segment.name
    // One that cannot be looked at is not set aside either; reading it tells why.
    guard let status = try? system.status(at: path), !status.isRegular else { return false }
    return quarantine(path, reason: "not a regular file")
  }

  /// What the log has after the cached version and after what is known of the log.
  private func tailAfterCache(_ listing: Listing) throws(TransactionError) -> CompletedLog.Tail? {
    guard let cached = cache.current?.version.generation, recent.end > 0 else { return nil }
    let known = min(recent.end, cached)
    // The file's time tells how many lines there are: only how far back is read depends on it.
    let published = try? system.status(at: directory.dataFile).modifiedNanoseconds
    let count = min(max(0, (published ?? 0) - known), 10_000)
    return try log.tail(after: known, of: listing.segments, expecting: count)
  }

  /// Reads the data file; one whose bytes the device does not give back is damaged.
  private func readDataFile(
    _ tail: CompletedLog.Tail?
  ) throws(TransactionError) -> VersionReader<State>.Found {
    for _ in 1..<StoreLimits.attempts {
      if let found = try? reader.readDataFile(tail) { return found }
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
    _ version: Version<State>, _ status: FileStatus, _ listing: Listing,
    _ known: CompletedLog.Tail?
  ) throws(TransactionError) -> Version<State> {
    var tail: CompletedLog.Tail
    if let known {
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
    return needsNewInode ? try rewrite(version) : version
  }

  /// Takes the writer's place behind the lines that lead to a version.
  private mutating func position(
    at tail: CompletedLog.Tail, _ version: Version<State>
  ) throws(TransactionError) {
    guard tail.lastSequence < version.generation else {
      return try positionWriter(at: tail, generation: version.generation)
    }
    try positionWriter(at: tail, generation: tail.lastSequence)
    try completeLog(version, after: tail.lastSequence)
  }

  private mutating func positionWriter(
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
    let name = surroundings.fileStem() + "-end-of-" + segment.name
    do throws(Errno) {
      let file = try system.open(directory.log + "/" + segment.name, O_RDONLY | O_NONBLOCK)
      let bytes = try system.read(
        file, at: tail.validBytes, count: tail.segmentBytes - tail.validBytes)
      guard bytes.contains(0x0A) else { return }
      let copy = try system.open(
        directory.quarantine + "/" + name, O_RDWR | O_CREAT | O_EXCL)
      try system.write(bytes, to: copy, at: 0)
      report(.quarantined(name, reason: "damaged lines at the end of the completed log"))
    } catch {
      report(.failed("set aside the end of \(segment.name): \(error)"))
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
    report(
      .recovered("the completed log ended at \(sequence), data.json is at \(version.generation)"))
  }

  /// Makes lines durable that may not be, applies them and replaces the data file.
  private mutating func rollForward(
    _ version: Version<State>, _ tail: CompletedLog.Tail
  ) throws(TransactionError) -> Version<State> {
    if options.mutates(.keepSegment) {
      try writer.position(at: tail, generation: tail.lastSequence)
    } else {
      try writer.carryOver(tail, surroundings)
    }
    recent.add(tail.lines)
    var next = version
    next.replay(tail.lines, report)
    next = try replaceDataFile(
      with: next, former: .backup(prefix: "pre-write", generation: version.generation))
    publish(next, since: version.generation, changed: nil)
    report(.recovered("replayed \(tail.lines.count) completed transactions"))
    return next
  }

  /// Writes the same version into a new inode.
  private mutating func rewrite(_ version: Version<State>) throws(TransactionError) -> Version<
    State
  > {
    try replaceDataFile(
      with: version, former: .backup(prefix: "pre-write", generation: version.generation))
  }

  // MARK: Edited by hand

  /// Why a valid file that is not as the store wrote it is no edit; `nil` for an edit.
  ///
  /// It is taken for damage only where the state it should hold can be proven: when a power cut may
  /// have torn it, when no more than a few bytes of it have changed, and when it is not the store's
  /// own file at all although the store has committed something.
  private mutating func damage(
    at generation: Int?, _ status: FileStatus, _ listing: Listing
  ) throws(TransactionError) -> String? {
    guard let proven = try provenVersion(upTo: generation ?? .max, listing) else { return nil }
    guard let generation else {
      return proven.generation > 0 ? "without meta; take it over with contestctl restore" : nil
    }
    if proven.generation == generation, !isSynchronizedOrRecent(status) {
      return "torn by a power cut"
    }
    return try isNearly(proven) ? "some bytes are not as they were written" : nil
  }

  /// The state at a generation, or the latest before it, by backup and log.
  private mutating func provenVersion(
    upTo generation: Int, _ listing: Listing
  ) throws(TransactionError) -> Version<State>? {
    let backup = try newestBackup()
    let tail = try log.tail(after: backup?.generation ?? 0, of: listing.segments)
    guard var version = backup ?? (tail.lines.first?.sequence == 1 ? .initial : nil),
      version.generation <= generation
    else { return nil }
    version.replay(tail.lines.filter { $0.sequence <= generation }, report)
    return version
  }

  /// Whether a power cut cannot have torn a file: it was synchronized, or written since the start.
  private func isSynchronizedOrRecent(_ status: FileStatus) -> Bool {
    if lock.isSameBoot() { return true }
    let checkpoint = try? system.status(at: directory.checkpoint)
    return checkpoint?.isSameFile(as: status) == true
  }

  /// Whether the data file holds a version but for a few bytes, as a failing device leaves it.
  ///
  /// The first line does not count, nor do the spaces in front of a line: where there is room is
  /// another matter.
  private func isNearly(_ version: Version<State>) throws(TransactionError) -> Bool {
    let read = try attempting(.read, on: directory.dataFile) { () throws(Errno) in
      let file = try system.open(directory.dataFile, O_RDONLY)
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
  private mutating func acceptEdit(
    _ edited: Version<State>, _ generation: Int?, _ listing: Listing
  ) throws(TransactionError) -> Version<State> {
    let tail = try log.tail(after: generation ?? Int.max - 1, of: listing.segments)
    let backup = try newestBackup()?.generation ?? 0
    let last = max(tail.lastSequence, max(generation ?? 0, backup))
    var next = edited
    // An earlier acceptance that was cut short is not put over what is there now.
    next.replay(tail.lines.filter { !$0.transaction.isAcceptance }, report)
    next.generation = last + 1
    let line = replacementLine(of: next, generation == nil ? "import-" : "external-edit-")
    next.image = nil
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
    publish(next, since: -1, changed: nil)
    report(.acceptedEdit(generation: next.generation))
    return next
  }

  /// A line that replaces the whole state by a version.
  private func replacementLine(of version: Version<State>, _ operation: String) -> CompletedLine {
    let now = surroundings.nowMilliseconds()
    let contents = try? JSONValue(parsing: FileImage.layingOut(version).text)
    let transaction = Transaction(
      id: "txn-" + surroundings.identifier(),
      operation: operation + surroundings.identifier(), timestampMilliseconds: now,
      data: JSONObject([.init(name: "contents", value: contents ?? .null)]))
    return CompletedLine(
      sequence: version.generation, transaction, status: .completed, completedAt: now)
  }

  // MARK: Damaged or missing

  /// Builds the latest state that can be proven: the newest good backup and the log after it.
  private mutating func rebuild(
    _ listing: Listing, former: FormerDataFile
  ) throws(TransactionError) -> Version<State> {
    var version = try newestBackup()
    if options.mutates(.restoreBackup), let version {
      return try replaceDataFile(with: version, former: former)
    }
    let tail = try log.tail(after: version?.generation ?? 0, of: listing.segments)
    reportDamage(in: tail)
    if version == nil, tail.lines.first?.sequence == 1 { version = .initial }
    guard var version else { return try startEmpty(tail) }
    recent.reset(after: version.generation)
    if tail.lines.isEmpty {
      try position(at: tail, version)
    } else {
      try writer.carryOver(tail, surroundings)
      recent.add(tail.lines)
      version.replay(tail.lines, report)
    }
    version = try replaceDataFile(with: version, former: former)
    publish(version, since: -1, changed: nil)
    report(.recovered("rebuilt data.json at generation \(version.generation)"))
    return version
  }

  /// Begins a new store, but never over evidence of an older one.
  private mutating func startEmpty(_ tail: CompletedLog.Tail) throws(TransactionError) -> Version<
    State
  > {
    if let evidence = try evidence(tail) {
      throw TransactionError(
        step: .recover, path: directory.dataFile,
        cause: .unrecoverable(
          "\(evidence), but no state to rebuild it from; put a copy of data.json there, "
            + "or move the data directory away to start anew"))
    }
    try positionWriter(at: tail, generation: 0)
    recent.reset(after: 0)
    var version = Version<State>.initial
    let staged = try stage(&version)
    // Torn by a power cut it would be evidence of data, and no log or backup to rebuild it from.
    try attempting(.synchronize, on: staged.spare.path) { () throws(Errno) in
      if let file = staged.spare.file { try system.synchronize(file) }
    }
    try replace(with: staged, version, former: .backup(prefix: "pre-write", generation: 0))
    publish(version, since: -1, changed: nil)
    return version
  }

  private func evidence(_ tail: CompletedLog.Tail) throws(TransactionError) -> String? {
    if tail.lastSequence > 0 || tail.segmentBytes > 0 { return "there is a completed log" }
    if (try? system.status(at: directory.dataFile)) != nil { return "data.json is damaged" }
    let folders = [directory.backups, directory.uploads, directory.quarantine]
    for folder in folders {
      let names = try attempting(.recover, on: folder) { () throws(Errno) in
        try system.list(folder)
      }
      if !names.isEmpty { return "there are files in \(folder)" }
    }
    return nil
  }

  /// The intact state with the highest generation among the checkpoint and the backups.
  private mutating func newestBackup() throws(TransactionError) -> Version<State>? {
    let names = try attempting(.recover, on: directory.backups) { () throws(Errno) in
      try backups.all()
    }
    var newest: Version<State>?
    for path in [directory.checkpoint] + names.map({ directory.backups + "/" + $0.name }) {
      guard let version = reader.intactVersion(at: path) else {
        if reader.isDamaged(path) { quarantine(path, reason: "damaged") }
        continue
      }
      if version.generation >= newest?.generation ?? 0 { newest = version }
    }
    return newest
  }

  private func reportDamage(in tail: CompletedLog.Tail) {
    guard tail.damagedLines > 0 else { return }
    report(.failed("completed log: \(tail.damagedLines) damaged lines before the last good one"))
  }
}
