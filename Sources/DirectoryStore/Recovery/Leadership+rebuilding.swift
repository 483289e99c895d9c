import DurableStore
import Files
import Glibc
import SystemPackage

extension Leadership {
  /// Builds the latest state that can be proven: the newest good backup and the log after it.
  mutating func rebuild(
    _ listing: LogListing, former: FormerDataFile
  ) throws(TransactionError) -> Version<State> {
    var version = try backups.newestVersion()
    let tail = try log.tail(after: version?.generation ?? 0, of: listing.segments)
    reportDamage(in: tail)
    if version == nil, tail.lines.first?.sequence == 1 { version = .initial }
    guard var version else { return try startEmpty(tail) }
    recent.reset(after: version.generation)
    if tail.lines.isEmpty {
      try position(at: tail, version)
    } else {
      try takeOver(tail, by: &version)
    }
    version = try replaceDataFile(with: version, former: former)
    publicFiles.follow(version, since: -1, changed: nil)
    context.report(.recovered("rebuilt data.json at generation \(version.generation)"))
    return version
  }

  /// Begins a new store, but never over evidence of an older one.
  private mutating func startEmpty(_ tail: CompletedLog.Tail) throws(TransactionError) -> Version<
    State
  > {
    if let evidence = try evidence(tail) {
      throw TransactionError(
        step: .recover, object: directory.dataFile,
        cause: .unrecoverable(
          "\(evidence), but no state to rebuild it from; put a copy of data.json there, "
            + "or move the data directory away to start anew"))
    }
    try positionWriter(at: tail, generation: 0)
    recent.reset(after: 0)
    var version = Version<State>.initial
    let staged = try stage(&version)
    // If a power cut tore it, it would be evidence of data, without log or backup to rebuild it from.
    try attempting(.synchronize, on: staged.spare.path) { () throws(Errno) in
      if let file = staged.spare.file { try system.synchronize(file) }
    }
    try replace(with: staged, version, former: .backup(prefix: "pre-write", generation: 0))
    publicFiles.follow(version, since: -1, changed: nil)
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

  func reportDamage(in tail: CompletedLog.Tail) {
    guard tail.damagedLines > 0 else { return }
    context.report(
      .failed("completed log: \(tail.damagedLines) damaged lines before the last good one"))
  }
}
