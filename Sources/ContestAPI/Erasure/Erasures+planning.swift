public import Contest
import DurableStore
import Files
import JSON
import Photos

/// What there is to erase.
extension Erasures {
  /// How long a plan may be carried out, in milliseconds.
  private static var validMilliseconds: Int { 3_600_000 }

  /// Looks everywhere for what is to be erased, and keeps a plan; nothing is changed.
  ///
  /// - Parameters:
  ///   - selection: Whose data.
  ///   - scope: What of it.
  ///   - removesQuarantined: Whether files in quarantine go that may hold something of it.
  /// - Returns: The plan, whose token is valid for an hour.
  /// - Throws: `TransactionError` when the store cannot be read, `FileError` when the plan cannot be kept.
  public func plan(
    _ selection: ErasureSelection, _ scope: ErasureScope, removesQuarantined: Bool = false
  ) throws -> ErasurePlan {
    let entries = try site.store.read().state.allEntries.flatMap(\.entries)
      .filter { selection.means($0, scope) }
    let all = EntryFinder { selection.means($0, scope) }
    all.look(at: entries)
    _ = try site.store.redactHistory(all, isRehearsal: true)
    let inHistory = all.found.count - entries.count
    var inArchives: [String: Int] = [:]
    for archive in try EventArchives(folder).all() {
      let entries = archive.entries.filter { selection.means($0, scope) }
      if !entries.isEmpty { inArchives[archive.manifest.eventID] = entries.count }
      all.look(at: entries)
    }
    let found = all.found
    let chance = UInt32(truncatingIfNeeded: site.surroundings.randomBits())
    let erasure = Erasure(
      id: site.surroundings.identifier() + Surroundings.hex8(chance), atMilliseconds: now,
      scope: scope, entryIDs: found.keys.sorted())
    let photoURLs = scope == .entry ? found.values.flatMap(\.photoURLs) : []
    let plan = ErasurePlan(
      erasure, photoURLs: Set(photoURLs).sorted(), inContest: entries, inHistory: inHistory,
      inArchives: inArchives, removesQuarantined: removesQuarantined)
    try folder.makeMissing([".admin", Self.plans])
    removeOldPlans()
    try folder.writeFile(
      plan.stored.serialized, as: Self.file(of: erasure.id), surroundings: site.surroundings)
    return plan
  }

  /// Removes the plans that nobody can carry out any more, and that none has begun.
  private func removeOldPlans() {
    // A plan that stays by a failure here has identifiers only.
    let begun = Set((try? ledger.entries().map(\.erasure.id)) ?? [])
    for name in (try? folder.names(in: Self.plans)) ?? [] where name.hasSuffix(".json") {
      let token = String(name.dropLast(5))
      guard !begun.contains(token), let plan = storedPlan(token), !isValid(plan) else { continue }
      _ = folder.removeFile(Self.file(of: token))
    }
  }

  /// The plan of a token; `nil` when there is none, or it is too old.
  public func plan(token: String) -> ErasurePlan? {
    storedPlan(token).flatMap { isValid($0) ? $0 : nil }
  }

  private func isValid(_ plan: ErasurePlan) -> Bool {
    plan.erasure.atMilliseconds > now - Self.validMilliseconds
  }

  func storedPlan(_ token: String) -> ErasurePlan? {
    guard Category.isIdentifier(token), let text = folder.contents(of: Self.file(of: token)),
      let value = try? JSONValue(parsing: text),
      let erasure = value.object?["erasure"].flatMap(Erasure.init), erasure.id == token
    else { return nil }
    return ErasurePlan(erasure, stored: value)
  }

  /// The certificate of a plan that was carried out to its end; `nil` for any other.
  func certificate(token: String) throws(FileError) -> JSONObject? {
    try ledger.entries().first { $0.erasure.id == token }?.certificate
  }

  /// The files that have something of what was erased, or may have it, relative to the data directory.
  ///
  /// - Throws: `TransactionError` or `FileError` when a file cannot be read.
  public func leftovers() throws -> [String] {
    let erasures = try ledger.entries().map(\.erasure)
    let damaged = try ledger.isWhole() ? [] : [ErasureLedger.fileName]
    guard !erasures.isEmpty else { return damaged }
    let archives = EventArchives(folder)
    var files = try damaged + archives.unfinished() + archives.unreadable()
    if !(try broughtBack(in: try site.store.read().state)).isEmpty { files.append("data.json") }
    for scope in [ErasureScope.entry, .contact] {
      let ids = Set(erasures.filter { $0.scope == scope }.flatMap(\.entryIDs))
      guard !ids.isEmpty else { continue }
      let redaction = ContestRedaction(entryIDs: ids, scope: scope)
      let report = try site.store.redactHistory(
        HistoryErasure(redaction: redaction), isRehearsal: true)
      files += report.files + report.unreadable
      for archive in try archives.all()
      where archive.entries.contains(where: { ids.contains($0.id) && !$0.isRedacted(scope) }) {
        files.append("archive/\(archive.manifest.eventID)/data.json")
      }
    }
    return Set(files).sorted()
  }

  /// Returns the text of a data file without what was erased since it was made: what a restore may bring back.
  ///
  /// What is withdrawn now is withdrawn in it, too.
  /// - Throws: `TransactionError` or `FileError` when state or ledger cannot be read.
  public func cleaned(_ text: [UInt8]) throws -> [UInt8] {
    guard let contents = (try? JSONValue(parsing: text))?.object else { return text }
    let withdrawn = try site.store.read().state.remainingEntries
      .filter { $0.withdrawnAtMilliseconds != nil }
    let cleaned = ContestRedaction.withdrawing(withdrawn, in: try self.cleaned(contents: contents))
    return JSONValue.object(cleaned).serialized
  }

  /// Returns the members of a data file without what was erased.
  func cleaned(contents: JSONObject) throws(FileError) -> JSONObject {
    try ledger.entries().map(\.erasure).reduce(contents) { contents, erasure in
      ContestRedaction(entryIDs: erasure.entryIDs, scope: erasure.scope)
        .redacted(contents: contents) ?? contents
    }
  }
}
