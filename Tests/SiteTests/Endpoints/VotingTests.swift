import Foundation
import JSON
import TestSupport
import Testing

/// The audience's vote by codes, by every transport.
@Suite(.serialized, .blocking) struct `A vote by codes` {
  @Test(arguments: Transport.allCases)
  func `counts each code once, tells its voter by a tracker, and is the same from then on`(
    _ transport: Transport
  ) throws {
    let vote = try Vote(transport)
    let first = try vote.vote(vote.codes[0], [0, 1])
    #expect(first.status == 200 && first.json["success"] == true)
    // Typed as people type, again, and otherwise.
    let typed = vote.codes[0].lowercased().replacing("-", with: " ")
    let again = try vote.vote(typed, [0, 1])
    #expect(again.json["replayed"] == true && again.json["tracker"] == first.json["tracker"])
    #expect(try vote.vote(vote.codes[0], [2]).json["tracker"] == first.json["tracker"])
    #expect(try vote.vote(vote.codes[1], [2, 1]).status == 200)
    #expect(try vote.send("GET", "/api/voting").json["turnout"] == .null)
    try vote.organize("voting", #"{"turnoutShown":true}"#)
    #expect(try vote.send("GET", "/api/voting").json["turnout"] == 2)
    try vote.organize("voting/close")
    let late = try vote.vote(vote.codes[2], [0])
    #expect(late.status == 409 && late.json["code"] == "voting_closed")
    #expect(late.json["arrivedAt"]?.int != nil && late.json["closedAt"]?.int != nil)
    #expect(late.json["chosen"] == [])
    // The answer to what arrived in time was lost.
    #expect(try vote.vote(vote.codes[1], [2, 1]).json["replayed"] == true)
    let result = try vote.send("GET", "/api/voting/result", isAdministrators: true).json
    #expect(result["ballots"] == 2)
    let places = result["places"]?.array?.map { $0.object?["entries"]?.array?.count }
    #expect(places == [1, 1])
    #expect(try vote.send("GET", "/api/voting").json["result"] == .null)
    #expect(try vote.send("GET", "/api/voting/trackers").json["code"] == "voting_closed")
    try vote.organize("voting/publish")
    let published = try vote.send("GET", "/api/voting").json["result"]?.object
    #expect(published?["places"] == result["places"])
    let ballots = try vote.send("GET", "/api/voting/trackers").json["ballots"]?.array
    let own = ballots?.first { $0.object?["tracker"] == first.json["tracker"] }?.object?["choices"]
    #expect(ballots?.count == 2 && own == [.string(vote.entries[2])])
    // An entry that is removed now does not change what was announced.
    _ = try vote.send("DELETE", "/api/submissions/\(vote.entries[2])", isAdministrators: true)
    #expect(
      try vote.send("GET", "/api/voting").json["result"]?.object?["places"] == result["places"])
    try vote.organize("voting/reopen", #"{"reason":"No"}"#, status: 409)
  }

  @Test(arguments: Transport.allCases)
  func `shows each voter the entries in an order of its own, and what was chosen`(
    _ transport: Transport
  ) throws {
    let vote = try Vote(transport)
    func order(_ code: String) throws -> [String] {
      let answer = try vote.send("POST", "/api/vote/check", #"{"code":"\#(code)"}"#)
      #expect(answer.status == 200)
      // Nothing that says whose an entry is.
      #expect(!answer.text.contains("phone") && !answer.text.contains("\"name\""))
      return answer.json["entries"]?.array?.compactMap { $0.object?["id"]?.string } ?? []
    }
    let orders = try vote.codes.map(order)
    #expect(orders.allSatisfy { Set($0) == Set(vote.entries) })
    #expect(Set(orders).count > 1)
    #expect(try order(vote.codes[0]) == orders[0])
    #expect(try vote.vote(vote.codes[0], [1]).status == 200)
    let chosen = try vote.send("POST", "/api/vote/check", #"{"code":"\#(vote.codes[0])"}"#)
    #expect(chosen.json["chosen"] == [.string(vote.entries[1])])
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `refuses wrong codes, slower and slower, and never a right one`(_ transport: Transport)
    throws
  {
    let vote = try Vote(transport)
    let wrong = String(vote.codes[0].dropLast()) + (vote.codes[0].hasSuffix("0") ? "1" : "0")
    var statuses: [Int] = []
    for code in ["", "0000", "ZZZZ-0000-00"] + Array(repeating: wrong, count: 12) {
      statuses.append(try vote.vote(code, [0]).status)
    }
    #expect(statuses.first == 401 && statuses.last == 429)
    #expect(try vote.vote(wrong, [0]).fields["retry-after"] != nil)
    #expect(try vote.vote(vote.codes[0], [0]).status == 200)
    // Nothing of a code is on the disk.
    let data = try String(contentsOfFile: vote.site.dataDirectory + "/data.json", encoding: .utf8)
    #expect(!data.contains(vote.codes[0]) && !data.contains(vote.codes[1].suffix(7)))
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `takes codes back by range, and ballots of paper by code`(_ transport: Transport) throws {
    let vote = try Vote(transport)
    for code in vote.codes.prefix(3) { #expect(try vote.vote(code, [0]).status == 200) }
    let range = #"{"from":"\#(vote.codes[1])","to":"\#(vote.codes[2].prefix(4))"}"#
    try vote.organize("vote-batches/1/void", range)
    try vote.organize("vote-batches/2/void", range, status: 404)
    try vote.organize("vote-batches/1/void", #"{"from":"0000","to":"000Z"}"#, status: 400)
    let refused = try vote.vote(vote.codes[1], [1])
    #expect(refused.status == 409 && refused.json["code"] == "code_void")
    let left = try vote.send("GET", "/api/vote-batches/1", isAdministrators: true)
    #expect(left.json["codes"]?.array?.compactMap(\.string) == [vote.codes[0]] + vote.codes[3...])
    try vote.organize("voting/close")
    let paper = #"{"code":"\#(vote.codes[5])","choices":["\#(vote.entries[2])"]}"#
    #expect(try vote.send("POST", "/api/voting/paper", paper).status == 401)
    try vote.organize("voting/paper", paper)
    // Asking for the header alone shows nobody anything.
    #expect(
      try vote.send("HEAD", "/api/voting/result", isAdministrators: true).status == 200)
    let told = try vote.send("GET", "/api/vote-batches", isAdministrators: true).json
    #expect(told["tallySeen"] == false)
    let result = try vote.send("GET", "/api/voting/result", isAdministrators: true).json
    #expect(result["ballots"] == 2 && result["void"] == 2)
    // Once it was seen, nothing is set aside.
    let aside = #"{"ballot":"\#(vote.codes[0].prefix(4))","reason":"Twice"}"#
    #expect(try vote.organize("voting/aside", aside, status: 409).json["code"] == "tally_seen")
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `tells nobody how anybody has voted, or how many for whom, before it is closed`(
    _ transport: Transport
  ) throws {
    let vote = try Vote(transport)
    for code in vote.codes { #expect(try vote.vote(code, [0]).status == 200) }
    let early = try vote.send("GET", "/api/voting/result", isAdministrators: true)
    #expect(early.status == 409 && early.json["code"] == "voting_open")
    let everybodys = [
      "/api/voting", "/api/feed", "/api/winners", "/categories.json", "/api/site", "/api/call",
      "/api/voting/trackers", "/health", "/ready",
    ]
    let organizers = [
      "/api/metrics", "/api/submissions", "/api/winners-draft", "/api/vote-batches",
      "/api/vote-batches/1", "/api/export?format=json", "/api/export?format=csv", "/api/rounds",
    ]
    for path in everybodys + organizers {
      let text = try vote.send("GET", path, isAdministrators: organizers.contains(path)).text
      #expect(!text.contains("\"votes\"") && !text.contains("\"chosen\""), "\(path)")
      #expect(!text.contains("\"ballot\":"), "\(path)")
    }
    for name in try FileManager.default.contentsOfDirectory(
      atPath: vote.site.dataDirectory + "/public")
    {
      let path = vote.site.dataDirectory + "/public/" + name
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
      #expect(!text.contains("ballot"), "\(name)")
    }
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `says that a key is lost, instead of calling the cards wrong`(_ transport: Transport) throws
  {
    let vote = try Vote(transport)
    #expect(try vote.vote(vote.codes[0], [0]).status == 200)
    try FileManager.default.removeItem(atPath: vote.site.dataDirectory + "/.admin/vote-key-1")
    let lost = try vote.vote(vote.codes[1], [0])
    #expect(lost.status == 503 && lost.json["code"] == "no_key")
    let batch = try vote.send("GET", "/api/vote-batches/1", isAdministrators: true)
    #expect(batch.status == 503 && batch.json["code"] == "no_key")
    try vote.organize("voting/close")
    try vote.organize("voting/publish")
    #expect(try vote.send("GET", "/api/voting/trackers").status == 503)
    // A damaged key stays as it is, for whoever can mend it.
    let other = try Vote(transport, isOpen: false)
    try other.organize("voting", #"{"mode":"device"}"#)
    let path = other.site.dataDirectory + "/.admin/vote-key-device"
    try write("damage", to: path)
    try other.organize("voting", #"{"mode":"device","turnoutShown":true}"#)
    #expect(try other.send("POST", "/api/vote/check").json["code"] == "no_key")
    #expect(try contents(of: path) == Array("damage".utf8))
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `refuses what its state does not allow, and says so`(_ transport: Transport) throws {
    let vote = try Vote(transport, isOpen: false)
    #expect(try vote.vote(vote.codes[0], [0]).json["code"] == "voting_not_open")
    #expect(try vote.send("POST", "/api/voting/open").status == 401)
    try vote.organize("voting/close", status: 409)
    try vote.organize("voting", #"{"mode":"voice"}"#, status: 400)
    try vote.organize("voting", #"{"categories":["none"]}"#, status: 400)
    try vote.organize("voting", #"{"categories":["worst"]}"#)
    try vote.organize("voting/open")
    let other = try vote.vote(vote.codes[0], [0])
    #expect(other.status == 409 && other.json["code"] == "not_eligible")
    #expect(try vote.vote(vote.codes[0], [0, 1, 2]).json["code"] == "bad_choices")
    try vote.organize("voting", #"{"choices":3}"#, status: 409)
    try vote.organize("voting/reopen", #"{"reason":"Why"}"#, status: 409)
    try vote.organize("voting/close")
    try vote.organize("voting/reopen", status: 400)
    try vote.organize("voting/reopen", #"{"reason":"The network was down"}"#)
    let state = try vote.send("GET", "/api/voting").json
    #expect(state["state"] == "open" && state["reopened"]?.array?.count == 1)
    // Of two desks the later one is told.
    let tag = try #require(try vote.send("GET", "/api/voting").fields["etag"])
    try vote.organize("voting", #"{"turnoutShown":true}"#)
    let late = try vote.send(
      "POST", "/api/voting/close", isAdministrators: true, fields: [("If-Match", tag)])
    #expect(late.status == 412 && late.json["code"] == "changed_meanwhile")
  }

  @Test(arguments: Transport.allCases)
  func `lets a run-off decide a tie, and tells each voter's ballots of both`(
    _ transport: Transport
  ) throws {
    let vote = try Vote(transport)
    for (code, choices) in zip(vote.codes, [[0, 1], [0], [1], [2]]) {
      #expect(try vote.vote(code, choices).status == 200)
    }
    try vote.organize("voting/run-off", #"{"place":1}"#, status: 409)
    try vote.organize("voting/close")
    let early = try vote.organize("voting/run-off", #"{"place":1}"#, status: 409)
    #expect(early.json["code"] == "tally_not_seen")
    _ = try vote.send("GET", "/api/voting/result", isAdministrators: true)
    try vote.organize("voting/run-off", #"{"place":3}"#, status: 400)
    try vote.organize("voting/run-off", #"{"place":1}"#)
    let setUp = try vote.send("GET", "/api/voting").json
    #expect(setUp["state"] == "setup" && setUp["choices"] == 1)
    #expect(setUp["runOff"]?.object?["entries"]?.array?.count == 2)
    try vote.organize("voting/open")
    // What a phone has kept of the vote before does not count here.
    let kept = #"{"code":"\#(vote.codes[1])","choices":["\#(vote.entries[0])"],"runOff":false}"#
    #expect(try vote.send("POST", "/api/vote", kept).json["code"] == "other_vote")
    let check = try vote.send("POST", "/api/vote/check", #"{"code":"\#(vote.codes[0])"}"#).json
    #expect(check["chosen"] == [] && check["entries"]?.array?.count == 2)
    #expect(try vote.vote(vote.codes[3], [2]).json["code"] == "not_eligible")
    for code in vote.codes.prefix(2) { #expect(try vote.vote(code, [1]).status == 200) }
    try vote.organize("voting/close")
    let result = try vote.send("GET", "/api/voting/result", isAdministrators: true).json
    let places = result["places"]?.array?.compactMap(\.object) ?? []
    #expect(places.compactMap { $0["place"]?.int } == [1, 2, 3])
    #expect(places.map { $0["entries"] } == [1, 0, 2].map { [.string(vote.entries[$0])] })
    #expect(places.map { $0["votes"] } == [2, 2, 1] && places.first?["runOffVotes"] == 2)
    try checkPublished(vote)
  }

  /// The ballots of both votes are public, and the award is that of the run-off.
  private func checkPublished(_ vote: Vote) throws {
    try vote.organize("voting/publish")
    let told = try vote.send("GET", "/api/voting/trackers").json
    #expect(told["ballots"]?.array?.count == 2 && told["before"]?.array?.count == 4)
    let table = try vote.send("GET", "/api/voting/trackers.csv")
    #expect(table.fields["content-type"] == "text/csv; charset=utf-8")
    let lines = table.text.split(separator: "\r\n")
    #expect(lines.count == 1 + 5 + 2)
    #expect(lines.count { $0.hasPrefix("\"run-off\"") } == 2)
    let award = try vote.send("GET", "/api/winners").json["audience"]?.array?.first?.object
    #expect(award?["entries"]?.array?.first?.object?["id"] == .string(vote.entries[1]))
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `shows a place on command, and from then on counts what it has`(
    _ transport: Transport
  ) throws {
    let vote = try Vote(transport)
    #expect(try vote.vote(vote.codes[0], [0]).status == 200)
    try vote.organize("voting/reveal", #"{"place":1}"#, status: 409)
    try vote.organize("voting/close")
    try vote.organize("voting/reveal", #"{"place":9}"#, status: 409)
    _ = try vote.send("GET", "/api/voting/result", isAdministrators: true)
    try vote.organize("voting/reveal", #"{"place":2}"#, status: 400)
    try vote.organize("voting/reveal", "{}", status: 400)
    try vote.organize("voting/reveal", #"{"place":1}"#)
    let shown = try vote.send("GET", "/api/voting").json
    #expect(shown["revealed"] == ["place": 1, "entries": [.string(vote.entries[0])]])
    #expect(shown["result"] == .null)
    let aside = #"{"ballot":"\#(vote.codes[0].prefix(4))","reason":"Twice"}"#
    #expect(try vote.organize("voting/aside", aside, status: 409).json["code"] == "tally_seen")
    try vote.organize("voting/reveal", #"{"place":null}"#)
    #expect(try vote.send("GET", "/api/voting").json["revealed"] == .null)
    try vote.organize("voting/reveal", #"{"place":1}"#)
    try vote.organize("voting/reopen", #"{"reason":"The network was down"}"#)
    #expect(try vote.send("GET", "/api/voting").json["revealed"] == .null)
  }

  @Test(arguments: Transport.allCases)
  func `takes place without scripts, too`(_ transport: Transport) throws {
    let vote = try Vote(transport)
    let code = vote.codes[0]
    func page(_ method: String, _ path: String, _ form: String = "") throws -> Answer {
      try vote.site.send(
        method, path,
        fields: [
          ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html"),
          ("Accept-Language", "de"),
        ], body: Array(form.utf8))
    }
    let wrong = try page("GET", "/vote?code=%3Cb%3E")
    #expect(wrong.status == 401 && !wrong.text.contains("<b>"))
    #expect(wrong.text.contains("Diesen Code gibt es nicht."))
    let ballot = try page("GET", "/vote?code=\(code)")
    #expect(ballot.status == 200 && ballot.fields["cache-control"] == "no-store")
    for id in vote.entries { #expect(ballot.text.contains("value=\"\(id)\"")) }
    #expect(try page("POST", "/vote", "code=\(code)").text.contains("name=\"choices\""))
    let none = try page("POST", "/vote", "code=\(code)&vote=1")
    #expect(none.status == 400 && none.text.contains("Wähle noch einmal"))
    let choices = vote.entries.prefix(2).map { "&choices=\($0)" }.joined()
    let kept = try page("POST", "/vote", "code=\(code)&vote=1\(choices)")
    #expect(kept.status == 200 && kept.text.contains("Du hast abgestimmt"))
    let check = try vote.send("POST", "/api/vote/check", #"{"code":"\#(code)"}"#).json
    #expect(check["chosen"]?.array?.count == 2)
    #expect(check["tracker"]?.string.map(kept.text.contains) == true)
    let again = try page("GET", "/vote?code=\(code)")
    #expect(again.text.split(separator: " checked").count == 3)
    try vote.organize("voting/close")
    #expect(try page("GET", "/vote?code=\(code)").text.contains("ist geschlossen"))
    // What arrived in time is confirmed again; what is new came too late.
    #expect(try page("POST", "/vote", "code=\(code)&vote=1\(choices)").status == 200)
    let late = "code=\(code)&vote=1&choices=\(vote.entries[2])"
    #expect(try page("POST", "/vote", late).status == 409)
  }

  @Test(arguments: Transport.allCases)
  func `goes by browsers instead, each of which counts once`(_ transport: Transport) throws {
    let vote = try Vote(transport, isOpen: false)
    try vote.organize("voting", #"{"mode":"device"}"#)
    try vote.organize("voting/open")
    #expect(try vote.send(0, from: nil).json["code"] == "no_cookie")
    let browser = try vote.browser()
    let forged = (browser.0, String(browser.1.dropLast()) + (browser.1.hasSuffix("0") ? "1" : "0"))
    #expect(try vote.send(0, from: forged).json["code"] == "no_cookie")
    let kept = try vote.send(0, from: browser)
    #expect(kept.status == 200 && kept.json["tracker"]?.string != nil)
    #expect(try vote.send(1, from: browser).json["tracker"] == kept.json["tracker"])
    // The same list again.
    let again = try vote.send("POST", "/api/vote/check", fields: [browser])
    #expect(again.json["chosen"] == [.string(vote.entries[1])])
    // A card votes beside it, and paper needs one.
    #expect(try vote.vote(vote.codes[0], [0]).status == 200)
    try vote.organize("voting/paper", #"{"choices":["\#(vote.entries[0])"]}"#, status: 400)
    try vote.organize("voting/close")
    let result = try vote.send("GET", "/api/voting/result", isAdministrators: true).json
    #expect(result["ballots"] == 2)
    try vote.organize("voting/publish")
    let told = try vote.send("GET", "/api/voting/trackers").json["ballots"]?.array
    let trackers = told?.compactMap { $0.object?["tracker"] } ?? []
    #expect(trackers.count == 2 && kept.json["tracker"].map(trackers.contains) == true)
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `says which ballots of browsers are odd, and sets them aside`(_ transport: Transport) throws
  {
    let vote = try Vote(transport, isOpen: false)
    try vote.organize("voting", #"{"mode":"device"}"#)
    try vote.organize("voting/open")
    for choice in [0, 2, 2, 2, 2, 2] {
      #expect(try vote.send(choice, from: try vote.browser()).status == 200)
    }
    let odd = try vote.send("GET", "/api/voting/odd", isAdministrators: true)
    let groups = odd.json["groups"]?.array?.compactMap(\.object) ?? []
    #expect(try vote.send("GET", "/api/voting/odd").status == 401)
    #expect(Set(groups.compactMap { $0["kind"]?.string }) == ["hasty", "alike"], "\(odd.text)")
    #expect(!odd.text.contains(vote.entries[2]))
    let alike = groups.first { $0["kind"] == "alike" }?["ballots"]?.array?.compactMap(\.string)
    let aside = try #require(alike?.first)
    #expect(alike?.count == 5)
    try vote.organize("voting/aside", #"{"ballot":"\#(aside)","reason":"Alike"}"#)
    try vote.organize("voting/close")
    let result = try vote.send("GET", "/api/voting/result", isAdministrators: true).json
    #expect(result["ballots"] == 5 && result["setAside"] == 1)
  }

  @Test(.timeLimit(.minutes(20)))
  func `is counted again from the log, and a ballot that is not in it is found`() throws {
    let vote = try Vote(.fastCGI)
    for code in vote.codes.prefix(4) { #expect(try vote.vote(code, [0]).status == 200) }
    #expect(try vote.vote(vote.codes[0], [1]).status == 200)
    func recount() throws -> (status: Int32, text: String) {
      let result = try run(
        Checkout.top + "/.build/release/contestctl",
        ["verify", "--votes", "--data-dir", vote.site.dataDirectory],
        environment: ["PATH": "/usr/bin:/bin"])
      return (result.status, String(decoding: result.output, as: UTF8.self))
    }
    let same = try recount()
    #expect(same.status == 0 && same.text.contains("5 ballots counted again"), "\(same.text)")
    try vote.organize("voting/close")
    try vote.organize("voting/publish")
    #expect(try recount().status == 0)
    // Somebody adds a vote in the data file.
    let path = vote.site.dataDirectory + "/data.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let ballot = "{\"ballot\":\"\(vote.codes[2].prefix(4))\",\"choices\":[\"\(vote.entries[0])\"]"
    #expect(text.contains(ballot))
    let other = ballot.dropLast() + ",\"\(vote.entries[1])\"]"
    let moved = Data(text.replacing(ballot, with: other).utf8)
    try moved.write(to: URL(fileURLWithPath: path), options: .atomic)
    #expect(try recount().status == 1)
    // The site takes the edit for what it is, and the log still has what the voter sent.
    #expect(try vote.site.submit(Form()).status == 200)
    let changed = try recount()
    #expect(changed.status == 1 && changed.text.contains("in the log and not in the data file"))
  }
}

@Suite(.blocking) struct `A hall that votes` {
  @Test(.timeLimit(.minutes(20)))
  func `loses no ballot and counts none twice while everything is killed`() throws {
    let result = try run(
      "/usr/bin/python3",
      [
        Checkout.top + "/Tests/Benchmarks/vote.py", "--top", Checkout.top, "--port",
        String(RunningSite.freePort()), "--voters", "300", "--seconds", "12", "--entries", "20",
        "--watchers", "5", "--kill-every", "2", "--kill-all-at", "7",
      ], environment: ProcessInfo.processInfo.environment)
    let text = String(decoding: result.output, as: UTF8.self)
    #expect(result.status == 0, "\(text)\(result.errors)")
    #expect(text.contains("every acknowledged ballot is counted once"))
  }
}
