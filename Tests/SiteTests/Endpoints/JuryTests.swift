import Foundation
import JSON
import TestSupport
import Testing

/// Judging over HTTP, by every transport.
@Suite(.serialized, .blocking) struct `A jury's site` {
  private let good = #"{"line":8,"idea":7}"#

  @Test(arguments: Transport.allCases)
  func `takes a round from its sheet to the winners draft`(_ transport: Transport) throws {
    let jury = try Jury(transport)
    try jury.expect(409, "GET", "/api/rounds/first/result")
    let opened = try jury.expect(200, "POST", "/api/rounds/first/open")
    #expect(opened.json["round"]?.object?["entries"]?.array?.map(\.string) == jury.entries)
    for (judge, marks) in [("kim", [9, 5, 3]), ("lee", [6, 8, 2]), ("ole", [7, 4, 6])] {
      for (entry, mark) in marks.enumerated() { try jury.mark(judge, entry, mark) }
    }
    let early = try jury.expect(409, "POST", "/api/rounds/first/decide")
    #expect(early.json["code"] == "bad_state" && early.json["state"] == "open")
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    let result = try jury.expect(200, "GET", "/api/rounds/first/result")
    let places = try #require(result.json["places"]?.array)
    let order = places.map { $0.object?["entries"]?.array?.first?.object?["number"]?.int }
    #expect(order == [1, 2, 3])
    let words = places[0].object?["words"]?.array?.compactMap(\.string) ?? []
    #expect(words.contains("1 before 2: 2 of 3 judges."), "\(words)")
    let decided = try jury.expect(200, "POST", "/api/rounds/first/decide")
    #expect(decided.json["round"]?.object?["state"] == "decided")
    let draft = try jury.expect(200, "GET", "/api/winners-draft")
    #expect(
      draft.json["draft"]?.object?["best"]?.array?.map(\.string) == Array(jury.entries.prefix(2)))
    #expect(try jury.data()["scorecards"]?.array?.count == 9)
  }

  @Test(arguments: Transport.allCases)
  func `opens only for a judge with a valid link`(_ transport: Transport) throws {
    var jury = try Jury(transport, judges: ["kim", "lee"])
    try jury.expect(200, "POST", "/api/rounds/first/open")
    #expect(try jury.send("GET", "/api/judge/rounds", as: ("X-None", "1")).status == 401)
    let forged = ["", "kim", "0000", String(repeating: "a", count: 64)]
    let session = try #require(jury.sessions["kim"])
    let name = session.1.prefix { $0 != "=" }
    for value in forged {
      let answer = try jury.send("GET", "/api/judge/rounds", as: ("Cookie", "\(name)=\(value)"))
      #expect(answer.status == 401)
    }
    // What the data file holds opens nothing.
    let hash = try #require(
      try jury.data()["judges"]?.array?.first?.object?["tokenHash"]?.string)
    #expect(
      try jury.send("GET", "/api/judge/rounds", as: ("Cookie", "\(name)=\(hash)")).status == 401)
    // An organizer is no judge, and a judge no organizer.
    #expect(try jury.send("GET", "/api/judge/rounds").status == 401)
    #expect(try jury.send("GET", "/api/rounds/first/progress", as: session).status == 401)
    // A second phone opens the same link; a new link ends both.
    let second = try jury.open(try #require(jury.tokens["kim"]))
    #expect(try jury.send("GET", "/api/judge/rounds", as: second).status == 200)
    let former = try #require(jury.tokens["kim"])
    try jury.link("kim")
    for old in [session, second] {
      #expect(try jury.send("GET", "/api/judge/rounds", as: old).status == 401)
    }
    let refused = try jury.send("POST", "/api/judge/session", #"{"token":"\#(former)"}"#)
    #expect(refused.status == 401 && refused.json["code"] == "wrong_token")
  }

  @Test(arguments: Transport.allCases)
  func `closes a link that is taken away, also when the judge comes back`(
    _ transport: Transport
  ) throws {
    let jury = try Jury(transport, judges: ["kim", "lee"])
    let lee = try #require(jury.sessions["lee"])
    let tag = try #require(try jury.expect(200, "GET", "/api/judges").fields["etag"])
    func list(_ isRevoked: Bool) -> String {
      #"{"judges":[{"id":"kim","name":"Kim"},{"id":"lee","name":"Lee","revoked":\#(isRevoked)}]}"#
    }
    try jury.expect(200, "POST", "/api/judges", list(true), fields: [("If-Match", tag)])
    try jury.expect(412, "POST", "/api/judges", list(true), fields: [("If-Match", tag)])
    #expect(try jury.send("GET", "/api/judge/rounds", as: lee).status == 401)
    try jury.expect(200, "POST", "/api/judges", list(false))
    #expect(try jury.send("GET", "/api/judge/rounds", as: lee).status == 401)
    let kim = try #require(jury.sessions["kim"])
    #expect(try jury.send("GET", "/api/judge/rounds", as: kim).status == 200)
    #expect(try !jury.expect(200, "GET", "/api/judges").text.contains("oken"))
  }

  @Test func `slows down who guesses links, and nobody else`() throws {
    let jury = try Jury(.direct, judges: ["kim"], entries: 1)
    var statuses: [Int] = []
    for guess in 0..<12 {
      let answer = try jury.send("POST", "/api/judge/session", #"{"token":"guess\#(guess)"}"#)
      statuses.append(answer.status)
    }
    #expect(statuses.prefix(10).allSatisfy { $0 == 401 } && statuses.last == 429)
    // Whoever logs in, or has a session, is not slowed down.
    #expect(try jury.site.logIn().1.isEmpty == false)
    #expect(try jury.send("GET", "/api/judge/rounds", as: jury.sessions["kim"]).status == 200)
  }

  @Test func `tells judges nothing of whose an entry is, nor of other judges' marks`() throws {
    let jury = try Jury(.direct)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    _ = try jury.card("kim", 0, #"{"line":9,"idea":2}"#)
    let seen = try jury.expect(200, "GET", "/api/judge/rounds", as: jury.sessions["lee"])
    for secret in ["Nobody Knows", "0170", "Secret", "oken", "\"line\":9", "submissionId"] {
      #expect(!seen.text.contains(secret), "\(secret)")
    }
    let round = seen.json["rounds"]?.array?.first?.object
    #expect(round?["entries"]?.array?.count == 3 && round?["cards"] == [])
    let own = try jury.expect(200, "GET", "/api/judge/rounds", as: jury.sessions["kim"])
    #expect(own.text.contains("\"line\":9"))
  }

  @Test(arguments: Transport.allCases)
  func `keeps a card once, however often it is sent`(_ transport: Transport) throws {
    let jury = try Jury(transport, judges: ["kim"], entries: 1)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    let key = ("Idempotency-Key", "card-key-1")
    let first = try jury.card("kim", 0, #"{"line":8}"#, state: "draft", fields: [key])
    #expect(first.status == 200 && first.json["revision"] == 1 && first.json["replayed"] == nil)
    let again = try jury.card("kim", 0, #"{"line":8}"#, state: "draft", fields: [key])
    #expect(again.status == 200 && again.json["replayed"] == true)
    #expect(again.json["transactionId"] == first.json["transactionId"])
    // Another phone of the judge has written something else under the same revision.
    let other = try jury.card("kim", 0, #"{"line":3}"#, state: "draft")
    #expect(other.status == 409 && other.json["code"] == "revision_conflict")
    #expect(other.json["card"]?.object?["scores"]?.object?["line"] == 8)
    #expect(try jury.card("kim", 0, good, revision: 3).status == 409)
    #expect(try jury.card("kim", 0, good, revision: 2).status == 200)
    // A key is remembered when the card is no longer the newest.
    let late = try jury.card("kim", 0, #"{"line":8}"#, state: "draft", fields: [key])
    #expect(late.json["replayed"] == true && late.json["revision"] == 1)
    // But it is no answer to other content.
    #expect(try jury.card("kim", 0, #"{"line":2}"#, state: "draft", fields: [key]).status == 409)
    #expect(try jury.data()["scorecards"]?.array?.count == 2)
  }

  @Test(arguments: [
    (#"{"line":11,"idea":7}"#, "final", "line", "“Line” takes a whole number from 1 to 10."),
    (#"{"line":0,"idea":7}"#, "draft", "line", "“Line” takes a whole number from 1 to 10."),
    (#"{"line":8.5,"idea":7}"#, "draft", "line", "“Line” takes a whole number from 1 to 10."),
    (#"{"line":"8","idea":7}"#, "draft", "line", "“Line” takes a whole number from 1 to 10."),
    (#"{"line":8}"#, "final", "idea", "“Idea” has no mark yet."),
    (#"{"colour":8}"#, "draft", "colour", "The sheet has no criterion “colour”."),
    (#"{"l\u0131ne":8}"#, "draft", "lıne", "The sheet has no criterion “lıne”."),
  ])
  func `says which criterion is wrong`(
    _ scores: String, _ state: String, _ criterion: String, _ sentence: String
  ) throws {
    let jury = try Jury(.direct, judges: ["kim"], entries: 1)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    let answer = try jury.card("kim", 0, scores, state: state)
    #expect(answer.status == 400 && answer.json["criterion"]?.string == criterion)
    #expect(answer.json["error"]?.string == sentence && answer.json["code"] == "bad_score")
    #expect(try jury.data()["scorecards"] == [])
  }

  @Test func `keeps each judge to the panel, and to what nobody was recused from`() throws {
    let jury = try Jury(.direct)
    let lists =
      #"{"judges":[{"id":"kim","name":"Kim"},{"id":"lee","name":"Lee","panels":["sleeve"]},"#
    try jury.expect(
      200, "POST", "/api/judges", lists + #"{"id":"ole","name":"Ole","panels":["best"]}]}"#)
    #expect(try jury.card("kim", 0, good).json["code"] == "bad_state")
    try jury.expect(200, "POST", "/api/rounds/first/open")
    let foreign = try jury.card("lee", 0, good)
    #expect(foreign.status == 403 && foreign.json["code"] == "not_on_panel")
    #expect(
      try jury.send("GET", "/api/judge/rounds", as: jury.sessions["lee"]).json["rounds"] == [])
    #expect(try jury.card("ole", 0, good).status == 200)
    let recusal = #"{"judge":"ole","entry":"\#(jury.entries[0])","reason":"It is his own work"}"#
    try jury.expect(
      400, "POST", "/api/rounds/first/recuse", recusal.replacing("It is his own work", with: " "))
    try jury.expect(200, "POST", "/api/rounds/first/recuse", recusal)
    let refused = try jury.card("ole", 0, good, revision: 3)
    #expect(refused.status == 403 && refused.json["code"] == "recused")
    // A judge may say so, too.
    #expect(try jury.card("kim", 1, "{}", state: "recused").status == 200)
    #expect(try jury.card("kim", 1, good, revision: 2).status == 403)
    let cards = try jury.expect(200, "GET", "/api/rounds/first/progress").json["judges"]?.array
    #expect(cards?.map { $0.object?["id"]?.string } == ["kim", "ole"])
    #expect(cards?[1].object?["cards"]?.object?[jury.entries[0]] == "recused")
    #expect(cards?[0].object?["scores"] == nil)
    // The organizers lift it.
    let lifted = recusal.dropLast() + #","lift":true}"#
    try jury.expect(200, "POST", "/api/rounds/first/recuse", String(lifted))
    #expect(try jury.card("ole", 0, good, revision: 4).status == 200)
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `tells the desk how many cards are on phones, but not those of a judge without a link`(
    _ transport: Transport
  ) throws {
    let jury = try Jury(transport, judges: ["kim", "ole"], entries: 1)
    func pending() throws -> JSONValue? {
      try jury.expect(200, "GET", "/api/metrics").json["judging"]?.object?["pendingCards"]
    }
    #expect(try pending() == 0)
    for (judge, count) in [("kim", 3), ("ole", 2)] {
      try jury.expect(
        200, "GET", "/api/judge/rounds?pending=\(count)", as: jury.sessions[judge])
    }
    #expect(try pending() == 5)
    let judges = #"[{"id":"kim","name":"Kim"},{"id":"ole","name":"Ole","revoked":true}]"#
    try jury.expect(200, "POST", "/api/judges", #"{"judges":\#(judges)}"#)
    #expect(try pending() == 3)
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `keeps a late card, which counts when the round is opened again`(
    _ transport: Transport
  ) throws {
    let jury = try Jury(transport, judges: ["kim", "lee"], entries: 1)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    try jury.mark("kim", 0, 5)
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    for _ in 0..<2 {
      let late = try jury.card("lee", 0, good)
      #expect(
        late.status == 409 && late.json["code"] == "round_locked" && late.json["late"] == true)
    }
    #expect(try jury.data()["scorecards"]?.array?.count == 2)
    func state() throws -> JSONValue? {
      try jury.expect(200, "GET", "/api/rounds/first/progress").json["judges"]?.array?[1]
        .object?["cards"]?.object?[jury.entries[0]]
    }
    #expect(try state() == "empty")
    #expect(try jury.expect(200, "GET", "/api/rounds/first/result").json["late"] == 1)
    try jury.expect(400, "POST", "/api/rounds/first/reopen")
    try jury.expect(200, "POST", "/api/rounds/first/reopen", #"{"reason":"The network was down"}"#)
    #expect(try state() == "final")
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    // Late again, and not counted again.
    #expect(try jury.card("lee", 0, #"{"line":1,"idea":1}"#, revision: 2).status == 409)
    let audit = try jury.expect(200, "GET", "/api/rounds/first/audit.csv").text
    let rows = audit.split(separator: "\r\n").map(String.init)
    try #require(rows.count == 4)
    #expect(rows[0].hasSuffix(#""Line","Idea""#))
    #expect(rows[2].contains(#""final","judge",1,1,"#) && rows[2].hasSuffix(",8,7"))
    #expect(rows[3].contains(#""final","judge",1,0,"#))
    #expect(audit.contains(#""best""#) == false && audit.contains("Nobody Knows") == false)
  }

  @Test func `is decided only with a reason for all that stands against it`() throws {
    let jury = try Jury(.direct)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    for (judge, marks) in [("kim", [5, 5]), ("lee", [5, 5])] {
      for (entry, mark) in marks.enumerated() { try jury.mark(judge, entry, mark) }
    }
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    let blocked = try jury.expect(409, "POST", "/api/rounds/first/decide")
    #expect(blocked.json["code"] == "blocked")
    let list = blocked.json["blocked"]?.array ?? []
    let ids = list.compactMap { $0.object?["id"]?.string }
    #expect(
      ids == ["missing:kim", "missing:lee", "missing:ole", "few:\(jury.entries[2])", "tie:1"])
    #expect(list.last?.object?["sentence"] == "1 and 2 are tied for place 1.")
    let reasons = ids.dropLast().map { #""\#($0)":"It rained""# }.joined(separator: ",")
    try jury.expect(409, "POST", "/api/rounds/first/decide", #"{"reasons":{\#(reasons)}}"#)
    let order = #""order":["\#(jury.entries[1])","\#(jury.entries[0])"]"#
    try jury.expect(
      200, "POST", "/api/rounds/first/decide",
      #"{"reasons":{\#(reasons),"tie:1":"The panel talked"},\#(order)}"#)
    let draft = try jury.expect(200, "GET", "/api/winners-draft").json["draft"]?.object?["best"]
    #expect(draft?.array?.map(\.string) == [jury.entries[1], jury.entries[0]])
  }

  @Test func `counts the cards of a judge who was taken off the panel until a recusal`() throws {
    let jury = try Jury(.direct, judges: ["kim"], entries: 1)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    try jury.mark("kim", 0, 8)
    let list = #"{"judges":[{"id":"kim","name":"Kim","panels":["sleeve"]}]}"#
    try jury.expect(200, "POST", "/api/judges", list)
    #expect(try jury.card("kim", 0, good, revision: 2).json["code"] == "not_on_panel")
    func card() throws -> JSONValue? {
      try jury.expect(200, "GET", "/api/rounds/first/progress").json["judges"]?.array?.first?
        .object?["cards"]?.object?[jury.entries[0]]
    }
    #expect(try card() == "final")
    try jury.expect(
      200, "POST", "/api/rounds/first/recuse",
      #"{"judge":"kim","entry":"\#(jury.entries[0])","reason":"A friend"}"#)
    #expect(try card() == "recused")
  }

  @Test func `leaves a tie across the last place to nobody's number`() throws {
    let jury = try Jury(.direct, judges: ["kim", "lee"])
    try jury.expect(200, "POST", "/api/rounds/first/open")
    for judge in ["kim", "lee"] { for entry in 0..<3 { try jury.mark(judge, entry, 5) } }
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    let reason = #""reasons":{"tie:1":"They are level"}"#
    let ids = jury.entries
    for order in ["", #","order":["\#(ids[2])"]"#, #","order":["\#(ids[2])","\#(ids[1])"]"#] {
      let answer = try jury.expect(409, "POST", "/api/rounds/first/decide", "{\(reason)\(order)}")
      #expect(answer.json["code"] == "blocked")
    }
    let whole = ids.reversed().map { "\"\($0)\"" }.joined(separator: ",")
    try jury.expect(
      200, "POST", "/api/rounds/first/decide", "{\(reason),\"order\":[\(whole)]}")
    let draft = try jury.expect(200, "GET", "/api/winners-draft").json["draft"]?.object?["best"]
    #expect(draft?.array?.map(\.string) == [ids[2], ids[1]])
  }

  @Test func `counts what organizers write of a locked round, and what was late before`() throws {
    let jury = try Jury(.direct, judges: ["kim", "lee"], entries: 2)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    for (judge, marks) in [("kim", [9, 1]), ("lee", [9, 1])] {
      for (entry, mark) in marks.enumerated() { try jury.mark(judge, entry, mark) }
    }
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    let late = #"{"line":2,"idea":2}"#
    #expect(try jury.card("lee", 1, late, revision: 2).status == 409)
    try jury.expect(200, "POST", "/api/rounds/first/reopen", #"{"reason":"It was in time"}"#)
    // What was late counts now, and whoever sends it again is told so.
    let again = try jury.card("lee", 1, late, revision: 2)
    #expect(again.status == 200 && again.json["replayed"] == true && again.json["late"] == false)
    // A mark that is there twice is none.
    let twice = try jury.card("kim", 1, #"{"line":"x","line":2,"idea":2}"#, revision: 2)
    #expect(twice.status == 400)
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    let recusal = #"{"judge":"kim","entry":"\#(jury.entries[0])","reason":"Her own work"}"#
    try jury.expect(200, "POST", "/api/rounds/first/recuse", recusal)
    let progress = try jury.expect(200, "GET", "/api/rounds/first/progress").json["judges"]?.array
    #expect(progress?[0].object?["cards"]?.object?[jury.entries[0]] == "recused")
    let lift = recusal.dropLast() + #","lift":true}"#
    try jury.expect(200, "POST", "/api/rounds/first/recuse", String(lift))
    // Who was not recused has nothing lifted, and loses no card.
    let second = try jury.expect(409, "POST", "/api/rounds/first/recuse", String(lift))
    #expect(second.json["code"] == "not_recused")
    // What everybody may no longer see has no place.
    try jury.expect(200, "POST", "/api/moderation", #"{"reject":["\#(jury.entries[0])"]}"#)
    let result = try jury.expect(200, "GET", "/api/rounds/first/result")
    #expect(!result.text.contains("\"id\":\"\(jury.entries[0])\",\"caption\""))
  }

  @Test func `breaks a tie by a round of its own`() throws {
    let jury = try Jury(.direct)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    for judge in ["kim", "lee", "ole"] {
      for (entry, mark) in [7, 7, 3].enumerated() { try jury.mark(judge, entry, mark) }
    }
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    let tied = #"["\#(jury.entries[0])","\#(jury.entries[1])"]"#
    try jury.expect(
      200, "POST", "/api/rounds",
      #"{"id":"tie","name":"Tie","sheet":"tattoo","from":{"category":"best"},"entries":\#(tied),"tieOf":"first"}"#
    )
    try jury.expect(200, "POST", "/api/rounds/tie/open")
    for judge in ["kim", "lee", "ole"] {
      for (entry, mark) in [4, 6].enumerated() {
        let answer = try jury.card(judge, entry, #"{"line":\#(mark),"idea":5}"#, round: "tie")
        #expect(answer.status == 200)
      }
    }
    try jury.expect(200, "POST", "/api/rounds/tie/lock")
    try jury.expect(200, "POST", "/api/rounds/tie/decide")
    #expect(try jury.expect(200, "GET", "/api/winners-draft").json["draft"] == [:])
    try jury.expect(200, "POST", "/api/rounds/first/decide")
    let draft = try jury.expect(200, "GET", "/api/winners-draft").json["draft"]?.object?["best"]
    #expect(draft?.array?.map(\.string) == [jury.entries[1], jury.entries[0]])
  }

  @Test func `makes best of show from winners, with more places than it takes`() throws {
    let jury = try Jury(.direct)
    let winners = #"{"winners":{"best":["\#(jury.entries[2])","\#(jury.entries[0])"]}}"#
    try jury.expect(200, "POST", "/api/save-winners", winners)
    let from = #"{"winnersOf":["best"],"take":1,"extra":["\#(jury.entries[1])"]}"#
    let made = try jury.expect(
      200, "POST", "/api/rounds",
      #"{"name":"Best of show","sheet":"tattoo","award":"show","from":\#(from)}"#)
    let id = try #require(made.json["ids"]?.array?.last?.string)
    let opened = try jury.expect(200, "POST", "/api/rounds/\(id)/open")
    #expect(
      opened.json["round"]?.object?["entries"]?.array?.map(\.string)
        == [jury.entries[2], jury.entries[1]])
    for judge in ["kim", "lee", "ole"] {
      for entry in [1, 2] {
        let answer = try jury.card(judge, entry, #"{"line":\#(entry + 3),"idea":5}"#, round: id)
        #expect(answer.status == 200)
      }
    }
    try jury.expect(200, "POST", "/api/rounds/\(id)/lock")
    try jury.expect(200, "POST", "/api/rounds/\(id)/decide")
    try jury.expect(200, "POST", "/api/publish-winners", #"{"categories":["show"]}"#)
    let published = try jury.site.send("GET", "/api/winners").json["winners"]?.object?["show"]
    #expect(published?.array?.map { $0.object?["number"]?.int } == [3, 2])
  }

  @Test(arguments: [true, false])
  func `tells entrants their place, and the middle of their marks where that is wanted`(
    _ isWanted: Bool
  ) throws {
    let jury = try Jury(.direct)
    try jury.expect(
      200, "POST", "/api/rounds",
      #"{"rounds":[{"id":"first","name":"Best","sheet":"tattoo","from":{"category":"best"},"feedback":\#(isWanted)}]}"#
    )
    try jury.expect(200, "POST", "/api/rounds/first/open")
    for (judge, marks) in [("kim", [9, 5, 3]), ("lee", [6, 8, 2]), ("ole", [7, 4, 6])] {
      for (entry, mark) in marks.enumerated() { try jury.mark(judge, entry, mark) }
    }
    let submission = try jury.data()["submissions"]?.object?["best"]?.array?.last?
      .object
    let key = try #require(submission?["submissionId"]?.string)
    func receipt() throws -> JSONObject {
      try jury.site.send("GET", "/api/submissions/\(key)").json
    }
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    try jury.expect(200, "POST", "/api/rounds/first/decide")
    // What is decided is nobody's business before it is published.
    #expect(try receipt()["place"] == nil && receipt()["feedback"] == nil)
    try jury.expect(200, "POST", "/api/publish-winners")
    #expect(try receipt()["place"] == 1)
    #expect(try receipt()["code"]?.string?.wholeMatch(of: /1-[0-9A-Z]{4}/) != nil)
    let told = try receipt()["feedback"]?.array?.first?.object
    #expect((told != nil) == isWanted)
    let medians = told?["criteria"]?.array?.map { $0.object?["median"]?.int }
    #expect(medians == (isWanted ? [7, 7] : nil))
    for judge in ["KIM", "LEE", "OLE", "kim"] {
      #expect(try !jury.site.send("GET", "/api/submissions/\(key)").text.contains(judge))
    }
  }

  @Test func `takes a sheet of paper when two have read the same on it`() throws {
    let jury = try Jury(.direct, judges: ["kim"], entries: 1)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    let path = "/api/rounds/first/scorecards/kim/\(jury.entries[0])"
    func body(_ line: Int, _ state: String) -> String {
      #"{"scores":{"line":\#(line),"idea":6},"state":"\#(state)"}"#
    }
    let alone = try jury.expect(409, "PUT", path, body(7, "final"))
    #expect(alone.json["code"] == "not_confirmed")
    try jury.expect(200, "PUT", path, body(7, "draft"))
    try jury.expect(409, "PUT", path, body(1, "final"))
    try jury.expect(200, "PUT", path, body(7, "final"))
    let card = try jury.data()["scorecards"]?.array?.first?.object
    #expect(card?["by"] == "organizer" && card?["state"] == "final" && card?["revision"] == 2)
  }

  @Test func `keeps what judges have marked from becoming something else`() throws {
    let jury = try Jury(.direct, judges: ["kim"], entries: 1)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    try jury.mark("kim", 0, 5)
    let conflicts = [
      ("/api/judges", #"{"judges":[]}"#, "in_use"), ("/api/rounds", #"{"rounds":[]}"#, "in_use"),
      (
        "/api/sheets",
        #"{"sheets":[{"id":"tattoo","name":"T","criteria":[{"id":"line","name":"L"}]}]}"#, "in_use"
      ),
      (
        "/api/rounds",
        #"{"rounds":[{"id":"first","name":"B","sheet":"tattoo","from":{"category":"sleeve"}}]}"#,
        "bad_state"
      ),
    ]
    for (path, body, code) in conflicts {
      #expect(try jury.expect(409, "POST", path, body).json["code"]?.string == code)
    }
    let bad = [
      ("/api/rounds", #"{"name":"B","sheet":"none","from":{"category":"best"}}"#),
      ("/api/rounds", #"{"name":"B","sheet":"tattoo","from":{"category":"none"}}"#),
      ("/api/rounds", #"{"name":"B","sheet":"tattoo","from":{}}"#),
      ("/api/rounds", #"{"name":"B","sheet":"tattoo","from":{"category":"best"},"method":"sum"}"#),
      ("/api/judges", #"{"judges":[{"name":""}]}"#), ("/api/judges", #"{"judges":1}"#),
      ("/api/judges", #"{"judges":[{"id":"a","name":"A"},{"id":"a","name":"B"}]}"#),
      ("/api/sheets", #"{"name":"S","criteria":[]}"#),
      ("/api/sheets", #"{"name":"S","criteria":[{"id":"a","name":"A","min":5,"max":5}]}"#),
    ]
    for (path, body) in bad { try jury.expect(400, "POST", path, body) }
    try jury.expect(404, "POST", "/api/rounds/none/open")
    try jury.expect(404, "POST", "/api/judges/none/link")
  }

  @Test func `calls contestants to the stage, and who was absent goes last`() throws {
    let jury = try Jury(.direct)
    #expect(try jury.site.send("GET", "/api/call").json["entry"] == .null)
    try jury.expect(409, "POST", "/api/rounds/first/call", #"{"next":true}"#)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    func called() throws -> [Int?] {
      let stage = try jury.site.send("GET", "/api/call").json
      return [stage["entry"]?.object?["number"]?.int, stage["next"]?.object?["number"]?.int]
    }
    try jury.expect(400, "POST", "/api/rounds/first/call", #"{"absent":true}"#)
    try jury.expect(200, "POST", "/api/rounds/first/call", #"{"next":true}"#)
    #expect(try called() == [1, 2])
    try jury.expect(200, "POST", "/api/rounds/first/call", #"{"absent":true}"#)
    #expect(try called() == [2, 3])
    try jury.expect(200, "POST", "/api/rounds/first/call", #"{"next":true}"#)
    #expect(try called() == [3, 1])
    #expect(try jury.site.send("GET", "/api/call").json["absent"] == [1])
    try jury.expect(200, "POST", "/api/rounds/first/call", #"{"next":true}"#)
    #expect(try called() == [1, nil])
    try jury.expect(200, "POST", "/api/rounds/first/call", #"{"next":true}"#)
    #expect(try called() == [nil, nil])
    try jury.expect(200, "POST", "/api/rounds/first/call", #"{"entry":"\#(jury.entries[1])"}"#)
    #expect(try called() == [2, nil])
    #expect(try !jury.site.send("GET", "/api/call").text.contains("Nobody Knows"))
    try jury.expect(404, "POST", "/api/rounds/first/call", #"{"entry":"none"}"#)
    // Who has left the contest is not called.
    try jury.expect(200, "DELETE", "/api/submissions/\(jury.entries[2])")
    try jury.expect(
      404, "POST", "/api/rounds/first/call", #"{"entry":"\#(jury.entries[2])"}"#)
  }

  @Test func `tells the desk what judges do, and nobody else`() throws {
    let site = try RunningSite()
    func post(_ method: String, _ path: String, _ json: String, _ cookie: (String, String)) throws
      -> Answer
    {
      let answer = try site.send(
        method, path, fields: [("Content-Type", "application/json"), cookie], body: Array(json.utf8)
      )
      #expect(answer.status == 200, "\(path): \(answer.text)")
      return answer
    }
    let cookie = try #require(try site.logIn().first)
    let entry = try #require(try site.submit(Form()).json["entry"]?.object?["id"]?.string)
    _ = try post("POST", "/api/sheets", Jury.sheet, cookie)
    _ = try post("POST", "/api/judges", #"{"id":"kim","name":"Kim"}"#, cookie)
    let round = #"{"id":"first","name":"B","sheet":"tattoo","from":{"category":"best"}}"#
    _ = try post("POST", "/api/rounds", round, cookie)
    let token = try post("POST", "/api/judges/kim/link", "{}", cookie).json["token"]?.string ?? ""
    let session = try post("POST", "/api/judge/session", #"{"token":"\#(token)"}"#, cookie)
    let judge = (
      "Cookie", session.fields["set-cookie"]?.split(separator: ";").first.map(String.init) ?? ""
    )
    func judging() throws {
      _ = try post("POST", "/api/rounds/first/open", "", cookie)
      let card = #"{"revision":1,"scores":{"line":8,"idea":7},"state":"final"}"#
      _ = try post("PUT", "/api/judge/scorecards/first/\(entry)", card, judge)
      _ = try post("POST", "/api/rounds/first/call", #"{"next":true}"#, cookie)
    }
    #expect(try site.send("GET", "/api/events?desk=1").status == 401)
    #expect(try site.send("GET", "/api/events?desk=1", fields: [judge]).status == 401)
    let desk = try events(
      site.port, "/api/events?desk=1", fields: ["\(cookie.0): \(cookie.1)"], seconds: 20,
      until: "event: called", then: judging)
    #expect(eventNames(in: desk) == ["roundChanged", "scorecardKept", "called"])
    #expect(desk.contains("\"state\":\"final\"") && !desk.contains("\"line\""))
    _ = try post("POST", "/api/rounds/first/lock", "", cookie)
    let publicStream = try events(
      site.port, "/api/events?after=0", seconds: 20, until: "event: called")
    #expect(eventNames(in: publicStream) == ["newSubmission", "called"])
    #expect(!publicStream.contains("kim"))
  }
}
