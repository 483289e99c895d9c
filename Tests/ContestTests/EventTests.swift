import Contest
import JSON
import Testing

private func members(_ text: String) throws -> JSONObject {
  try #require(try JSONValue(parsing: Array(text.utf8)).object)
}

private func entry(
  _ key: String, category: String = "best", at milliseconds: Int = 1000,
  _ moderation: Moderation? = nil
) -> Entry {
  Entry(
    Entry.Submission(
      category: category, caption: "c", name: "n", phone: "p", artist: "Ada", studio: "Iron",
      submissionID: "sub-\(key)"),
    id: key, transactionID: "txn-\(key)", createdAtMilliseconds: milliseconds, imageURL: nil,
    storageMethod: .none, moderation: moderation)
}

/// Applies changes as a leader does: each is settled first, and comes back from the log.
private func apply(_ changes: [Change], to contest: inout Contest) throws {
  for change in changes {
    let settled: Change =
      switch change {
      case .submit(let entry): .submit(contest.settled(entry))
      case .moderate(let decision): .moderate(contest.settled(decision))
      case .edit(let edit): .edit(contest.settled(edit))
      default: change
      }
    _ = try contest.apply(try Change(data: settled.data))
  }
}

/// The contest as it is read after it was written, in either way.
private func readAgain(_ contest: Contest) throws -> [Contest?] {
  var text: [UInt8] = []
  contest.appendSerialized(to: &text)
  let members = try JSONValue(parsing: [0x7B] + text + [0x7D]).object ?? JSONObject()
  return [try Contest(members: members), Contest(written: text[...])]
}

struct `An accent colour` {
  @Test(arguments: [
    ("#ffffff", true), ("#ff2d3d", true), ("#ffb000", true), ("#d4001a", false),
    ("#000000", false), ("#0000ff", false), ("#1e1e1e", false), ("#777777", false),
  ])
  func `can be read on every page, or says which one can`(_ text: String, _ isReadable: Bool) throws
  {
    let colour = try #require(AccentColour(text))
    #expect(colour.text == text && colour.isReadable == isReadable)
    #expect(colour.nearestReadable.isReadable)
    #expect(isReadable == (colour.nearestReadable == colour))
  }

  @Test(arguments: [
    "", "#fff", "ffb000", "#ffb00", "#ffb0000", "#gggggg", "#+fb000", "#ffb00\u{301}",
  ])
  func `is six hexadecimal digits`(_ text: String) {
    #expect(AccentColour(text) == nil)
  }

  // WCAG 2.2: 21 is the contrast of black and white, and #767676 the lightest grey that reaches 4.5 on white.
  @Test(arguments: [("#767676", "#767676"), ("#777777", "#767676"), ("#ffffff", "#767676")])
  func `of a button is as light as white text allows`(_ text: String, _ button: String) {
    #expect(AccentColour(text)?.nearestForButtons.text == button)
  }
}

struct `An event` {
  @Test(arguments: [
    #"{"tagline":"x"}"#, #"{"name":""}"#, #"{"name":" "}"#, #"{"name":7}"#, #"{"name":null}"#,
    #"{"name":"a\u0007b"}"#, #"{"name":"a","id":"b"}"#, #"{"name":"a","startsAt":"now"}"#,
    #"{"name":"a","startsAt":5,"endsAt":5}"#, #"{"name":"a","startsAt":-1}"#,
    #"{"name":"a","timeZone":"../etc/passwd"}"#, #"{"name":"a","timeZone":""}"#,
    #"{"name":"a","timeZone":"Europe//Berlin"}"#, #"{"name":"a","accent":"red"}"#,
    ##"{"name":"a","accent":"#111111"}"##, #"{"name":"a","logo":"/x"}"#, #"{"name":"a","more":1}"#,
  ])
  func `is refused if a member is wrong`(_ text: String) throws {
    let members = try members(text)
    #expect(throws: Refusal.self) { _ = try Event(members, id: "e") }
  }

  @Test func `names the nearest colour that can be read`() throws {
    let members = try members(##"{"name":"a","accent":"#0000ff"}"##)
    let refusal = #expect(throws: Refusal.self) { _ = try Event(members, id: "e") }
    let nearest = try #require(AccentColour("#0000ff")).nearestReadable.text
    #expect(refusal?.reason.contains(nearest) == true)
  }

  @Test func `changes by the members that are named, and is kept by the data file`() throws {
    let made = try Event(
      try members(#"{"name":"Ink Days","startsAt":1,"endsAt":9,"timeZone":"Europe/Berlin"}"#),
      id: "e")
    let changed = try made.changed(by: try members(#"{"tagline":"Three days","startsAt":null}"#))
    #expect(changed.name == "Ink Days" && changed.startsAtMilliseconds == nil)
    #expect(changed.endsAtMilliseconds == 9 && changed.state == .live)
    var contest = Contest()
    try apply([.setEvent(changed)], to: &contest)
    for again in try readAgain(contest) { #expect(again == contest && again?.event == changed) }
  }

  @Test func `is changed by nobody who has not seen it`() throws {
    var contest = Contest()
    let event = try Event(try members(#"{"name":"a"}"#), id: "e")
    let mark = ListMark(of: contest.event)
    try apply([.setEvent(event, replacing: mark)], to: &contest)
    #expect(throws: Refusal.changedMeanwhile) {
      try apply([.setEvent(event, replacing: mark)], to: &contest)
    }
  }

  @Test func `of that name that another program put there is kept as it is`() throws {
    let text = #"{"submissions":{},"winners":{},"event":"a party","lastNumber":"none"}"#
    let contest = try Contest(members: try members(text))
    #expect(contest.event == nil && contest.lastNumber == 0)
    for again in try readAgain(contest) { #expect(again == contest) }
    var written: [UInt8] = []
    contest.appendSerialized(to: &written)
    #expect(String(decoding: written, as: UTF8.self).contains(#""event":"a party""#))
  }

  @Test func `that is rehearsed begins without the rehearsal's entries`() throws {
    var contest = Contest()
    let event = try Event(try members(#"{"name":"a"}"#), id: "e").moved(to: .rehearsal)
    try apply([.setEvent(event), .submit(entry("1")), .submit(entry("2"))], to: &contest)
    try apply([.setWinners([WinnerList(category: "best", entryIDs: ["1"])])], to: &contest)
    try apply([.start(event.moved(to: .live))], to: &contest)
    #expect(contest.allEntries.isEmpty && contest.winners.isEmpty && contest.event?.state == .live)
    #expect(contest.entry(ofSubmission: "sub-1") == nil)
    for again in try readAgain(contest) { #expect(again == contest) }
    try apply([.submit(entry("3"))], to: &contest)
    #expect(contest.entry(id: "3")?.number == 1)
    #expect(throws: Refusal.badState(.live)) { try apply([.start(event)], to: &contest) }
  }
}

struct `A change that was decided on something older` {
  @Test func `brings no rehearsal back to an event that has entries`() throws {
    var contest = Contest()
    let rehearsed = try Event(try members(#"{"name":"a"}"#), id: "e").moved(to: .rehearsal)
    try apply([.setEvent(rehearsed), .submit(entry("1"))], to: &contest)
    #expect(throws: Refusal.hasEntries) {
      try apply([.setEvent(rehearsed.moved(to: .live))], to: &contest)
    }
    try apply([.start(rehearsed.moved(to: .live)), .submit(entry("2"))], to: &contest)
    #expect(throws: Refusal.hasEntries) { try apply([.setEvent(rehearsed)], to: &contest) }
    #expect(contest.entry(id: "2") != nil && contest.event?.state == .live)
  }

  @Test func `tells everybody of an entry only what they may see now`() throws {
    var contest = Contest()
    try apply([.submit(entry("1", .pending))], to: &contest)
    let pending = try #require(contest.entry(id: "1"))
    let edit = try EntryEdit(pending, members: try members(#"{"caption":"x"}"#))
    try apply([.moderate(ModerationDecision(pending, .approved))], to: &contest)
    #expect(edit.shown == nil && contest.settled(edit).shown?["caption"] == "x")
    let approved = try EntryEdit(
      try #require(contest.entry(id: "1")), members: try members(#"{"caption":"y"}"#))
    try apply([.moderate(ModerationDecision(pending, .rejected)), .edit(edit)], to: &contest)
    #expect(approved.shown != nil && contest.settled(approved).shown == nil)
    #expect(contest.settled(approved).before["caption"] == "x")
    let again = contest.settled(ModerationDecision(pending, .approved))
    #expect(again.shown["caption"] == "x" && again.shown["number"] == 1)
  }
}

struct `A contestant's number` {
  @Test(arguments: ["0", "-1", "9223372036854775807", "\"7\"", "1e300"])
  func `that another program wrote is not counted from`(_ number: String) throws {
    let text =
      "{\"submissions\":{\"best\":[{\"id\":\"x\",\"number\":\(number)}]},\"winners\":{},\"lastNumber\":\(number)}"
    var contest = try Contest(members: try members(text))
    try apply([.submit(entry("1"))], to: &contest)
    #expect(contest.entry(id: "1")?.number == 1)
  }

  @Test func `is given once, when the entry becomes public`() throws {
    var contest = Contest()
    try apply(
      [
        .submit(entry("1")), .submit(entry("2", .pending)), .submit(entry("3", category: "sleeve")),
      ], to: &contest)
    func numbers() -> [Int?] { ["1", "2", "3", "4", "5"].map { contest.entry(id: $0)?.number } }
    #expect(numbers() == [1, nil, 2, nil, nil])
    let pending = try #require(contest.entry(id: "2"))
    try apply(
      [
        .moderate(ModerationDecision(pending, .rejected)),
        .moderate(ModerationDecision(pending, .approved)),
        .moderate(ModerationDecision(pending, .rejected)),
        .moderate(ModerationDecision(pending, .approved)),
      ], to: &contest)
    #expect(numbers() == [1, 3, 2, nil, nil])
    // The highest is not given again, though its entry is gone.
    try apply([.remove(entryID: "2"), .submit(entry("4"))], to: &contest)
    #expect(numbers() == [1, nil, 2, 4, nil])
    try apply([.submit(entry("5"))], to: &contest)
    for again in try readAgain(contest) {
      var again = try #require(again)
      #expect(again == contest)
      try apply([.submit(entry("6"))], to: &again)
      #expect(again.entry(id: "6")?.number == 6)
    }
  }

  @Test func `goes on after a restart, whatever an earlier version has left`() throws {
    var contest = Contest()
    // Of an earlier version: without numbers.
    for key in ["a", "b"] { _ = try contest.apply(.submit(entry(key))) }
    try apply(
      [
        .submit(entry("1")), .submit(entry("2")), .submit(entry("p", .pending)),
        .submit(entry("s", category: "sleeve", .pending)),
      ], to: &contest)
    for again in try readAgain(contest) {
      var again = try #require(again)
      #expect(again == contest && again.lastNumber == 2)
      try apply([.submit(entry("3"))], to: &again)
      #expect(again.entry(id: "3")?.number == 3)
    }
  }

  // The data file gets only the new entry's bytes; whatever else changed would be taken for damage.
  @Test func `of a new entry changes nothing else in the file`() throws {
    var contest = Contest()
    try apply([.submit(entry("1")), .submit(entry("2"))], to: &contest)
    try apply([.remove(entryID: "2")], to: &contest)
    for key in ["3", "4"] {
      var (before, after): ([UInt8], [UInt8]) = ([], [])
      contest.appendSerialized(to: &before)
      try apply([.submit(entry(key))], to: &contest)
      contest.appendSerialized(to: &after)
      let added = try #require(contest.entry(id: key)).text + Array(",\n".utf8)
      let place = try #require(after.firstRange(of: added))
      #expect(Array(after[..<place.lowerBound] + after[place.upperBound...]) == before)
    }
  }

  @Test func `stays the same in another category, and is what every list shows`() throws {
    var contest = Contest()
    try apply(
      [
        .submit(entry("1", at: 1)), .submit(entry("2", at: 2)),
        .submit(entry("3", category: "sleeve", at: 3)),
        .submit(entry("4", category: "sleeve", at: 4)),
      ], to: &contest)
    let moved = try #require(contest.entry(id: "2"))
    try apply([.edit(EntryEdit(moved, to: "sleeve"))], to: &contest)
    #expect(contest.entries(in: "sleeve").map(\.id) == ["4", "3", "2"])
    #expect(contest.entries(in: "best").map(\.id) == ["1"])
    #expect(contest.entry(id: "2")?.number == 2 && contest.entry(ofSubmission: "sub-2")?.id == "2")
    for again in try readAgain(contest) { #expect(again == contest) }
    let feed = String(decoding: contest.feedJSON, as: UTF8.self)
    #expect((1...4).allSatisfy { feed.contains("\"number\":\($0)") })
  }
}

struct `A correction` {
  @Test(arguments: [
    "{}", #"{"phone":"1"}"#, #"{"caption":7}"#, #"{"caption":"a\u0000"}"#, #"{"number":1}"#,
  ])
  func `is of words only`(_ text: String) throws {
    let members = try members(text)
    #expect(throws: Refusal.self) { _ = try EntryEdit(entry("1"), members: members) }
  }

  @Test func `says what was there before`() throws {
    var contest = Contest()
    try apply([.submit(entry("1"))], to: &contest)
    let edit = try EntryEdit(
      try #require(contest.entry(id: "1")),
      members: try members(#"{"caption":"better","artist":""}"#))
    #expect(edit.before["caption"] == "c" && edit.before["artist"] == "Ada")
    try apply([.edit(edit)], to: &contest)
    let after = try #require(contest.entry(id: "1"))
    #expect(after.feedEntry.caption == "better" && after.artist.isEmpty && after.studio == "Iron")
    #expect(after.number == 1)
  }
}

struct `An artist` {
  @Test func `is named only with published winners, and where that is wanted`() throws {
    var contest = Contest()
    try apply([.submit(entry("1"))], to: &contest)
    let winners = [WinnerList(category: "best", entryIDs: ["1"])]
    func isNamed() -> Bool {
      [contest.feedJSON, contest.winnersJSON].contains { text in
        String(decoding: text, as: UTF8.self).contains("Ada")
      }
    }
    #expect(!isNamed())
    try apply([.setWinners(winners)], to: &contest)
    #expect(!isNamed())
    try apply([.setWinners(winners, revealsArtists: true)], to: &contest)
    #expect(isNamed() && !String(decoding: contest.feedJSON, as: UTF8.self).contains("Ada"))
    for again in try readAgain(contest) { #expect(again == contest) }
    try apply([.setWinners(winners)], to: &contest)
    #expect(!isNamed())
  }
}

struct `The end of an event` {
  private func event() throws -> Event {
    try Event(
      try members(##"{"name":"Ink","tagline":"t","endsAt":9,"accent":"#ffb000"}"##), id: "e")
  }

  private func finalized(_ changes: [Change] = []) throws -> Contest {
    var contest = Contest()
    try apply([.setEvent(try event()), .submit(entry("1")), .submit(entry("2"))], to: &contest)
    try apply(changes, to: &contest)
    try apply(
      [.ending(.finalize(eventID: "e", comment: "c", atMilliseconds: 5))], to: &contest)
    return contest
  }

  @Test func `is the inverse of what brings it back`() throws {
    var contest = try finalized([.setWinners([WinnerList(category: "best", entryIDs: ["1"])])])
    let before = contest
    let archive: Change = .ending(
      .archive(
        eventID: "e", mark: contest.mark, successor: try #require(contest.event).successor(id: "f"))
    )
    try apply([archive], to: &contest)
    #expect(contest.allEntries.isEmpty && contest.winners.isEmpty && contest.lastNumber == 0)
    #expect(contest.event?.id == "f" && contest.event?.state == .live)
    #expect(contest.event?.tagline == "t" && contest.event?.endsAtMilliseconds == nil)
    #expect(contest.entry(ofSubmission: "sub-1") == nil)
    for again in try readAgain(contest) { #expect(again == contest) }
    var text: [UInt8] = []
    before.appendSerialized(to: &text)
    let contents = try JSONValue(parsing: [0x7B] + text + [0x7D]).object ?? JSONObject()
    try apply([.ending(.unarchive(eventID: "e", contents: contents))], to: &contest)
    #expect(contest == before && contest.mark == before.mark)
    #expect(contest.entry(ofSubmission: "sub-1")?.number == 1)
  }

  @Test func `archives nothing that has changed since, and nothing of another event`() throws {
    var contest = try finalized()
    let (mark, event) = (contest.mark, try #require(contest.event))
    func archive(_ id: String, _ mark: ListMark) -> Change {
      .ending(.archive(eventID: id, mark: mark, successor: event.successor(id: "f")))
    }
    try apply([.remove(entryID: "1")], to: &contest)
    #expect(throws: Refusal.changedMeanwhile) { try apply([archive("e", mark)], to: &contest) }
    #expect(throws: Refusal.badState(.finalized)) {
      try apply([archive("x", contest.mark)], to: &contest)
    }
    let contents = try members(#"{"submissions":{},"winners":{}}"#)
    #expect(throws: Refusal.hasEntries) {
      try apply([.ending(.unarchive(eventID: "e", contents: contents))], to: &contest)
    }
    try apply(
      [.ending(.reopen(eventID: "e", reason: "r", atMilliseconds: 7))], to: &contest)
    #expect(contest.event?.state == .live)
    #expect(throws: Refusal.badState(.live)) {
      try apply([archive("e", contest.mark)], to: &contest)
    }
  }

  @Test func `waits for what is undecided`() throws {
    let draft: Change = .draftWinners([WinnerList(category: "best", entryIDs: ["1"])])
    let pending: Change = .submit(entry("3", .pending))
    for (changes, kinds) in [
      ([draft], [EventBlocker.Kind.unpublishedWinners]), ([pending], [.pendingEntries]),
      ([pending, draft], [.pendingEntries, .unpublishedWinners]),
      ([draft, .draftWinners([WinnerList(category: "best", entryIDs: [])])], []),
    ] {
      if kinds.isEmpty {
        _ = try finalized(changes)
      } else {
        let refusal = #expect(throws: Refusal.self) { try finalized(changes) }
        #expect(refusal?.code == "blocked")
      }
      var contest = Contest()
      try apply([.setEvent(try event()), .submit(entry("1"))] + changes, to: &contest)
      #expect(contest.blockersOfEnd(atMilliseconds: 0).map(\.kind) == kinds)
    }
  }

  @Test func `lets nothing in any more, and finds what was there`() throws {
    var contest = try finalized()
    let before = contest
    #expect(try contest.apply(.submit(entry("1")))?.id == "1")
    for change in [
      .submit(entry("9")), .setWinners([]), .setCategories([]), .setEvent(try event()),
      .draftWinners([]),
    ] as [Change] {
      #expect(throws: Refusal.eventFinalized) { try contest.apply(change) }
    }
    #expect(contest == before)
  }
}
