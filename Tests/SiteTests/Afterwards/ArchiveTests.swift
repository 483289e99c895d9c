import Foundation
import JSON
import Synchronization
import TestSupport
import Testing

import struct Files.SystemCalls

private let isLong = ProcessInfo.processInfo.environment["CONTEST_LONG_SWEEP"] != nil

/// The end of an event: finalized, archived, brought back.
@Suite(.serialized, .blocking) struct `An event that is over` {
  /// A contest with three entries, two with photos, winners, a decided round and ballots.
  private func finished(_ transport: Transport) throws -> (Vote, id: String) {
    let vote = try Vote(transport)
    try vote.site.expect(vote.cookie, "POST", "/api/event", #"{"name":"Ink Days","endsAt":1}"#)
    for _ in 0..<2 { #expect(try vote.site.submit(Form(photo: png())).status == 200) }
    let winners = #"{"winners":{"best":["\#(vote.entries[1])"]}}"#
    try vote.site.expect(vote.cookie, "POST", "/api/save-winners", winners)
    #expect(try vote.vote(vote.codes[0], [0, 1]).status == 200)
    try vote.organize("voting/close")
    _ = try vote.send("GET", "/api/voting/result", isAdministrators: true)
    try vote.organize("voting/publish")
    return (vote, try vote.site.eventID())
  }

  @Test(arguments: Transport.allCases)
  func `is archived as a folder that needs nothing else, and brought back as it was`(
    _ transport: Transport
  ) throws {
    let (vote, id) = try finished(transport)
    let site = vote.site
    try site.expect(vote.cookie, "POST", "/api/event/finalize", #"{"comment":"Good night"}"#)
    let before = try site.members()
    let plan = try site.expect(vote.cookie, "GET", "/api/event/archive").json
    #expect(plan["goes"]?.object?["entries"] == 5 && plan["goes"]?.object?["photos"] == 2)
    #expect(plan["goes"]?.object?["votes"] == 1 && plan["stays"]?.object?["categories"] == 3)
    #expect(plan["archives"]?.array?.isEmpty == true)

    let archived = try site.archive(vote.cookie, id)
    #expect(archived["archive"] == .string(id))
    let folder = site.dataDirectory + "/archive/\(id)"
    #expect(try names(in: folder) == ["data.json", "manifest.json", "results.html", "uploads"])
    #expect(try names(in: folder + "/uploads").count == 2)
    let page = String(decoding: try contents(of: folder + "/results.html"), as: UTF8.self)
    #expect(
      page.contains("Ink Days") && page.contains("src=\"uploads/") && page.contains("entry 1"))
    #expect(!page.contains("0170") && !page.contains("http://"))

    try checkNewEvent(after: id, vote)
    try site.expect(vote.cookie, "POST", "/api/event/unarchive", #"{"id":"\#(id)"}"#)
    #expect(try site.members() == before)
    #expect(try names(in: site.dataDirectory + "/uploads").count == 2)
    let again = try site.expect(
      vote.cookie, "POST", "/api/event/unarchive", #"{"id":"\#(id)"}"#)
    #expect(again.json["replayed"] == true)

    // It can be archived once more; a new entry then bars the way back.
    _ = try site.archive(vote.cookie, id)
    #expect(try site.submit(Form()).json["entry"]?.object?["number"] == 1)
    let late = try site.ask(vote.cookie, "POST", "/api/event/unarchive", #"{"id":"\#(id)"}"#)
    #expect(late.status == 409 && late.json["code"] == "has_entries")
  }

  /// The new event has the old one's name and rules, and nothing that belonged to it.
  private func checkNewEvent(after id: String, _ vote: Vote) throws {
    let site = vote.site
    #expect(try site.send("GET", "/api/feed").text.contains("\"best\":[]"))
    #expect(try names(in: site.dataDirectory + "/uploads") == [])
    #expect(try site.send("GET", "/api/voting").json["state"] == "setup")
    #expect(try vote.vote(vote.codes[1], [0]).status != 200)
    let cards = try site.expect(vote.cookie, "POST", "/api/vote-batches", #"{"count":10}"#)
    let codes = cards.json["codes"]?.array?.compactMap(\.string) ?? []
    #expect(codes.count == 10 && Set(codes).isDisjoint(with: vote.codes))
    let event = try site.send("GET", "/api/site").json["event"]?.object
    #expect(event?["name"] == "Ink Days" && event?["state"] == "live")
    #expect(event?["id"] != .string(id) && event?["endsAt"] == nil)
  }

  @Test(arguments: [Transport.direct, .cgi])
  func `is finalized only when nothing is undecided, and takes nothing more`(
    _ transport: Transport
  ) throws {
    let vote = try Vote(transport)
    let site = vote.site
    try site.expect(vote.cookie, "POST", "/api/event", #"{"name":"Ink Days"}"#)
    let draft = #"{"winners":{"best":["\#(vote.entries[0])"]}}"#
    try site.expect(vote.cookie, "POST", "/api/winners-draft", draft)
    let blocked = try site.ask(vote.cookie, "POST", "/api/event/finalize")
    #expect(blocked.status == 409 && blocked.json["code"] == "blocked")
    let kinds = blocked.json["blocked"]?.array?.compactMap { $0.object?["kind"]?.string }
    #expect(kinds == ["unpublished_winners", "open_vote"])
    try vote.organize("voting/close")
    try site.expect(vote.cookie, "POST", "/api/publish-winners")
    let key = ("Idempotency-Key", "an-entry-of-before")
    let entered = try site.submit(Form(), fields: [key])
    try site.expect(vote.cookie, "POST", "/api/event/finalize")

    #expect(try site.submit(Form()).json["code"] == "event_finalized")
    let again = try site.submit(Form(), fields: [key])
    #expect(again.json["replayed"] == true && again.json["entry"] == entered.json["entry"])
    for (path, body) in [
      ("/api/event", #"{"name":"x"}"#), ("/api/save-winners", draft),
      ("/api/categories", #"{"categories":[{"id":"best","name":"B"}]}"#),
    ] {
      let refused = try site.ask(vote.cookie, "POST", path, body)
      #expect(refused.status == 409 && refused.json["code"] == "event_finalized", "\(path)")
    }
    // Names of people may still go.
    try site.expect(vote.cookie, "DELETE", "/api/submissions/\(vote.entries[0])")
    #expect(try site.ask(vote.cookie, "POST", "/api/event/reopen").json["code"] == "no_reason")
    try site.expect(vote.cookie, "POST", "/api/event/reopen", #"{"reason":"too early"}"#)
    #expect(try site.submit(Form()).status == 200)
    let shown = try site.send("GET", "/api/site").text
    #expect(!shown.contains("too early") && shown.contains("live"))
  }

  @Test(arguments: [Transport.direct, .cgi])
  func `is archived by an organizer who names it, and by nobody else`(_ transport: Transport) throws
  {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    for path in ["/api/event/finalize", "/api/event/archive", "/api/event/unarchive"] {
      #expect(try site.send("POST", path, body: Array("{}".utf8)).status == 401, "\(path)")
    }
    #expect(try site.send("GET", "/api/event/archive").status == 401)
    let none = try site.ask(cookie, "POST", "/api/event/archive", #"{"confirm":"x"}"#)
    #expect(none.status == 409 && none.json["code"] == "bad_state")
    try site.expect(cookie, "POST", "/api/event", #"{"name":"Ink Days"}"#)
    let id = try site.eventID()
    let live = try site.ask(cookie, "POST", "/api/event/archive", #"{"confirm":"\#(id)"}"#)
    #expect(live.status == 409 && live.json["code"] == "bad_state")
    try site.expect(cookie, "POST", "/api/event/finalize")
    for body in ["{}", #"{"confirm":"Ink Days"}"#, #"{"confirm":true}"#, #"{"confirm":"../x"}"#] {
      let refused = try site.ask(cookie, "POST", "/api/event/archive", body)
      #expect(refused.status == 400 && refused.json["code"] == "not_confirmed", "\(body)")
    }
    for name in ["nothing", "..", "../uploads", ""] {
      let missing = try site.ask(cookie, "POST", "/api/event/unarchive", #"{"id":"\#(name)"}"#)
      #expect(missing.status == 404, "\(name)")
    }
  }

  @Test func `has an archive that is listed, verified, copied and removed`() throws {
    let (vote, id) = try finished(.direct)
    try vote.site.expect(vote.cookie, "POST", "/api/event/finalize")
    _ = try vote.site.archive(vote.cookie, id)
    let data = vote.site.dataDirectory
    func control(_ arguments: String...) throws -> (status: Int32, text: String) {
      let result = try run(
        Checkout.top + "/.build/release/contestctl", ["archive", "--data-dir", data] + arguments)
      return (result.status, String(decoding: result.output, as: UTF8.self) + result.errors)
    }
    #expect(try control("--list").text.contains("\(id) “Ink Days”"))
    #expect(try control("--verify").status == 0)
    let home = try TemporaryDirectory()
    #expect(try control("--extract", id, "--to", home.file("copy")).status == 0)
    #expect(try names(in: home.file("copy") + "/uploads").count == 2)
    let photo = try #require(try names(in: data + "/archive/\(id)/uploads").first)
    // A photo has the same inode here and there.
    let handle = try FileHandle(
      forUpdating: URL(fileURLWithPath: data + "/archive/\(id)/uploads/" + photo))
    try handle.seek(toOffset: 10)
    try handle.write(contentsOf: Data("damage".utf8))
    try handle.close()
    let damaged = try control("--verify")
    #expect(damaged.status == 1 && damaged.text.contains("uploads/\(photo) was changed"))
    #expect(try control("--extract", id, "--to", home.file("other")).status != 0)
    try write("{}", to: data + "/archive/\(id)/data.json")
    let back = try vote.site.ask(
      vote.cookie, "POST", "/api/event/unarchive", #"{"id":"\#(id)"}"#)
    #expect(back.status == 409 && back.json["code"] == "archive_damaged")
    #expect(try control("--delete", id).status == 0)
    #expect(try names(in: data + "/archive") == [])
    #expect(try control("--delete", id).text.contains("There is no archive"))
  }

  /// From a call on, every call fails: that is how a process that is killed there leaves the directory.
  @Test(.timeLimit(.minutes(20)))
  func `is archived whole or not at all, wherever it is interrupted`() throws {
    let (vote, id) = try finished(.direct)
    try vote.site.expect(vote.cookie, "POST", "/api/event/finalize")
    let (original, before) = (vote.site.dataDirectory, try vote.site.members())
    let home = try TemporaryDirectory()
    var (limit, wasInterrupted) = (0, true)
    while wasInterrupted {
      let copy = home.file("copy-\(limit)")
      try FileManager.default.copyItem(atPath: original, toPath: copy)
      let calls = Atomic(0)
      let last = limit
      try Contestant.archive(
        in: copy,
        SystemCalls { _, moment in
          let made = calls.add(moment == .before ? 1 : 0, ordering: .relaxed).newValue
          return made > last ? .fail(EIO) : .proceed
        }, vote.cookie, id)
      wasInterrupted = calls.load(ordering: .relaxed) > last
      try check(copy, after: limit, before, vote.cookie, id)
      try FileManager.default.removeItem(atPath: copy)
      limit += isLong ? 1 : 7
    }
    #expect(limit > 100)
  }

  /// Checks what an interrupted archiving has left, and that it goes on.
  private func check(
    _ directory: String, after limit: Int, _ before: JSONObject, _ cookie: (String, String),
    _ id: String
  ) throws {
    let site = try Contestant(.direct, ["DATA_DIR": directory])
    let members = try site.members(of: directory)
    let isArchived = members["submissions"] == .object(JSONObject())
    #expect(isArchived || members == before, "after \(limit) calls")
    _ = try site.archive(cookie, id)
    let shelf = try names(in: directory + "/archive")
    #expect(shelf == [id], "after \(limit) calls: \(shelf)")
    #expect(try names(in: directory + "/uploads") == [], "after \(limit) calls")
    try site.expect(cookie, "POST", "/api/event/unarchive", #"{"id":"\#(id)"}"#)
    #expect(try site.members(of: directory) == before, "after \(limit) calls")
  }
}
