import Contest
import JSON
import Testing

private let voters = (0..<6).map { VotingSerial.text($0) }

private func entry(_ number: Int, _ category: String = "best") -> Entry {
  Entry(
    Entry.Submission(
      category: category, caption: "c", name: "n", phone: "p", submissionID: "sub-\(number)"),
    id: "e\(number)", transactionID: "txn-\(number)", createdAtMilliseconds: number, imageURL: nil,
    storageMethod: .none)
}

private func members(_ text: String) throws -> JSONObject {
  try #require(try JSONValue(parsing: Array(text.utf8)).object)
}

/// A contest with four entries, one of them of another category, whose vote is set up with ten codes.
private func contest() throws -> Contest {
  var contest = Contest()
  for change in (1...3).map({ Change.submit(entry($0)) }) + [.submit(entry(4, "worst"))] {
    if case .submit(let entry) = change { _ = try contest.apply(.submit(contest.settled(entry))) }
  }
  try change(&contest, .settings) { voting throws(Refusal) in
    try voting.changed(by: JSONObject([.init(name: "choices", value: 2)]), atMilliseconds: 1)
  }
  try change(&contest, .batch) { voting throws(Refusal) in
    try voting.adding(codes: 10, atMilliseconds: 1)
  }
  return contest
}

/// Changes the vote as a leader does: the change comes back from the log.
private func change(
  _ contest: inout Contest, _ action: VotingChange.Action,
  _ body: (Voting) throws(Refusal) -> Voting
) throws {
  let change = Change.voting(
    VotingChange(
      action, try body(contest.voting), replacing: ListMark(of: contest.voting)))
  _ = try contest.apply(try Change(data: change.data))
}

/// Lets the vote open at 50 and close at 60.
private func setTimes(_ contest: inout Contest) throws {
  try change(&contest, .settings) { voting throws(Refusal) in
    try voting.changed(
      by: JSONObject([.init(name: "opensAt", value: 50), .init(name: "closesAt", value: 60)]),
      atMilliseconds: 1)
  }
}

private func open(_ contest: inout Contest) throws {
  try change(&contest, .open) { voting throws(Refusal) in try voting.opened(atMilliseconds: 10) }
}

private func close(_ contest: inout Contest) throws {
  try change(&contest, .close) { voting throws(Refusal) in try voting.closed(atMilliseconds: 100) }
}

/// Keeps a ballot; it comes back from the log.
@discardableResult
private func vote(
  _ contest: inout Contest, _ voter: String, _ choices: [Int], at time: Int = 20,
  _ way: Ballot.Way = .phone
) throws -> Ballot? {
  let ballot = Ballot(
    of: voter, choices: choices.map { "e\($0)" }, atMilliseconds: time, way: way,
    transactionID: "txn-\(voter)-\(time)")
  return try contest.record(
    try #require(Change.ballot(written: Change.ballot(ballot).dataText)))
}

struct `The audience's vote` {
  @Test func `counts the last ballot of each voter, each choice the same, and says a tie`() throws {
    var contest = try contest()
    try open(&contest)
    try vote(&contest, voters[0], [1, 2])
    try vote(&contest, voters[1], [2])
    try vote(&contest, voters[2], [3, 4])
    try vote(&contest, voters[0], [1, 3], at: 21)
    #expect(contest.turnout == 3 && contest.ballotBox.ballots.count == 4)
    let tally = contest.tally
    #expect(tally.ballotCount == 3)
    #expect(tally.places.map(\.number) == [1, 2])
    #expect(tally.places.map(\.entries) == [["e3"], ["e1", "e2", "e4"]])
    #expect(tally.places.map(\.votes) == [2, 1])
  }

  @Test func `keeps the same ballot once`() throws {
    var contest = try contest()
    try open(&contest)
    try #expect(vote(&contest, voters[0], [1]) == nil)
    try #expect(vote(&contest, voters[0], [1], at: 30)?.atMilliseconds == 20)
    // Also when the answer was lost and it is sent again after the end.
    try close(&contest)
    try #expect(vote(&contest, voters[0], [1], at: 300)?.atMilliseconds == 20)
    #expect(contest.ballotBox.ballots.count == 1)
  }

  @Test(arguments: [([], "bad_choices"), ([1, 2, 3], "bad_choices"), ([1, 1], "bad_choices")])
  func `refuses a ballot with too few choices, too many, or the same twice`(
    _ choices: [Int], _ code: String
  ) throws {
    var contest = try contest()
    try open(&contest)
    let refusal = #expect(throws: Refusal.self) { try vote(&contest, voters[0], choices) }
    #expect(refusal?.code == code && contest.ballotBox.ballots.isEmpty)
  }

  @Test func `takes ballots while it is open, and of paper until the result is out`() throws {
    var contest = try contest()
    func refusal(_ way: Ballot.Way, at time: Int) -> String? {
      #expect(throws: Refusal.self) { try vote(&contest, voters[0], [2], at: time, way) }?.code
    }
    #expect(refusal(.phone, at: 5) == "voting_not_open")
    try open(&contest)
    try vote(&contest, voters[0], [1])
    try close(&contest)
    #expect(refusal(.phone, at: 101) == "voting_closed")
    try vote(&contest, voters[1], [1], at: 101, .desk)
    try change(&contest, .publish) { voting throws(Refusal) in
      try voting.published(JSONObject(), atMilliseconds: 102)
    }
    #expect(refusal(.desk, at: 103) == "voting_published")
  }

  @Test func `opens and closes by its times`() throws {
    var contest = try contest()
    try setTimes(&contest)
    let states = [49, 50, 59, 60].map { contest.voting.state(atMilliseconds: $0) }
    #expect(states == [.setup, .open, .open, .closed])
    try vote(&contest, voters[0], [1], at: 55)
    #expect(throws: Refusal.votingState(.closed)) {
      try vote(&contest, voters[1], [1], at: 60)
    }
    // It is opened again without an end, and says so.
    try change(&contest, .reopen) { voting throws(Refusal) in
      try voting.reopened("The network was down", atMilliseconds: 70)
    }
    #expect(contest.voting.state(atMilliseconds: 10_000) == .open)
    #expect(contest.voting.reopenings.count == 1)
  }

  @Test func `is opened again with a reason, and not by another time`() throws {
    var contest = try contest()
    try setTimes(&contest)
    for (text, time) in [
      (#"{"closesAt":90}"#, 70), (#"{"closesAt":null}"#, 70), (#"{"opensAt":null}"#, 55),
      (#"{"choices":1}"#, 55),
    ] {
      let members = try members(text)
      #expect(throws: Refusal.self, "\(text)") {
        try contest.voting.changed(by: members, atMilliseconds: time)
      }
    }
    let later = try contest.voting.changed(by: members(#"{"closesAt":90}"#), atMilliseconds: 55)
    #expect(later.state(atMilliseconds: 80) == .open)
  }

  @Test func `lets no paper replace what came from a phone, and nobody change the mind for ever`()
    throws
  {
    var contest = try contest()
    try open(&contest)
    for turn in 0..<50 { try vote(&contest, voters[0], [1 + turn % 2], at: 20 + turn) }
    #expect(throws: Refusal.tooManyBallots) { try vote(&contest, voters[0], [3], at: 90) }
    #expect(throws: Refusal.self) { try vote(&contest, voters[0], [3], at: 91, .desk) }
    try close(&contest)
    try vote(&contest, voters[1], [3], at: 101, .desk)
    try vote(&contest, voters[1], [2], at: 102, .desk)
    let seen = try #require(try contest.voting.seen(atMilliseconds: 103))
    try change(&contest, .seen) { _ throws(Refusal) in seen }
    #expect(throws: Refusal.tallySeen) { try vote(&contest, voters[2], [3], at: 104, .desk) }
    #expect(throws: Refusal.tallySeen) {
      try contest.voting.voiding(0...0, ofBatch: "1", atMilliseconds: 104)
    }
  }

  @Test(arguments: [Int.min, Int.max, 0, 20_001])
  func `makes no batch of a number that makes no sense`(_ count: Int) throws {
    let contest = try contest()
    #expect(throws: Refusal.self) { try contest.voting.adding(codes: count, atMilliseconds: 1) }
  }

  @Test func `forgets an entry that is removed, and keeps the rest of the ballot`() throws {
    var contest = try contest()
    try open(&contest)
    try vote(&contest, voters[0], [1, 2])
    _ = try contest.apply(.remove(entryID: "e1"))
    #expect(contest.tally.places.map(\.entries) == [["e2"]])
    #expect(contest.tally.ballotCount == 1)
  }

  @Test func `counts neither void codes nor ballots that are set aside`() throws {
    var contest = try contest()
    try open(&contest)
    for voter in voters { try vote(&contest, voter, [1]) }
    try change(&contest, .void) { voting throws(Refusal) in
      try voting.voiding(1...2, ofBatch: "1", atMilliseconds: 30)
    }
    try change(&contest, .aside) { voting throws(Refusal) in
      try voting.settingAside([voters[5]], "Found in the bin", atMilliseconds: 31)
    }
    #expect(throws: Refusal.codeVoid) { try vote(&contest, voters[1], [2], at: 32) }
    let tally = contest.tally
    #expect((tally.ballotCount, tally.voidCount, tally.setAsideCount) == (3, 2, 1))
    #expect(contest.turnout == 4)
    // What was never given out is void, too.
    #expect(throws: Refusal.codeVoid) { try vote(&contest, VotingSerial.text(10), [1]) }
  }

  @Test func `sets nothing aside once somebody has seen the tally`() throws {
    var contest = try contest()
    try open(&contest)
    try vote(&contest, voters[0], [1])
    try close(&contest)
    let seen = try #require(try contest.voting.seen(atMilliseconds: 101))
    try change(&contest, .seen) { _ throws(Refusal) in seen }
    #expect(try contest.voting.seen(atMilliseconds: 102) == nil)
    #expect(throws: Refusal.tallySeen) {
      try contest.voting.settingAside([voters[0]], "No", atMilliseconds: 102)
    }
  }

  @Test(arguments: [
    (#"{"choices":11}"#, "malformed"), (#"{"choices":0}"#, "malformed"),
    (#"{"mode":"paper"}"#, "malformed"), (#"{"categories":[]}"#, "malformed"),
    (#"{"opensAt":5,"closesAt":5}"#, "malformed"), (#"{"state":"open"}"#, "malformed"),
    (#"{"result":{}}"#, "malformed"),
  ])
  func `refuses settings that make no sense`(_ text: String, _ code: String) throws {
    let members = try members(text)
    let refusal = #expect(throws: Refusal.self) {
      try Voting().changed(by: members, atMilliseconds: 1)
    }
    #expect(refusal?.code == code)
  }

  @Test func `keeps what voters have relied on once it has begun`() throws {
    var contest = try contest()
    try open(&contest)
    for text in [#"{"choices":3}"#, #"{"mode":"device"}"#, #"{"categories":["best"]}"#] {
      let members = try members(text)
      #expect(throws: Refusal.votingState(.open)) {
        try contest.voting.changed(by: members, atMilliseconds: 20)
      }
    }
    let later = try members(#"{"closesAt":5000,"turnoutShown":true}"#)
    #expect(try contest.voting.changed(by: later, atMilliseconds: 20).showsTurnout)
  }

  @Test func `refuses a change that was decided on something older`() throws {
    var contest = try contest()
    let older = ListMark(of: contest.voting)
    try open(&contest)
    let late = try contest.voting.closed(atMilliseconds: 20)
    #expect(throws: Refusal.changedMeanwhile) {
      try contest.apply(.voting(VotingChange(.close, late, replacing: older)))
    }
    // A result that was counted before a ballot came.
    let counted = contest.ballotBox.ballots.count
    try vote(&contest, voters[0], [1])
    #expect(throws: Refusal.changedMeanwhile) {
      try contest.apply(
        .voting(
          VotingChange(
            .close, late, replacing: ListMark(of: contest.voting), ballotCount: counted)))
    }
  }

  @Test func `is in the data file as it is in memory`() throws {
    var contest = try contest()
    try open(&contest)
    for voter in voters { try vote(&contest, voter, [1, 2]) }
    var text: [UInt8] = []
    contest.appendSerialized(to: &text) { list, _, _ in list == Contest.ballotList ? 500 : 0 }
    #expect(Contest(written: text[...]) == contest)
    let object = try #require(try JSONValue(parsing: [0x7B] + text + [0x7D]).object)
    #expect(try Contest(members: object) == contest)
    #expect(object["votes"]?.array?.count == 6 && object["voting"]?.object?["state"] == "open")
  }

  @Test(arguments: [#"{"voting":5}"#, #"{"votes":{"a":1}}"#, #"{"votes":[7]}"#])
  func `leaves members of other programs as they are, and says so`(_ text: String) throws {
    var members = try members(text)
    members["submissions"] = .object(JSONObject())
    var contest = try Contest(members: members)
    let refusal = #expect(throws: Refusal.self) { try open(&contest) }
    #expect(refusal?.code == "malformed" || refusal?.code == "in_use")
    var written: [UInt8] = []
    contest.appendSerialized(to: &written)
    let object = try #require(try JSONValue(parsing: [0x7B] + written + [0x7D]).object)
    for member in members.members where member.name != "submissions" {
      #expect(object[member.name] == member.value)
    }
  }

  @Test func `does not lose a ballot that cannot be read`() throws {
    let text = #"{"submissions":{},"votes":[{"ballot":"0000","choices":["a"]},7]}"#
    let members = try members(text)
    #expect(throws: Refusal.self) { try Contest(members: members) }
  }

  @Test(arguments: [
    ("03F7", 3559), ("o3f7", 3559), ("0 3-F7", 3559), ("0000", 0), ("ZZZZ", 1_048_575),
    ("lI00", 33 << 10), ("03F", nil), ("03F77", nil), ("0U00", nil), ("", nil), ("éééé", nil),
  ])
  func `reads a serial as people type it`(_ text: String, _ serial: Int?) {
    #expect(VotingSerial.serial(of: text) == serial)
    if let serial { #expect(VotingSerial.serial(of: VotingSerial.text(serial)) == serial) }
  }

  /// Sets a run-off up, and opens it.
  private func runOff(_ contest: inout Contest, place: Int) throws {
    let result = contest.votingResult
    try change(&contest, .runOff) { voting throws(Refusal) in
      let seen = try voting.seen(atMilliseconds: 199) ?? voting
      return try seen.runningOff(
        place: place, of: result, excluding: [], atMilliseconds: 200)
    }
    try change(&contest, .open) { voting throws(Refusal) in
      try voting.opened(atMilliseconds: 201)
    }
  }

  @Test func `gives a shared place to its entries as the run-off says, and moves nobody else`()
    throws
  {
    var contest = try contest()
    try open(&contest)
    for (voter, choices) in zip(voters, [[1, 2], [1, 2], [3, 4], [3]]) {
      try vote(&contest, voter, choices)
    }
    try close(&contest)
    try runOff(&contest, place: 1)
    #expect(Set(contest.candidates.map(\.id)) == ["e1", "e2", "e3"] && contest.turnout == 0)
    try vote(&contest, voters[0], [2], at: 300)
    try vote(&contest, voters[5], [2], at: 301)
    try vote(&contest, voters[1], [3], at: 302)
    #expect(contest.turnout == 3 && contest.ballot(of: voters[3]) == nil)
    let places = contest.votingResult["places"]?.array?.compactMap(\.object) ?? []
    #expect(places.compactMap { $0["place"]?.int } == [1, 2, 3, 4])
    #expect(places.compactMap { $0["entries"] } == [["e2"], ["e3"], ["e1"], ["e4"]])
    #expect(contest.formerCountingBallots?.count == 4 && contest.countingBallots.count == 3)
    // There is one.
    #expect(throws: Refusal.self) {
      try contest.voting.runningOff(
        place: 1, of: contest.votingResult, excluding: [], atMilliseconds: 400)
    }
  }

  @Test
  func
    `takes no ballot that comes late once somebody has seen the tally, until it is opened again`()
    throws
  {
    var contest = try contest()
    try setTimes(&contest)
    try vote(&contest, voters[0], [1], at: 55)
    try change(&contest, .seen) { voting throws(Refusal) in
      try voting.seen(atMilliseconds: 65) ?? voting
    }
    // It arrived before the end, and waited for the disk.
    #expect(throws: Refusal.votingState(.closed)) { try vote(&contest, voters[2], [1], at: 59) }
    try change(&contest, .reopen) { voting throws(Refusal) in
      try voting.reopened("The network was down", atMilliseconds: 70)
    }
    for voter in voters[1...2] { try vote(&contest, voter, [1], at: 75) }
    #expect(contest.turnout == 3)
  }

  @Test(arguments: [
    #"{"state":"open","mode":"code","closesAt":"soon"}"#,
    #"{"state":"open","mode":"code","runOff":5}"#,
    #"{"state":"open","mode":"code","setAside":[5]}"#,
    #"{"state":"open","mode":"code","batches":[{"id":"1","from":0,"to":9,"void":[[-5,3]]}]}"#,
    #"{"state":"open","mode":"code","batches":[{"id":"1","from":0,"to":9,"void":[[5,3]]}]}"#,
    #"{"state":"open","mode":"code","batches":[{"id":"1","from":0,"to":9,"void":["x"]}]}"#,
  ])
  func `is not read where a part of it would count as none`(_ text: String) throws {
    #expect(throws: Refusal.self) { try Voting(stored: .object(try members(text))) }
  }

  @Test func `closes at no time that has passed, and has no new cards for a run-off`() throws {
    var contest = try contest()
    try open(&contest)
    #expect(throws: Refusal.self) {
      try contest.voting.changed(
        by: JSONObject([.init(name: "closesAt", value: 15)]), atMilliseconds: 20)
    }
    for voter in voters.prefix(2) { try vote(&contest, voter, [1, 2]) }
    for time in 21..<69 { try vote(&contest, voters[0], time % 2 == 0 ? [1, 2] : [2], at: time) }
    try close(&contest)
    try runOff(&contest, place: 1)
    #expect(throws: Refusal.self) { try contest.voting.adding(codes: 5, atMilliseconds: 300) }
    // Who has often changed the mind has a vote in the run-off, too.
    for time in 310..<330 { try vote(&contest, voters[0], [1 + time % 2], at: time) }
    #expect(contest.turnout == 1)
  }

  @Test
  func `gives no place to an entry that is removed during a run-off, and moves the next ones up`()
    throws
  {
    var contest = try contest()
    try open(&contest)
    for (voter, choices) in zip(voters, [[1, 2], [1, 2], [3]]) {
      try vote(&contest, voter, choices)
    }
    try close(&contest)
    try runOff(&contest, place: 1)
    try vote(&contest, voters[0], [1], at: 300)
    _ = try contest.apply(.remove(entryID: "e1"))
    let places = contest.votingResult["places"]?.array?.compactMap(\.object) ?? []
    #expect(places.compactMap { $0["entries"] } == [["e2"], ["e3"]])
    #expect(places.compactMap { $0["place"]?.int } == [1, 2])
  }

  @Test func `finds what a recount has and the data file has not, and the other way round`() throws
  {
    var contest = try contest()
    try open(&contest)
    for voter in voters.prefix(3) { try vote(&contest, voter, [1]) }
    let logged = Array(contest.ballotBox.ballots.reversed())
    let same = VoteRecount(logged, isWhole: true, comparedWith: contest)
    #expect(same.differences.isEmpty && same.loggedCount == 3 && same.olderCount == 0)
    let fewer = VoteRecount(Array(logged.dropFirst()), isWhole: true, comparedWith: contest)
    #expect(fewer.differences.count == 2)
    // A log that was cut by its age may lack the oldest ones.
    let cut = VoteRecount(Array(logged.dropFirst()), isWhole: false, comparedWith: contest)
    #expect(cut.differences.isEmpty && cut.olderCount == 1)
    let moved = VoteRecount(logged.reversed(), isWhole: true, comparedWith: contest)
    #expect(moved.differences.count == 1)
  }

  @Test(arguments: [
    (30, 60, 10, ["crowd"]), (29, 60, 10, []), (4, 2, 9000, ["hasty"]), (5, 60, 9000, ["alike"]),
  ])
  func `says which ballots of browsers are odd`(
    _ count: Int, _ seconds: Int, _ apart: Int, _ kinds: [String]
  ) {
    let ballots = (0..<count).map { number in
      // Those of a crowd say different things.
      Ballot(
        of: "d\(number)", choices: ["e\(kinds == ["alike"] ? 0 : number)"],
        atMilliseconds: number * apart, way: .phone, transactionID: "txn-\(number)",
        origin: Ballot.Origin(network: "N", seconds: seconds))
    }
    let odd = OddBallots(ballots)
    #expect(odd.groups.map(\.kind.rawValue) == kinds)
    #expect(odd.groups.allSatisfy { $0.ballots.count == count })
    #expect(OddBallots([]).groups.isEmpty)
  }
}
