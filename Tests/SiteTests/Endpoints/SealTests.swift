import Contest
import ContestAPI
import Foundation
import JSON
import TestSupport
import Testing

private let voters = (0..<6).map { VotingSerial.text($0) }

/// A contest with three entries whose vote is set up with ten codes; a ballot may name two.
private struct SealedContest {
  var contest = Contest()
  let key: SealKey

  init() throws {
    key = try #require(SealKey.random())
    for number in 1...3 {
      let submission = Entry.Submission(
        category: "best", caption: "c", name: "n", phone: "p", submissionID: "sub-\(number)")
      let entry = Entry(
        submission, id: "e\(number)", transactionID: "txn-\(number)", createdAtMilliseconds: number,
        imageURL: nil, storageMethod: .none)
      _ = try contest.apply(.submit(contest.settled(entry)))
    }
    let two = JSONObject([.init(name: "choices", value: 2)])
    try change(.settings) { voting throws(Refusal) in try voting.changed(by: two, atMilliseconds: 1)
    }
    try change(.batch) { voting throws(Refusal) in try voting.adding(codes: 10, atMilliseconds: 1) }
    try seal(with: key)
  }

  /// Changes the vote as a leader does: the change comes back from the log.
  mutating func change(
    _ action: VotingChange.Action, _ body: (Voting) throws(Refusal) -> Voting
  ) throws {
    let change = Change.voting(
      VotingChange(action, try body(contest.voting), replacing: ListMark(of: contest.voting)))
    _ = try contest.apply(try Change(data: change.data))
  }

  mutating func seal(with key: SealKey) throws {
    try change(.seal) { voting throws(Refusal) in
      try voting.sealed(by: key.seal, atMilliseconds: 5)
    }
  }

  mutating func open() throws {
    try change(.open) { voting throws(Refusal) in try voting.opened(atMilliseconds: 10) }
  }

  mutating func close(at time: Int = 100) throws {
    try change(.close) { voting throws(Refusal) in try voting.closed(atMilliseconds: time) }
  }

  mutating func unseal(with key: SealKey, at time: Int = 150) throws {
    try change(.unseal) { voting throws(Refusal) in
      try voting.unsealed(with: key, atMilliseconds: time)
    }
  }

  /// A ballot as a responder makes it.
  func ballot(
    _ voter: String, _ choices: [Int], at time: Int = 20, id: String? = nil,
    sealedBy seal: VoteSeal?
  ) throws -> Ballot {
    let clear = Ballot(
      of: voter, choices: choices.map { "e\($0)" }, atMilliseconds: time, way: .phone,
      transactionID: "txn-\(voter)-\(time)", id: id)
    return try seal.map { try $0.sealed(clear, maxChoices: contest.voting.choices) } ?? clear
  }

  /// Keeps a ballot as the vote asks for it; it comes back from the log.
  @discardableResult
  mutating func vote(
    _ voter: String, _ choices: [Int], at time: Int = 20, id: String? = nil
  ) throws -> Ballot {
    let ballot = try ballot(voter, choices, at: time, id: id, sealedBy: contest.voting.seal)
    let logged = try #require(Change.ballot(written: Change.ballot(ballot).dataText))
    return try contest.record(logged) ?? logged
  }
}

struct `Sealed ballots` {
  @Test func `are counted with their key only, and then as they were`() throws {
    var site = try SealedContest()
    let other = try #require(SealKey.random())
    try site.open()
    let ballots = [try site.vote(voters[0], [1, 2]), try site.vote(voters[1], [2])]
    for ballot in ballots {
      #expect(ballot.isSealed && ballot.choices.isEmpty)
      #expect(!String(decoding: ballot.text, as: UTF8.self).contains(#""e2""#))
    }
    // Its length does not tell how many entries it names.
    #expect(ballots[0].text.count == ballots[1].text.count)
    try site.close()
    let voting = site.contest.voting
    let sealed = Refusal.votingSealed(site.key.seal.name)
    #expect(throws: sealed) { try voting.seen(atMilliseconds: 120) }
    #expect(throws: sealed) { try voting.published(JSONObject(), atMilliseconds: 120) }
    #expect(throws: sealed) { try voting.revealing(1, of: JSONObject(), atMilliseconds: 120) }
    #expect(throws: sealed) {
      try voting.runningOff(place: 1, of: JSONObject(), excluding: [], atMilliseconds: 120)
    }
    #expect(throws: Refusal.wrongKey(site.key.seal.name)) {
      try voting.unsealed(with: other, atMilliseconds: 120)
    }
    try site.unseal(with: site.key)
    let tally = site.contest.tally
    #expect(tally.places.map(\.entries) == [["e2"], ["e1"]])
    #expect(tally.unreadableCount == 0 && tally.json["unreadable"] == nil)
    #expect(site.contest.ballot(of: voters[0])?.choices == ["e1", "e2"])
    // The answer to the first time may be lost.
    try site.unseal(with: site.key)
    #expect(throws: Refusal.inUse("The ballots are not sealed.")) { try site.unseal(with: other) }
  }

  @Test func `are in the data file as in memory, and are counted again from the log`() throws {
    var site = try SealedContest()
    try site.open()
    for voter in voters { try site.vote(voter, [1, 2]) }
    let logged = Array(site.contest.ballotBox.ballots.reversed())
    for isOpened in [false, true] {
      if isOpened {
        try site.close()
        try site.unseal(with: site.key)
      }
      let contest = site.contest
      var text: [UInt8] = []
      contest.appendSerialized(to: &text) { list, _, _ in list == Contest.ballotList ? 500 : 0 }
      #expect(Contest(written: text[...]) == contest)
      let object = try #require(try JSONValue(parsing: [0x7B] + text + [0x7D]).object)
      #expect(try Contest(members: object) == contest)
      #expect(VoteRecount(logged, isWhole: true, comparedWith: contest).differences.isEmpty)
      let fewer = VoteRecount(Array(logged.dropFirst()), isWhole: true, comparedWith: contest)
      #expect(!fewer.differences.isEmpty)
    }
  }

  @Test
  func `cannot be moved to another voter, and one that no key opens is said to be unreadable`()
    throws
  {
    var site = try SealedContest()
    try site.open()
    let ballot = try site.vote(voters[0], [1])
    let moved = String(decoding: ballot.text, as: UTF8.self)
      .replacing("\"\(voters[0])\"", with: "\"\(voters[1])\"")
    let forged = try #require(Ballot(written: Array(moved.utf8)[...]))
    #expect(try site.contest.record(forged) == nil)
    try site.close()
    try site.unseal(with: site.key)
    let tally = site.contest.tally
    #expect(tally.places.map(\.votes) == [1])
    #expect(tally.ballotCount == 2 && tally.json["unreadable"] == 1)
  }

  @Test func `are kept once if they are sent again with their identifier`() throws {
    var site = try SealedContest()
    try site.open()
    try site.vote(voters[0], [1], id: "one")
    #expect(try site.vote(voters[0], [1], at: 21, id: "one").atMilliseconds == 20)
    try site.vote(voters[0], [2], at: 22, id: "two")
    // Without one, nobody can tell that it is the same.
    try site.vote(voters[1], [1], at: 23)
    try site.vote(voters[1], [1], at: 24)
    #expect(site.contest.ballotBox.ballots.count == 4)
    try site.close()
    #expect(try site.vote(voters[0], [2], at: 300, id: "two").atMilliseconds == 22)
    #expect(throws: Refusal.votingState(.closed)) {
      try site.vote(voters[0], [3], at: 300, id: "three")
    }
  }

  @Test func `have a key of their own after each opening of the vote`() throws {
    var site = try SealedContest()
    let (first, second) = (try #require(SealKey.random()), try #require(SealKey.random()))
    // Before it opens, a key may take another one's place.
    try site.seal(with: first)
    try site.open()
    try site.vote(voters[0], [1])
    let refused = [nil, site.key.seal]
    for seal in refused {
      let ballot = try site.ballot(voters[1], [1], sealedBy: seal)
      #expect(throws: Refusal.changedMeanwhile) { try site.contest.record(ballot) }
    }
    #expect(throws: Refusal.votingState(.open)) { try site.seal(with: second) }
    try site.close()
    // A key whose ballots are not opened yet must not be forgotten.
    let isSealed = Refusal.votingSealed(first.seal.name)
    #expect(throws: isSealed) {
      try site.contest.voting.reopened("late", sealedBy: second.seal, atMilliseconds: 110)
    }
    try site.unseal(with: first)
    try site.change(.reopen) { voting throws(Refusal) in
      try voting.reopened("late", sealedBy: second.seal, atMilliseconds: 170)
    }
    try site.vote(voters[1], [2], at: 180)
    try site.close(at: 190)
    #expect(throws: Refusal.wrongKey(second.seal.name)) { try site.unseal(with: first, at: 200) }
    try site.unseal(with: second, at: 200)
    #expect(site.contest.tally.places.map(\.entries) == [["e1", "e2"]])
  }

  @Test func `decide a run-off with a key of its own, and say which of both cannot be read`() throws
  {
    var site = try SealedContest()
    try site.open()
    try site.vote(voters[0], [1, 2])
    try site.close()
    try site.unseal(with: site.key)
    let (tied, key) = (site.contest.votingResult, try #require(SealKey.random()))
    try site.change(.runOff) { voting throws(Refusal) in
      let seen = try voting.seen(atMilliseconds: 199) ?? voting
      return try seen.runningOff(place: 1, of: tied, excluding: [], atMilliseconds: 200)
    }
    try site.change(.seal) { voting throws(Refusal) in
      try voting.sealed(by: key.seal, atMilliseconds: 201)
    }
    try site.change(.open) { voting throws(Refusal) in try voting.opened(atMilliseconds: 202) }
    let own = try site.vote(voters[0], [2], at: 210)
    let text = String(decoding: own.text, as: UTF8.self).replacing(voters[0], with: voters[1])
    let forged = try #require(Ballot(written: Array(text.utf8)[...]))
    #expect(try site.contest.record(forged) == nil)
    try site.close(at: 300)
    try site.unseal(with: key, at: 310)
    let result = site.contest.votingResult
    let places = result["places"]?.array?.compactMap { $0.object?["entries"] }
    #expect(places == [["e2"], ["e1"]])
    #expect(result["unreadable"] == nil && result["runOff"]?.object?["unreadable"] == 1)
    let logged = Array(site.contest.ballotBox.ballots.reversed())
    #expect(VoteRecount(logged, isWhole: true, comparedWith: site.contest).differences.isEmpty)
  }

  @Test func `keep the key that opens them, though a seal was decided before they came`() throws {
    var site = try SealedContest()
    let other = try #require(SealKey.random())
    let late = try site.contest.voting.sealed(by: other.seal, atMilliseconds: 9)
    let mark = ListMark(of: site.contest.voting)
    // It has opened by its time: nothing of the vote has changed but a ballot.
    let times = JSONObject([.init(name: "opensAt", value: 10)])
    var opening = site
    try opening.change(.settings) { voting throws(Refusal) in
      try voting.changed(by: times, atMilliseconds: 1)
    }
    try opening.vote(voters[0], [1])
    let change = VotingChange(
      .seal, try opening.contest.voting.sealed(by: other.seal, atMilliseconds: 9),
      replacing: ListMark(of: opening.contest.voting))
    #expect(throws: Refusal.changedMeanwhile) { try opening.contest.apply(.voting(change)) }
    #expect(opening.contest.voting.seal == site.key.seal)
    _ = try site.contest.apply(.voting(VotingChange(.seal, late, replacing: mark)))
    #expect(site.contest.voting.seal == other.seal)
  }

  @Test func `have a key that people can type`() throws {
    let key = try #require(SealKey.random())
    #expect(key.text.count == 64 && key.seal.name.count == 5)
    let typed = key.text.lowercased().replacing("-", with: " ").replacing("0", with: "o")
    #expect(SealKey(typed: typed)?.seal == key.seal)
    let digits = key.text.replacing("-", with: "")
    for wrong in ["", String(digits.dropLast()), digits + "0", digits.dropLast() + "U"] {
      #expect(SealKey(typed: wrong) == nil)
    }
    // The last digit has four bits that say nothing: they are zero.
    #expect(SealKey(typed: digits.dropLast() + "1") == nil)
  }

  @Test(arguments: [
    #"5"#, #"[5]"#, #"[{}]"#, #"[{"publicKey":"AA=="}]"#, #"[{"publicKey":"KEY","key":"none"}]"#,
    #"[{"publicKey":"KEY","key":7}]"#,
  ])
  func `are not taken for open ones where a seal cannot be read`(_ seals: String) throws {
    var sealed = try SealedContest().contest.voting.json.object
    let key = try #require(sealed?["seals"]?.array?[0].object?["publicKey"]?.string)
    sealed?["seals"] = try JSONValue(parsing: Array(seals.replacing("KEY", with: key).utf8))
    let stored = try #require(sealed)
    #expect(throws: Refusal.self) { try Voting(stored: .object(stored)) }
  }
}

@Suite(.serialized, .blocking) struct `A sealed vote` {
  /// The files of the data directory that say what somebody has chosen.
  private func telling(_ vote: Vote) -> [String] {
    let names =
      FileManager.default.enumerator(atPath: vote.site.dataDirectory)?.allObjects as? [String] ?? []
    return names.filter { name in
      let bytes =
        FileManager.default.contents(atPath: vote.site.dataDirectory + "/" + name) ?? Data()
      return bytes.range(of: Data("\"choices\":[\"".utf8)) != nil
    }
  }

  /// Makes a key, and seals the ballots with it.
  private func seal(_ vote: Vote) throws -> String {
    let made = try vote.organize("voting/seal-key").json
    let key = try #require(made["key"]?.string)
    try vote.organize("voting/seal", #"{"key":"\#(key)"}"#)
    let told = try vote.send("GET", "/api/vote-batches", isAdministrators: true).json
    #expect(told["seal"] == made["name"] && told["mustBeSealed"] == true)
    return key
  }

  @Test(arguments: Transport.allCases)
  func `is in no file before it is closed, and is counted with the printed key`(
    _ transport: Transport
  ) throws {
    let vote = try Vote(transport, isOpen: false, ["VOTE_SEAL": "on"])
    #expect(try vote.organize("voting/open", status: 409).json["code"] == "not_sealed")
    let time = Int(Date().timeIntervalSince1970 * 1000) + 3_600_000
    #expect(
      try vote.organize("voting", #"{"opensAt":\#(time)}"#, status: 409).json["code"]
        == "not_sealed")
    try vote.organize("voting", #"{"opensAt":null}"#)
    #expect(try vote.send("POST", "/api/voting/seal-key").status == 401)
    for wrong in ["{}", #"{"key":"7K3Q"}"#, #"{"key":7}"#] {
      try vote.organize("voting/seal", wrong, status: 400)
    }
    let key = try seal(vote)
    // Of two desks the later one is told.
    let lost = try #require(try vote.organize("voting/seal-key").json["key"]?.string)
    try vote.organize("voting/seal", #"{"key":"\#(lost)","replaces":null}"#, status: 409)
    try vote.organize("voting/open")
    #expect(try vote.send("GET", "/api/voting").json["sealed"] == true)
    let kept = try vote.vote(vote.codes[0], [0, 1])
    // Its length would tell in a log how many entries it names.
    #expect(kept.status == 200 && kept.json["choices"] == .null)
    #expect(try vote.vote(vote.codes[1], [1]).status == 200)
    #expect(try vote.vote(vote.codes[2], [0, 1, 2]).json["code"] == "bad_choices")
    let check = try vote.send("POST", "/api/vote/check", #"{"code":"\#(vote.codes[0])"}"#).json
    #expect(check["chosen"] == .null && check["tracker"] == kept.json["tracker"])
    #expect(telling(vote) == [])
    try checkClosed(vote, key: key)
    try checkOpened(vote, tracker: kept.json["tracker"]?.string)
  }

  /// Nobody counts without the key.
  private func checkClosed(_ vote: Vote, key: String) throws {
    try vote.organize("voting/close")
    for action in ["publish", "reveal", "run-off"] {
      let refused = try vote.organize("voting/\(action)", #"{"place":1}"#, status: 409)
      #expect(refused.json["code"] == "voting_sealed")
    }
    let result = try vote.send("GET", "/api/voting/result", isAdministrators: true)
    #expect(result.status == 409 && result.json["code"] == "voting_sealed")
    let other = try #require(try vote.organize("voting/seal-key").json["key"]?.string)
    let wrong = try vote.organize("voting/unseal", #"{"key":"\#(other)"}"#, status: 409)
    #expect(wrong.json["code"] == "wrong_key")
    #expect(telling(vote) == [])
    try vote.organize("voting/unseal", #"{"key":"\#(key.lowercased())"}"#)
  }

  /// The ballots as they are told once they are open.
  private func checkOpened(_ vote: Vote, tracker: String?) throws {
    let opened = try vote.send("GET", "/api/voting/result", isAdministrators: true).json
    #expect(opened["ballots"] == 2 && opened["unreadable"] == nil)
    #expect(opened["places"]?.array?.map { $0.object?["votes"] } == [2, 1])
    // Whoever opens the vote again needs another key.
    let reopened = try vote.organize("voting/reopen", #"{"reason":"Why"}"#, status: 409)
    #expect(reopened.json["code"] == "not_sealed")
    let other = try #require(try vote.organize("voting/seal-key").json["key"]?.string)
    try vote.organize("voting/reopen", #"{"reason":"Why","key":"\#(other)"}"#)
    #expect(try vote.vote(vote.codes[1], [1, 0]).status == 200)
    let late = try vote.send("POST", "/api/vote/check", #"{"code":"\#(vote.codes[1])"}"#).json
    #expect(late["chosen"] == .null)
    try vote.organize("voting/close")
    try vote.organize("voting/unseal", #"{"key":"\#(other)"}"#)
    try vote.organize("voting/publish")
    let ballots = try vote.send("GET", "/api/voting/trackers").json["ballots"]?.array ?? []
    let own = ballots.compactMap(\.object).first { $0["tracker"]?.string == tracker }
    #expect(own?["choices"]?.array?.compactMap(\.string) == Array(vote.entries.prefix(2)))
    let recount = try run(
      Checkout.top + "/.build/release/contestctl",
      ["verify", "--votes", "--data-dir", vote.site.dataDirectory],
      environment: ["PATH": "/usr/bin:/bin"])
    #expect(recount.status == 0, "\(String(decoding: recount.output, as: UTF8.self))")
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `takes paper and browsers, and says what is odd once it is open`(_ transport: Transport)
    throws
  {
    let vote = try Vote(transport, isOpen: false, choices: 1, ["VOTE_SEAL": "on"])
    try vote.organize("voting", #"{"mode":"device"}"#)
    let key = try seal(vote)
    try vote.organize("voting/open")
    for _ in 0..<5 { #expect(try vote.send(1, from: vote.browser()).status == 200) }
    let paper = #"{"code":"\#(vote.codes[0])","choices":["\#(vote.entries[0])"],"ballotId":"p-1"}"#
    for _ in 0..<2 { try vote.organize("voting/paper", paper) }
    #expect(telling(vote) == [])
    func kinds() throws -> [String] {
      let odd = try vote.send("GET", "/api/voting/odd", isAdministrators: true).json["groups"]
      return odd?.array?.compactMap { $0.object?["kind"]?.string } ?? []
    }
    #expect(try !kinds().contains("alike"))
    try vote.organize("voting/close")
    // Paper may still be keyed in, sealed and in clear.
    try vote.organize("voting/paper", paper.replacing(vote.codes[0], with: vote.codes[1]))
    try vote.organize("voting/unseal", #"{"key":"\#(key)"}"#)
    try vote.organize("voting/paper", paper.replacing(vote.codes[0], with: vote.codes[2]))
    #expect(try kinds().contains("alike"))
    let result = try vote.send("GET", "/api/voting/result", isAdministrators: true).json
    #expect(result["ballots"] == 8 && result["unreadable"] == nil)
  }

  @Test(arguments: Transport.allCases)
  func `keeps what is sent again once, and tells phones without scripts what they can know`(
    _ transport: Transport
  ) throws {
    let vote = try Vote(transport, isOpen: false, ["VOTE_SEAL": "on"])
    _ = try seal(vote)
    try vote.organize("voting/open")
    let body = #"{"code":"\#(vote.codes[0])","choices":["\#(vote.entries[0])"],"ballotId":"b-1"}"#
    let first = try vote.send("POST", "/api/vote", body)
    let again = try vote.send("POST", "/api/vote", body)
    #expect(first.status == 200 && again.json["replayed"] == true)
    #expect(again.json["transactionId"] == first.json["transactionId"])
    let bad = body.replacing("b-1", with: "b 1")
    #expect(try vote.send("POST", "/api/vote", bad).status == 400)
    let check = try vote.send("POST", "/api/vote/check", #"{"code":"\#(vote.codes[0])"}"#).json
    #expect(check["ballotId"] == "b-1")
    let form = try vote.site.send("GET", "/vote?code=\(vote.codes[0])").text
    #expect(form.contains("is sealed until the vote is over") && !form.contains(" checked"))
    // The same form, sent again, with other choices, and again.
    let id = try #require(form.firstMatch(of: /name="form" value="([0-9A-Z]+)"/)?.output.1)
    var seen: [String] = []
    for choice in [0, 0, 1, 1] {
      let fields = "code=\(vote.codes[0])&vote=1&form=\(id)&choices=\(vote.entries[choice])"
      let answer = try vote.site.send(
        "POST", "/vote", fields: [("Content-Type", "application/x-www-form-urlencoded")],
        body: Array(fields.utf8))
      #expect(answer.status == 200)
      let body = #"{"code":"\#(vote.codes[0])"}"#
      seen.append(try vote.send("POST", "/api/vote/check", body).json["ballotId"]?.string ?? "")
    }
    #expect(seen[0] == seen[1] && seen[1] != seen[2] && seen[2] == seen[3])
  }
}
