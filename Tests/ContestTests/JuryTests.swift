import Contest
import JSON
import Testing

private func entry(_ number: Int) -> Entry {
  Entry(
    Entry.Submission(
      category: "best", caption: "c", name: "n", phone: "p", submissionID: "sub-\(number)"),
    id: "e\(number)", transactionID: "txn-\(number)", createdAtMilliseconds: number, imageURL: nil,
    storageMethod: .none)
}

private func value(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

/// A contest with three entries, two judges and an open round.
private func contest() throws -> Contest {
  var contest = Contest()
  let sheet = try Sheet(
    value(#"{"id":"s","name":"S","criteria":[{"id":"line","name":"Line"}]}"#))
  let judges = [
    try Judge(value(#"{"id":"kim","name":"Kim"}"#)),
    try Judge(value(#"{"id":"lee","name":"Lee"}"#)),
  ]
  let round = try Round(
    value(#"{"id":"r","name":"R","sheet":"s","from":{"category":"best"}}"#))
  let changes: [Change] =
    (1...3).map { .submit(entry($0)) } + [
      .jury(.setSheets([sheet], replacing: nil)), .jury(.setJudges(judges, replacing: nil)),
      .jury(.linkJudge(id: "kim", tokenHash: "hash")), .jury(.setRounds([round], replacing: nil)),
      .jury(.open(round: "r", entries: ["e1", "e2", "e3"])),
    ]
  for change in changes { try apply(change, to: &contest) }
  return contest
}

/// Applies a change as a leader does: it is settled first, and comes back from the log.
@discardableResult
private func apply(_ change: Change, to contest: inout Contest) throws -> Scorecard? {
  if case .scorecard(let card) = change {
    let text = Change.scorecard(contest.settled(card)).dataText
    return try contest.record(try #require(Change.scorecard(written: text)))
  }
  var settled = change
  if case .submit(let entry) = change { settled = .submit(contest.settled(entry)) }
  _ = try contest.apply(try Change(data: settled.data))
  return nil
}

private func card(
  _ judge: String, _ entry: Int, _ mark: Int, revision: Int = 1, _ state: Scorecard.State = .final
) -> Change {
  let scores = JSONObject([.init(name: "line", value: .int(mark))])
  return .scorecard(
    Scorecard(
      Scorecard.Place(round: "r", judge: judge, entry: "e\(entry)"), revision: revision,
      content: Scorecard.Content(scores: scores, state: state), atMilliseconds: revision,
      clientAt: nil, author: .judge, transactionID: "txn-\(judge)-\(entry)-\(revision)"))
}

struct `A contest with a jury` {
  @Test func `is read again as it was written, in either way`() throws {
    var contest = try contest()
    for change in [
      card("kim", 1, 8), card("lee", 1, 7), card("kim", 1, 9, revision: 2),
      .jury(.lock(round: "r")), card("lee", 2, 5),
      .jury(.reopen(round: "r", reason: "why", atMilliseconds: 7)), .jury(.lock(round: "r")),
      card("kim", 2, 3),
    ] { try apply(change, to: &contest) }
    var text: [UInt8] = []
    contest.appendSerialized(to: &text) { list, _, _ in list == Contest.cardList ? 100 : 10 }
    let members = try JSONValue(parsing: [0x7B] + text + [0x7D]).object ?? JSONObject()
    for again in [try Contest(members: members), try #require(Contest(written: text[...]))] {
      #expect(again == contest)
      let marks = try again.marks(ofRound: "r")
      // Late before the round was opened again: it counts; late after that: it does not.
      let (kim, lee) = (again.jury.judges[0], again.jury.judges[1])
      #expect(marks.card(lee, entry(2))?.isLate == true && marks.card(kim, entry(2)) == nil)
      #expect(marks.card(kim, entry(1))?.revision == 2 && marks.lateCount == 1)
    }
  }

  @Test func `comes to the same when its log is replayed`() throws {
    var first = try contest()
    var log: [[UInt8]] = []
    for change in [
      card("kim", 1, 8), .jury(.lock(round: "r")), card("lee", 1, 7),
      .jury(.reopen(round: "r", reason: "why", atMilliseconds: 7)), card("lee", 2, 4),
    ] {
      if case .scorecard(let card) = change {
        log.append(Change.scorecard(first.settled(card)).dataText)
      } else {
        log.append(change.dataText)
      }
      try apply(change, to: &first)
    }
    var second = try contest()
    for text in log {
      if let card = Change.scorecard(written: text) {
        #expect(try second.record(card) == nil)
      } else {
        _ = try second.apply(try Change(data: try #require(try JSONValue(parsing: text).object)))
      }
    }
    #expect(second == first)
  }

  @Test func `keeps members of these names that are another program's`() throws {
    let text = #"""
      {"submissions":{},"winners":{},"judges":{"who":1},"sheets":[{"id":1}],"rounds":"none",
       "scorecards":[{"x":1}]}
      """#
    var contest = try Contest(members: try #require(try value(text).object))
    #expect(contest.jury.judges.isEmpty && contest.jury.cards.isEmpty)
    func written() -> String {
      var text: [UInt8] = []
      contest.appendSerialized(to: &text)
      return String(decoding: text, as: UTF8.self)
    }
    for kept in [#""judges":{"who":1}"#, #""sheets":[{"id":1}]"#, #""scorecards":[{"x":1}]"#] {
      #expect(written().contains(kept))
    }
    // Nothing of it is written over.
    #expect(throws: Refusal.self) {
      try apply(.jury(.setJudges([], replacing: nil)), to: &contest)
    }
    #expect(written().contains(#""judges":{"who":1}"#))
  }

  @Test(arguments: ["judges", "sheets", "rounds", "scorecards"])
  func `counts a list as damaged that cannot be read beside others`(_ name: String) throws {
    var contest = try contest()
    try apply(card("kim", 1, 8), to: &contest)
    var text: [UInt8] = []
    contest.appendSerialized(to: &text)
    for broken in [#"{"who":1}"#, #"[{"x":1}]"#] as [String] {
      var members = try JSONValue(parsing: [0x7B] + text + [0x7D]).object ?? JSONObject()
      members[name] = try value(broken)
      #expect(throws: Refusal.self) { try Contest(members: members) }
    }
  }

  @Test func `is decided of the cards that its result was made of, and of no others`() throws {
    var contest = try contest()
    for change in [card("kim", 1, 8), card("lee", 1, 7), .jury(.lock(round: "r"))] {
      try apply(change, to: &contest)
    }
    let mark = contest.jury.markOfResult(ofRound: "r")
    let decide = Change.jury(
      .decide(round: "r", decision: JSONObject(), winners: nil, replacing: mark))
    // A card that arrives in between, even one that does not count, makes it another result.
    var later = contest
    try apply(card("kim", 1, 3, revision: 2), to: &later)
    #expect(throws: Refusal.changedMeanwhile) { try apply(decide, to: &later) }
    try apply(decide, to: &contest)
    #expect(contest.jury.rounds[0].state == .decided)
  }

  @Test func `starts its event with rounds to be set up, and without a card`() throws {
    var contest = try contest()
    try apply(card("kim", 1, 8), to: &contest)
    let event = try Event(try #require(try value(#"{"name":"Ink"}"#).object), id: "1")
    var rehearsed = contest
    #expect(throws: Refusal.self) { try apply(.start(event), to: &rehearsed) }
    var empty = Contest()
    try apply(.setEvent(event.moved(to: .rehearsal)), to: &empty)
    for change in try changes(of: contest) { try apply(change, to: &empty) }
    try apply(.start(event), to: &empty)
    #expect(empty.jury.cards.isEmpty && empty.jury.rounds.map(\.state) == [.setup])
    #expect(empty.jury.judges.map(\.id) == ["kim", "lee"] && empty.jury.rounds[0].entries.isEmpty)
  }

  private func changes(of contest: Contest) throws -> [Change] {
    [
      .submit(entry(1)), .jury(.setSheets(contest.jury.sheets, replacing: nil)),
      .jury(.setJudges(contest.jury.judges, replacing: nil)),
      .jury(
        .setRounds(
          [try Round(value(#"{"id":"r","name":"R","sheet":"s","from":{"category":"best"}}"#))],
          replacing: nil)),
      .jury(.open(round: "r", entries: ["e1"])), card("kim", 1, 8),
    ]
  }
}
