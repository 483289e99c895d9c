import Contest
import JSON
import TestSupport
import Testing

/// A contest with the log that led to it.
private struct History {
  var contest = Contest()
  var log: [Change] = []
  private var random: SeededGenerator
  private var count = 0
  private static let words = ["caption", "name", "phone", "artist", "studio"]

  init(seed: UInt64, length: Int) throws {
    random = SeededGenerator(seed: seed)
    let event = try Event(JSONObject([.init(name: "name", value: "Ink")]), id: "e")
    try commit(.setEvent(event))
    for _ in 0..<length { try commit(next()) }
  }

  /// The text that marks a member of an entry.
  static func marker(_ name: String, _ id: String) -> String { "<\(name) of \(id)>" }

  private var someEntry: Entry? {
    mutating get { contest.allEntries.flatMap { Array($0.entries) }.randomElement(using: &random) }
  }

  private mutating func submission() -> Change {
    count += 1
    let id = String(1_700_000_000_000 + count) + "-abc00\(count % 10)"
    func marker(_ name: String) -> String { Self.marker(name, id) }
    let entry = Entry(
      Entry.Submission(
        category: ["best", "worst"].randomElement(using: &random) ?? "best",
        caption: marker("caption"), name: marker("name"), phone: marker("phone"),
        artist: marker("artist"), studio: marker("studio"), submissionID: "sub-\(count)"),
      id: id, transactionID: "txn-\(count)", createdAtMilliseconds: 1000 + count,
      imageURL: "/uploads/\(count)-a.jpg", storageMethod: .localFallback,
      moderation: Bool.random(using: &random) ? .pending : nil)
    return .submit(contest.settled(entry))
  }

  private mutating func next() throws -> Change {
    guard let entry = someEntry, Int.random(in: 0..<3, using: &random) > 0 else {
      return submission()
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      let words = JSONObject([.init(name: "caption", value: .string("<edit of \(entry.id)>"))])
      return .edit(try EntryEdit(entry, members: words))
    case 1: return .edit(EntryEdit(entry, to: entry.category == "best" ? "worst" : "best"))
    case 2, 3:
      let moderation: Moderation = Bool.random(using: &random) ? .approved : .rejected
      return .moderate(contest.settled(ModerationDecision(entry, moderation)))
    case 4: return .remove(entryID: entry.id)
    case 5: return .relocate(Relocation(entry, to: "https://x/\(entry.id).jpg", .cloudinary))
    case 6:
      return .withdraw(
        Withdrawal(entry, atMilliseconds: 9, isTakenBack: Bool.random(using: &random)))
    default: return .setWinners([WinnerList(category: entry.category, entryIDs: [entry.id])])
    }
  }

  private mutating func commit(_ change: Change) throws {
    guard (try? contest.apply(change)) != nil || isApplied(change) else { return }
    log.append(try Change(data: change.data))
  }

  /// `apply` returns `nil` for what it has applied; here it says whether the rules allow it at all.
  private func isApplied(_ change: Change) -> Bool {
    var copy = Contest()
    do {
      for change in log { _ = try copy.apply(change) }
      _ = try copy.apply(change)
      return true
    } catch {
      return false
    }
  }

  static func replay(_ log: [Change]) -> Contest {
    var contest = Contest()
    for change in log { _ = try? contest.apply(change) }
    return contest
  }
}

private func text(_ contest: Contest) -> String {
  var text: [UInt8] = []
  contest.appendSerialized(to: &text)
  return String(decoding: text, as: UTF8.self)
}

struct `An erasure` {
  @Test(arguments: [ErasureScope.entry, .contact])
  func `commutes with applying: a redacted log leads to the redacted contest`(_ scope: ErasureScope)
    throws
  {
    for seed in 1...60 as ClosedRange<UInt64> {
      let history = try History(seed: seed, length: 40)
      let ids = history.log.compactMap { change -> String? in
        guard case .submit(let entry) = change, entry.createdAtMilliseconds % 3 == 0 else {
          return nil
        }
        return entry.id
      }
      let redaction = ContestRedaction(entryIDs: ids, scope: scope)
      let log = history.log.map { redaction.redacted($0) ?? $0 }
      let redacted = redaction.redacted(history.contest) ?? history.contest
      #expect(text(History.replay(log)) == text(redacted), "seed \(seed)")
      // Whichever part of the log is redacted first, the erasure leads to the same.
      let erasure = Change.erase(
        Erasure(id: "x", atMilliseconds: 5, scope: scope, entryIDs: ids))
      let half = Array(log.prefix(log.count / 2) + history.log.suffix(log.count - log.count / 2))
      for mixed in [history.log, log, half] {
        #expect(
          text(History.replay(mixed + [erasure])) == text(History.replay(log + [erasure])),
          "seed \(seed)")
      }
      // Nothing of it is left, and everything else is.
      let whole = text(redacted) + log.map { String(decoding: $0.dataText, as: UTF8.self) }.joined()
      for change in history.log {
        guard case .submit(let entry) = change else { continue }
        let isErased = ids.contains(entry.id)
        #expect(whole.contains(History.marker("phone", entry.id)) == !isErased, "seed \(seed)")
        #expect(
          whole.contains(History.marker("caption", entry.id)) == !(isErased && scope == .entry))
        if isErased, scope == .entry { #expect(!whole.contains("<edit of \(entry.id)>")) }
      }
      #expect(log.allSatisfy { redaction.redacted($0) == nil })
    }
  }

  @Test func `hides an entry that counts as before, and is the same when repeated`() throws {
    var history = try History(seed: 7, length: 30)
    let entries = history.contest.allEntries.flatMap { Array($0.entries) }
    let shown = try #require(entries.first { $0.isShown })
    let erase = Change.erase(
      Erasure(id: "x", atMilliseconds: 5, scope: .entry, entryIDs: [shown.id, "none"]))
    _ = try history.contest.apply(erase)
    let erased = try #require(history.contest.entry(id: shown.id))
    #expect(erased.isErased && !erased.isShown && erased.imageURL == nil)
    #expect(erased.number == shown.number && erased.submissionID == shown.submissionID)
    #expect(history.contest.entry(ofSubmission: shown.submissionID) == erased)
    let before = history.contest
    _ = try history.contest.apply(
      .erase(Erasure(id: "y", atMilliseconds: 9, scope: .entry, entryIDs: [shown.id])))
    #expect(history.contest == before)
    #expect(throws: Refusal.entryErased) {
      try history.contest.apply(.withdraw(Withdrawal(erased, atMilliseconds: 5, isTakenBack: true)))
    }
  }

  @Test(arguments: [
    ("1700000000001-abc001", "x1700000000001-abc001y", true),
    ("1700000000001-abc001", "1700000000001-abc002", false), ("odd-id", "an odd-id here", true),
    ("odd-id", "an od-id", false),
    // JSON may escape it in several ways, so a text that does not have it may still name it.
    ("an \\ id", "nothing", true), ("1700000000001-abc001", "", false),
    ("1700000000001-abc001", "-----", false),
  ])
  func `finds the texts that name its entries`(_ id: String, _ words: String, _ isThere: Bool) {
    let redaction = ContestRedaction(entryIDs: [id], scope: .entry)
    #expect(redaction.mayConcern(Array(words.utf8)[...]) == isThere)
  }
}
