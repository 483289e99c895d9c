import Contest
import DurableStore
import Files
import Logging

/// What is erased by itself.
extension Erasures {
  private static var pauseMilliseconds: Int { 60_000 }
  /// How long an erasure that has failed is left alone: its photos are at a service that does not answer.
  private static var pauseOfFailed: Int { 600_000 }

  /// Carries out what is due: erasures that were interrupted, withdrawals whose hour is over, what a restore has
  /// brought back, and the contacts that are older than `PERSONAL_DATA_DAYS`.
  ///
  /// One process does it at a time; the others pass. What fails keeps nothing else from being done.
  /// - Throws: `TransactionError` or `FileError` when nothing can be told; what is left is tried again the next time.
  public func tend() throws {
    guard try isDue() else { return }
    try folder.makeMissing([".admin", Self.plans])
    guard let claim = try FileClaim(Self.plans, in: folder) else { return }
    try withExtendedLifetime(claim) {
      for entry in try ledger.entries() where !entry.isDone && !isPaused(entry.erasure.id) {
        attempt(entry.erasure.id) { try performAgain(entry.erasure) }
      }
      for erasure in try broughtBack(in: try site.store.read().state) {
        attempt(erasure.id) { try performAgain(erasure) }
      }
      for (ids, scope) in try due() where !ids.isEmpty {
        let plan = try plan(.entries(Set(ids)), scope)
        attempt(plan.erasure.id) { _ = try performAlone(plan) }
      }
      try eraseContactsOfRemoved()
    }
  }

  /// Once an event is over for so long, contacts go from its history, too: those of entries that were removed.
  private func eraseContactsOfRemoved() throws {
    guard let marker = try historyThatIsDue() else { return }
    let present = Set(try site.store.read().state.allEntries.flatMap(\.entries).map(\.id))
    let finder = EntryFinder { entry in
      isOver(entry.createdAtMilliseconds) && !present.contains(entry.id)
        && !entry.isRedacted(.contact)
    }
    _ = try site.store.redactHistory(finder, isRehearsal: true)
    if !finder.found.isEmpty {
      _ = try performAlone(try plan(.entries(Set(finder.found.keys)), .contact))
    }
    try marker.update { _ in Array(String(now).utf8) }
  }

  /// What notes that the history of an event was looked through; `nil` if it was, or is not to be yet.
  private func historyThatIsDue() throws -> SharedFile? {
    let contest = try site.store.read().state
    guard isOver(contest.endForContactsMilliseconds), let id = contest.event?.id,
      Category.isIdentifier(id)
    else { return nil }
    let marker = folder.sharedFile(Self.plans + "/history-" + id)
    return try marker.read() == nil ? marker : nil
  }

  /// Tries something; if it fails, it is left alone for a while, and everything else goes on.
  private func attempt(_ id: String, _ body: () throws -> Void) {
    let pause = folder.sharedFile(Self.plans + "/" + id + ".failed")
    do {
      try body()
      pause.remove()
    } catch {
      site.logger.error("erase \(id): \(error)")
      // Without the note it is tried again at once.
      try? pause.update { _ in Array(String(now).utf8) }
    }
  }

  private func isPaused(_ id: String) -> Bool {
    guard let last = number(in: Self.plans + "/" + id + ".failed") else { return false }
    return last <= now && now < last + Self.pauseOfFailed
  }

  private func number(in name: String) -> Int? {
    folder.contents(of: name).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
  }

  /// The same at most once a minute, whichever process asks: it reads the whole contest and every manifest.
  ///
  /// - Throws: As `tend` does.
  public func tendNowAndThen() throws {
    let name = Self.plans + "/tended"
    let last = number(in: name) ?? 0
    guard last + Self.pauseMilliseconds < now || last > now else { return }
    try folder.makeMissing([".admin", Self.plans])
    try folder.sharedFile(name).update { _ in Array(String(now).utf8) }
    try tend()
  }

  private func isDue() throws -> Bool {
    let isInterrupted = try ledger.entries().contains {
      !$0.isDone && !isPaused($0.erasure.id)
    }
    if try isInterrupted || historyThatIsDue() != nil || due().contains(where: { !$0.ids.isEmpty })
    {
      return true
    }
    return !(try broughtBack(in: try site.store.read().state)).isEmpty
  }

  /// The entries that are to be erased now.
  private func due() throws -> [(ids: [String], scope: ErasureScope)] {
    let contest = try site.store.read().state
    var contacts = isOver(contest.endForContactsMilliseconds) ? contest.contactsOfOthers : []
    for archive in try EventArchives(folder).all()
    where archive.manifest.contactCount > 0 && isOver(archive.manifest.endsAtMilliseconds) {
      contacts += archive.contest()?.contactsOfOthers ?? []
    }
    return [(contest.withdrawnForGood(atMilliseconds: now), .entry), (contacts, .contact)]
  }

  /// Whether contacts of an event that ended then are to go by now.
  private func isOver(_ end: Int?) -> Bool {
    let days = site.settings.personalDataDays
    guard days > 0, let end else { return false }
    return end + days * 86_400_000 < now
  }

  /// Erases again what a restore, a recovery or an import has brought back.
  ///
  /// - Throws: `TransactionError` or `FileError`; what is left is tried again by `tend`.
  public func eraseAgain() throws {
    var entries = try site.store.read().state.allEntries.flatMap(\.entries)
    for archive in try EventArchives(folder).all() { entries += archive.entries }
    let erasures = try broughtBack(among: entries)
    guard !erasures.isEmpty else { return }
    try alone { for erasure in erasures { try performAgain(erasure) } }
  }

  private func performAgain(_ erasure: Erasure) throws {
    _ = try performAlone(storedPlan(erasure.id) ?? ErasurePlan(erasure, stored: nil))
  }

  /// The erasures of the ledger of which the contest has something that was erased.
  func broughtBack(in contest: Contest) throws -> [Erasure] {
    try broughtBack(among: contest.allEntries.flatMap(\.entries))
  }

  private func broughtBack(among entries: [Entry]) throws -> [Erasure] {
    let erasures = try ledger.entries().map(\.erasure)
    guard !erasures.isEmpty else { return [] }
    let wanted = Set(erasures.flatMap(\.entryIDs))
    let entries = entries.filter { wanted.contains($0.id) }
    return erasures.filter { erasure in
      let ids = Set(erasure.entryIDs)
      return entries.contains { entry in
        ids.contains(entry.id)
          && !(entry.isRedacted(erasure.scope) && (erasure.scope == .contact || entry.isErased))
      }
    }
  }
}
