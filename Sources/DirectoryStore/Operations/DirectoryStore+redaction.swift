public import DurableStore
import Files
import SystemPackage

extension DirectoryStore {
  /// How often a file is tried without the lock; then it is read and written under it.
  private static var attemptsBeside: Int { 3 }

  /// Takes something out of log, backups, snapshots, checkpoint and spare files.
  ///
  /// It holds the lock for the renaming of one file at a time, so that commits go on.
  public func redactHistory(
    _ redaction: some Redaction<State>, isRehearsal: Bool
  ) throws(TransactionError) -> RedactionReport {
    try directory.prepareMissing(options.system)
    var history = HistoryRedaction(redaction, context, isRehearsal: isRehearsal)
    if !isRehearsal { try leaveFilesOfToday(redaction) }
    for segment in try CompletedLog(directory: directory, system: options.system).segments() {
      let path = directory.log + "/" + segment.name
      try replace(path, by: &history) { history throws(Errno) in try history.redactSegment(path) }
    }
    let backups = try names(directory.backups).filter { BackupName($0) != nil }
      .map { directory.backups + "/" + $0 }
    // The data file itself, which may have the checkpoint's name too, is redacted by a transaction.
    for path in backups + (isCheckpointApart ? [directory.checkpoint] : []) {
      try replace(path, by: &history) { history throws(Errno) in try history.redactState(path) }
    }
    let spares = try attempting(.read, on: directory.log) { () throws(Errno) in
      try history.noteQuarantine()
      return try history.spares()
    }
    if !spares.isEmpty {
      try holdingLock { (_) throws(TransactionError) in history.remove(spares) }
    }
    return history.report
  }

  private var isCheckpointApart: Bool {
    let system = options.system
    guard let checkpoint = try? system.status(at: directory.checkpoint) else { return false }
    return (try? system.status(at: directory.dataFile))?.isSameFile(as: checkpoint) != true
  }

  /// Makes a checkpoint of the data file, and begins a new segment if the last one has something: what is to be
  /// redacted changes no more.
  private func leaveFilesOfToday(
    _ redaction: some Redaction<State>
  ) throws(TransactionError) {
    let segments = try CompletedLog(directory: directory, system: options.system).segments()
    var isConcerned = false
    if let last = segments.last {
      let path = directory.log + "/" + last.name
      var rehearsal = HistoryRedaction(redaction, context, isRehearsal: true)
      try attempting(.read, on: path) { () throws(Errno) in
        _ = try rehearsal.redactSegment(path)
      }
      isConcerned = rehearsal.report.lineCount > 0
    }
    try holdingLock { (leadership) throws(TransactionError) in
      let listing = try leadership.list()
      let version = try leadership.currentVersion(listing)
      leadership.makeCheckpoint()
      // What these files had before is in spare ones then.
      leadership.publicFiles.writeAll(of: version)
      guard isConcerned, listing.segments.last == segments.last else { return }
      try leadership.writer.beginSegment(after: version.generation)
    }
  }

  /// Has a file replaced: prepared without the lock, as often as it changes meanwhile, and at last under it.
  private func replace<Wanted>(
    _ path: String, by history: inout HistoryRedaction<State, Wanted>,
    _ prepare: (inout HistoryRedaction<State, Wanted>) throws(Errno)
      -> HistoryRedaction<State, Wanted>.Replacement?
  ) throws(TransactionError) {
    for attempt in 1...Self.attemptsBeside {
      var prepared: HistoryRedaction<State, Wanted>.Replacement?
      let isLast = attempt == Self.attemptsBeside
      if !isLast {
        prepared = try attempting(.writeTemporary, on: path) { () throws(Errno) in
          try prepare(&history)
        }
        if prepared == nil { return }
      }
      var isDone = false
      try holdingLock { (leadership) throws(TransactionError) in
        isDone = try attempting(.writeTemporary, on: path) { () throws(Errno) in
          let current = if isLast { try prepare(&history) } else { prepared }
          return try current.map { current throws(Errno) in try history.replace(current) } ?? true
        }
        leadership.backups.forget()
      }
      if isDone { return }
    }
  }
}
