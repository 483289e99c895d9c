import Contest
import ContestAPI
import DirectorySite
import Foundation
import JSON
import Logging
import Synchronization
import TestSupport
import Testing
import Threads

import struct Files.Surroundings
import struct Files.SystemCalls

private let isLong = ProcessInfo.processInfo.environment["CONTEST_LONG_SWEEP"] != nil

/// What an entrant has written, and how it is looked for in every byte of a data directory.
private enum Person {
  static let (name, phone) = ("Zoë Quagmire", "0170 5551234567")
  static let (caption, artist) = ("Ouroboros über Knöchel", "Maestro Vexillum")
  static let form = Form(
    fields: [
      ("category", "best"), ("caption", caption), ("name", name), ("phone", phone),
      ("artist", artist),
    ], photo: png())

  /// Each text in several spellings.
  static let spellings: [(text: String, bytes: [UInt8])] = [name, phone, caption, artist].flatMap {
    text -> [(String, [UInt8])] in
    let units = Array(text.utf16)
    func escaped(_ digits: (UInt16) -> String) -> [UInt8] {
      Array(units.map { $0 < 0x80 ? String(UnicodeScalar(UInt8($0))) : digits($0) }.joined().utf8)
    }
    func all(_ digits: (UInt16) -> String) -> [UInt8] { Array(units.map(digits).joined().utf8) }
    func hex(_ unit: UInt16, _ isUpper: Bool) -> String {
      "\\u" + String(String(unit, radix: 16, uppercase: isUpper).reversed().padding4.reversed())
    }
    return [
      (text, Array(text.utf8)), (text, Array(text.uppercased().utf8)),
      (text, Array(text.lowercased().utf8)),
      (text, Array(text.decomposedStringWithCanonicalMapping.utf8)),
      (text, escaped { hex($0, false) }), (text, escaped { hex($0, true) }),
      (text, all { hex($0, false) }), (text, all { hex($0, true) }),
      (text, units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }),
      (text, units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }),
      (
        text,
        Array((text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text).utf8)
      ),
      (text, Array(Data(text.utf8).base64EncodedString().utf8)),
      (text, Array(text.replacingOccurrences(of: " ", with: "").utf8)),
      (text, Array(text.filter { $0 != " " }.map(String.init).joined(separator: " ").utf8)),
      (text, Array(text.filter { $0 != " " }.map(String.init).joined(separator: "-").utf8)),
      (text, Array(text.replacingOccurrences(of: " ", with: "/").utf8)),
      (text, Array(text.map { "&#\($0.unicodeScalars.first?.value ?? 0);" }.joined().utf8)),
      (text, Array(text.replacingOccurrences(of: " ", with: "-").utf8)),
      (text, Array(text.replacingOccurrences(of: " ", with: "+").utf8)),
    ]
  }

  /// The files below a directory that have something of the person.
  static func files(in directory: String) throws -> [String] {
    let paths =
      FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
    return try paths.filter { path in
      var isDirectory: ObjCBool = false
      let whole = directory + "/" + path
      guard FileManager.default.fileExists(atPath: whole, isDirectory: &isDirectory),
        !isDirectory.boolValue
      else { return false }
      let data = Data(try contents(of: whole))
      return spellings.contains { data.range(of: Data($0.bytes)) != nil }
    }.sorted()
  }
}

extension Sequence<Character> {
  fileprivate var padding4: [Character] {
    let digits = Array(self)
    return digits + Array(repeating: "0", count: Swift.max(0, 4 - digits.count))
  }
}

/// Personal data that is erased: by entrants, by organizers, by itself.
@Suite(.serialized, .blocking) struct `Personal data` {
  /// The same site some time later.
  private func later(
    _ site: Contestant, hours: Int, _ settings: [String: String] = [:],
    system: SystemCalls = SystemCalls()
  ) throws -> Site {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let values = ["DATA_DIR": site.dataDirectory].merging(settings) { $1 }
    return try DirectorySite(
      try Settings(values: values), logger: logger, answersOnce: true, system: system,
      surroundings: Surroundings(
        nowMilliseconds: { Surroundings.machine.nowMilliseconds() + hours * 3_600_000 + 1000 },
        randomBits: Surroundings.machine.randomBits)
    ).site
  }

  private func withdraw(_ site: Contestant, _ key: String, _ isWithdrawn: Bool) throws -> Answer {
    try site.send(
      "POST", "/api/submissions/\(key)/withdraw", fields: [("Content-Type", "application/json")],
      body: Array(#"{"confirm":\#(isWithdrawn)}"#.utf8))
  }

  @Test(arguments: Transport.allCases)
  func `is taken back by whoever has the receipt, and can be had back for an hour`(
    _ transport: Transport
  ) throws {
    let site = try Contestant(transport)
    let key = ("Idempotency-Key", "an-entry-to-withdraw")
    let entered = try site.submit(Person.form, fields: [key])
    let image = try #require(entered.json["entry"]?.object?["imageUrl"]?.string)
    #expect(try withdraw(site, "none-of-these", true).status == 404)
    #expect(try withdraw(site, key.1, true).json["erasedAt"]?.int != nil)
    #expect(!(try site.send("GET", "/api/feed").text.contains("Ouroboros")))
    #expect(try site.send("GET", image).status == 404)
    let receipt = try site.send("GET", "/api/submissions/\(key.1)").json
    #expect(receipt["withdrawnAt"]?.int != nil && receipt["imageUrl"] == nil)
    #expect(try withdraw(site, key.1, true).status == 200)
    #expect(try withdraw(site, key.1, false).status == 200)
    #expect(try site.send("GET", "/api/feed").text.contains("Ouroboros"))
    if transport != .direct { #expect(try site.send("GET", image).status == 200) }
    #expect(try site.send("GET", "/api/submissions/\(key.1)").json["withdrawnAt"] == nil)
    let body = Array("{}".utf8)
    let vague = try site.send("POST", "/api/submissions/\(key.1)/withdraw", body: body)
    #expect(vague.status == 400 && vague.json["code"] == "not_confirmed")
  }

  @Test func `is in no file an hour after it was withdrawn, and its key enters nothing`() throws {
    let site = try Contestant(.direct)
    let key = ("Idempotency-Key", "an-entry-to-withdraw")
    _ = try site.submit(Form())
    #expect(try site.submit(Person.form, fields: [key]).status == 200)
    for _ in 0..<12 { _ = try site.submit(Form()) }
    #expect(try withdraw(site, key.1, true).status == 200)
    try later(site, hours: 0).erasures.tend()
    #expect(!(try Person.files(in: site.dataDirectory).isEmpty))
    try later(site, hours: 1).erasures.tend()
    #expect(try Person.files(in: site.dataDirectory) == [])
    #expect(try names(in: site.dataDirectory + "/uploads") == [])
    for method in ["GET"] {
      let receipt = try site.send(method, "/api/submissions/\(key.1)")
      #expect(receipt.status == 410 && receipt.json["code"] == "erased")
    }
    let again = try site.submit(Person.form, fields: [key])
    #expect(again.status == 410 && again.json["code"] == "erased")
    #expect(try withdraw(site, key.1, false).status == 410)
    #expect(try Person.files(in: site.dataDirectory) == [])
    #expect(try control(["verify"], site).status == 0)
  }

  private func control(
    _ arguments: [String], _ site: Contestant
  ) throws -> (status: Int32, text: String) {
    let result = try run(
      Checkout.top + "/.build/release/contestctl",
      arguments + ["--data-dir", site.dataDirectory])
    return (result.status, String(decoding: result.output, as: UTF8.self) + result.errors)
  }

  /// A site where the person is everywhere: in the contest, corrected and moderated, removed, in a snapshot, in an
  /// archive.
  private func crowded() throws -> (Contestant, cookie: (String, String), snapshot: String) {
    let site = try Contestant(.direct)
    let cookie = try site.logIn()
    try site.expect(cookie, "POST", "/api/event", #"{"name":"Ink Days"}"#)
    _ = try site.submit(Form())
    #expect(try site.submit(Person.form).status == 200)
    try site.expect(cookie, "POST", "/api/event/finalize")
    _ = try site.archive(cookie, try site.eventID())
    var ids: [String] = []
    for _ in 0..<3 {
      let entry = try site.submit(Person.form).json["entry"]?.object
      ids.append(try #require(entry?["id"]?.string))
    }
    try site.expect(
      cookie, "PATCH", "/api/submissions/\(ids[0])", #"{"caption":"\#(Person.caption) II"}"#)
    try site.expect(cookie, "POST", "/api/moderation", #"{"reject":["\#(ids[1])"]}"#)
    try site.expect(cookie, "POST", "/api/save-winners", #"{"winners":{"best":["\#(ids[0])"]}}"#)
    let backup = try control(["backup"], site).text
    let snapshot = try #require(backup.firstMatch(of: /backup-[0-9a-f-]+\.json/)).output
    try site.expect(cookie, "DELETE", "/api/submissions/\(ids[2])")
    _ = try site.submit(Form())
    return (site, cookie, site.dataDirectory + "/backups/" + snapshot)
  }

  private func erase(
    _ site: Contestant, _ cookie: (String, String), scope: String = "entry"
  ) throws -> JSONObject {
    let planned = try site.expect(
      cookie, "POST", "/api/erasures", #"{"phone":"+49 (170) 5551234567","scope":"\#(scope)"}"#)
    let token = try #require(planned.json["token"]?.string)
    #expect(planned.json["contest"] == 2 && planned.json["history"] == 2)
    #expect(!(try Person.files(in: site.dataDirectory).isEmpty))
    let done = try site.expect(cookie, "POST", "/api/erasures/\(token)")
    let again = try site.expect(cookie, "POST", "/api/erasures/\(token)").json
    #expect(again["replayed"] == true && again["certificate"]?.object?["count"] == 4)
    return try #require(done.json["certificate"]?.object)
  }

  @Test
  func
    `goes from contest, log, backups, snapshots, photos and archives, and no restore brings it back`()
    throws
  {
    let (site, cookie, snapshot) = try crowded()
    let before = try contents(of: snapshot)
    let certificate = try erase(site, cookie)
    #expect(certificate["count"] == 4 && certificate["lines"]?.int ?? 0 >= 5)
    #expect(try Person.files(in: site.dataDirectory) == [])
    #expect(try control(["verify"], site).status == 0)
    #expect(try control(["archive", "--verify"], site).status == 0)
    // The rest is as it was: two entries, and a place that nobody has now.
    #expect(try site.send("GET", "/api/winners").text.contains("\"best\":[]"))
    #expect(try site.expect(cookie, "GET", "/api/erasures").json["erasures"]?.array?.count == 1)
    // A restore of the snapshot as it was, which somebody has kept elsewhere.
    let home = try TemporaryDirectory()
    try Data(before).write(to: URL(fileURLWithPath: home.file("kept.json")))
    #expect(try control(["restore", home.file("kept.json")], site).status == 0)
    #expect(try Person.files(in: site.dataDirectory) == [])
    // Planted where it was: it is found.
    try Data(before).write(to: URL(fileURLWithPath: snapshot))
    let found = try control(["verify"], site)
    #expect(found.status == 1 && found.text.contains("backups/"), "\(found.text)")
  }

  @Test func `of contacts goes, and the entry stays`() throws {
    let (site, cookie, _) = try crowded()
    let planned = try site.expect(
      cookie, "POST", "/api/erasures", #"{"phone":"01705551234567","scope":"contact"}"#)
    let token = try #require(planned.json["token"]?.string)
    try site.expect(cookie, "POST", "/api/erasures/\(token)")
    let feed = try site.send("GET", "/api/feed").text
    #expect(feed.contains("Ouroboros"))
    let files = try Person.files(in: site.dataDirectory)
    for file in files {
      let text = String(decoding: try contents(of: site.dataDirectory + "/" + file), as: UTF8.self)
      #expect(!text.contains("Quagmire") && !text.contains("5551234567"), "\(file)")
    }
    let verified = try control(["verify"], site)
    #expect(verified.status == 0, "\(verified.text)")
  }

  @Test func `of those who did not win goes by itself, days after the event`() throws {
    let site = try Contestant(.direct)
    let cookie = try site.logIn()
    try site.expect(cookie, "POST", "/api/event", #"{"name":"Ink Days"}"#)
    let entries = try (0..<2).map { _ in
      try #require(try site.submit(Person.form).json["entry"]?.object?["id"]?.string)
    }
    try site.expect(
      cookie, "POST", "/api/save-winners", #"{"winners":{"best":["\#(entries[0])"]}}"#)
    let end = Surroundings.machine.nowMilliseconds() - 1000
    try site.expect(cookie, "POST", "/api/event", #"{"startsAt":1,"endsAt":\#(end)}"#)
    // One that was removed is in the history only.
    let removed = try site.submit(Form(fields: [("category", "best"), ("name", "Gone Girl")]))
    let gone = try #require(removed.json["entry"]?.object?["id"]?.string)
    try site.expect(cookie, "DELETE", "/api/submissions/\(gone)")
    func phones() throws -> [String] {
      let list = try site.expect(cookie, "GET", "/api/submissions").json["submissions"]?.object
      return (list?["best"]?.array ?? []).compactMap { $0.object?["phone"]?.string }
    }
    try later(site, hours: 24 * 59).erasures.tend()
    try later(site, hours: 24 * 70, ["PERSONAL_DATA_DAYS": "0"]).erasures.tend()
    #expect(try phones() == [Person.phone, Person.phone])
    try later(site, hours: 24 * 61).erasures.tend()
    #expect(try phones() == ["", Person.phone])
    let log = try contents(of: site.dataDirectory + "/.wal/completed-000000000001.jsonl")
    #expect(!String(decoding: log, as: UTF8.self).contains("Gone Girl"))
  }

  @Test func `goes from an archive's words and photos, and from nothing else that a URL names`()
    throws
  {
    let (site, cookie, _) = try crowded()
    let shelf = site.dataDirectory + "/archive/"
    let event = try #require(try names(in: shelf).first)
    let kept = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: shelf + event, toPath: kept.file("archive"))
    // A plan that somebody has written names a file that is no photo.
    let entries = try site.expect(cookie, "GET", "/api/submissions").json["submissions"]?.object
    let id = try #require(entries?["best"]?.array?.last?.object?["id"]?.string)
    let planned = try site.expect(
      cookie, "POST", "/api/erasures", #"{"entries":["\#(id)"],"scope":"entry"}"#)
    let token = try #require(planned.json["token"]?.string)
    let file = site.dataDirectory + "/.admin/erasures/\(token).json"
    let plan = String(decoding: try contents(of: file), as: UTF8.self)
    try write(
      plan.replacingOccurrences(
        of: #""photos":["#, with: #""photos":["https://old.example/x/data.json","#), to: file)
    try site.expect(cookie, "POST", "/api/erasures/\(token)")
    #expect(try control(["archive", "--verify"], site).status == 0)
    // Something after which no line ends does not swallow the next erasure.
    let ledger = site.dataDirectory + "/.erasures.jsonl"
    let before = try contents(of: ledger)
    try Data(before + Array("garbage".utf8)).write(to: URL(fileURLWithPath: ledger))
    _ = try control(["erase", "--phone", Person.phone, "--yes"], site)
    let listed = try site.expect(cookie, "GET", "/api/erasures").json["erasures"]?.array
    #expect(listed?.count == 2)
    #expect(try control(["verify"], site).text.contains(".erasures.jsonl:"))
    // A copy of the archive that somebody puts back loses it again, and unarchiving brings nothing back.
    try FileManager.default.removeItem(atPath: shelf + event)
    try FileManager.default.copyItem(atPath: kept.file("archive"), toPath: shelf + event)
    #expect(try control(["erase", "--again"], site).status == 0)
    #expect(try Person.files(in: shelf) == [])
  }

  @Test func `stays withdrawn though a snapshot of before is restored, and nobody removes it`()
    throws
  {
    let site = try Contestant(.direct)
    let cookie = try site.logIn()
    let key = ("Idempotency-Key", "an-entry-to-withdraw")
    let entry = try site.submit(Person.form, fields: [key]).json["entry"]?.object
    let id = try #require(entry?["id"]?.string)
    let backup = try control(["backup"], site).text
    let snapshot = try #require(backup.firstMatch(of: /backup-[0-9a-f-]+\.json/)).output
    #expect(try withdraw(site, key.1, true).status == 200)
    let removed = try site.ask(cookie, "DELETE", "/api/submissions/\(id)")
    #expect(removed.status == 409 && removed.json["code"] == "withdrawn")
    let approved = try site.ask(
      cookie, "POST", "/api/moderation", #"{"approve":["\#(id)"]}"#)
    #expect(approved.status == 409 && approved.json["code"] == "withdrawn")
    let restored = try control(["restore", site.dataDirectory + "/backups/" + snapshot], site)
    #expect(restored.status == 0, "\(restored.text)")
    #expect(!(try site.send("GET", "/api/feed").text.contains("Ouroboros")))
    #expect(try site.send("GET", "/api/submissions/\(key.1)").json["withdrawnAt"]?.int != nil)
    #expect(try control(["verify"], site).status == 0)
    try later(site, hours: 1).erasures.tend()
    #expect(try Person.files(in: site.dataDirectory) == [])
  }

  @Test(arguments: [Transport.direct, .cgi])
  func `is erased by an organizer who says whose, and by nobody else`(_ transport: Transport) throws
  {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    let body = #"{"phone":"0170 5551234567","scope":"entry"}"#
    #expect(try site.send("POST", "/api/erasures", body: Array(body.utf8)).status == 401)
    #expect(try site.send("GET", "/api/erasures").status == 401)
    #expect(try site.send("POST", "/api/erasures/x", body: Array("{}".utf8)).status == 401)
    for malformed in [
      "{}", #"{"scope":"entry"}"#, #"{"phone":"0170","scope":"everything"}"#,
      #"{"phone":"none","scope":"entry"}"#, #"{"entries":"x","scope":"entry"}"#,
      #"{"entries":[1],"scope":"entry"}"#, #"{"phone":"1","olderThan":1,"scope":"entry"}"#,
    ] {
      #expect(
        try site.ask(cookie, "POST", "/api/erasures", malformed).status == 400, "\(malformed)")
    }
    for token in ["x", "..%2Fpassword", "password"] {
      #expect(try site.ask(cookie, "POST", "/api/erasures/\(token)").status == 404)
    }
    let empty = try site.expect(cookie, "POST", "/api/erasures", body)
    #expect(empty.json["entries"] == [] && empty.json["unreachable"]?.array?.isEmpty == false)
  }

  /// From a call on, every call fails, as when a process is killed there.
  @Test(.timeLimit(.minutes(20)))
  func `goes wherever its erasure is interrupted, when that is repeated`() throws {
    let (site, _, _) = try crowded()
    let home = try TemporaryDirectory()
    var (limit, wasInterrupted) = (0, true)
    while wasInterrupted {
      let copy = try site.copied(to: home.file("copy-\(limit)"))
      let calls = Atomic(0)
      let last = limit
      let dying = SystemCalls { _, moment in
        let made = calls.add(moment == .before ? 1 : 0, ordering: .relaxed).newValue
        return made > last ? .fail(EIO) : .proceed
      }
      let plan = try later(copy, hours: 0).erasures.plan(.phone(Person.phone), .entry)
      _ = try? later(copy, hours: 0, system: dying).erasures.perform(plan)
      wasInterrupted = calls.load(ordering: .relaxed) > last
      let again = try later(copy, hours: 0)
      let isBegun = FileManager.default.fileExists(
        atPath: copy.dataDirectory + "/.erasures.jsonl")
      if isBegun { try again.erasures.tend() } else { _ = try again.erasures.perform(plan) }
      let left = try Person.files(in: copy.dataDirectory)
      #expect(left == [], "after \(limit) calls: \(left)")
      let verified = try control(["verify"], copy)
      #expect(verified.status == 0, "after \(limit) calls: \(verified.text)")
      try FileManager.default.removeItem(atPath: copy.dataDirectory)
      limit += isLong ? 1 : 23
    }
    #expect(limit > 100)
  }

  /// Erases what is left by two processes at once.
  private func finishTwice(_ site: Contestant) throws {
    _ = try control(["erase", "--phone", "01705551234567", "--yes"], site)
    let arguments = ["erase", "--again", "--data-dir", site.dataDirectory]
    let both = (0..<2).map { _ in Program(Checkout.top + "/.build/release/contestctl", arguments) }
    for process in both { try process.start() }
    for process in both { process.wait() }
    #expect(both.map(\.status) == [0, 0])
    #expect(try Person.files(in: site.dataDirectory) == [])
    let verified = try control(["verify"], site)
    #expect(verified.status == 0, "\(verified.text)")
  }

  /// Commits go on, the erasure is killed again and again, and in the end two processes finish it at once.
  @Test(.timeLimit(.minutes(20)))
  func `goes although its erasure is killed over and over while others enter`() throws {
    let (site, cookie, _) = try crowded()
    let before = try site.send("GET", "/api/feed").text.matches(of: /"id":/).count
    let isDone = Flag()
    let entered = Atomic(0)
    let erased = "erase --data-dir \(site.dataDirectory) --phone 01705551234567 --yes"
    let directory = site.dataDirectory
    inThreads(3) { thread in
      if thread < 2 {
        let own = try? Contestant(.direct, ["DATA_DIR": directory])
        while !isDone.isSet {
          let answer = try? own?.submit(Form())
          if answer?.status == 200 { entered.add(1, ordering: .relaxed) }
        }
        return
      }
      for round in 0..<(isLong ? 60 : 12) {
        let process = Program(
          Checkout.top + "/.build/release/contestctl", erased.split(separator: " ").map(String.init)
        )
        try? process.start()
        usleep(UInt32(1_000 + 2_000 * round))
        process.send(SIGKILL)
        process.wait()
      }
      isDone.set()
    }
    try finishTwice(site)
    let after = try site.send("GET", "/api/feed").text.matches(of: /"id":/).count
    // Of the person, one entry was public.
    #expect(after == before - 1 + entered.load(ordering: .relaxed))
    #expect(
      try site.expect(cookie, "GET", "/api/erasures").json["erasures"]?.array?.isEmpty == false)
  }

  @Test(.timeLimit(.minutes(20)))
  func `is told to no live client again, once it is withdrawn`() throws {
    let site = try RunningSite()
    let key = ("Idempotency-Key", "an-entry-to-withdraw")
    #expect(try site.submit(Person.form, fields: [key]).status == 200)
    let told = try events(site.port, "/api/events?after=0", seconds: 20, until: "Ouroboros")
    #expect(told.contains("Ouroboros"))
    let body = Array(#"{"confirm":true}"#.utf8)
    let withdrawn = try site.send(
      "POST", "/api/submissions/\(key.1)/withdraw", fields: [("Content-Type", "application/json")],
      body: body)
    #expect(withdrawn.status == 200)
    try eventually("nobody is told again") {
      !(try events(site.port, "/api/events?after=0", seconds: 20, until: "event:"))
        .contains("Ouroboros")
    }
  }

  @Test(arguments: [
    ("0170 1234567", "+49 170 1234567", true), ("0170 1234567", "+49 (0)170 / 1234567", true),
    ("0170 1234567", "01701234567", true), ("555 0101", "5550101", true),
    ("555 0101", "+49 170 5550101", false), ("0170 1234567", "0171 1234567", false),
    ("", "", false), ("no number", "none", false), ("00491701234567", "0170 1234567", true),
  ])
  func `is found by a number, however it is written`(
    _ one: String, _ other: String, _ isSame: Bool
  ) throws {
    let site = try Contestant(.direct)
    let cookie = try site.logIn()
    _ = try site.submit(Form(fields: [("category", "best"), ("name", "x"), ("phone", one)]))
    let planned = try site.ask(
      cookie, "POST", "/api/erasures", #"{"phone":"\#(other)","scope":"contact"}"#)
    #expect((planned.json["contest"] == 1) == isSame)
  }

  /// Where something may come back by somebody's hand, and what is found then.
  private static let places: [(plant: String, found: String)] = [
    ("backups/backup-1700000000000-00000001.json", "backups/backup-1700000000000-00000001.json"),
    (".wal/completed-000000000001.jsonl", ".wal/completed-000000000001.jsonl"),
    (".wal/checkpoint.json", ".wal/checkpoint.json"),
    (".wal/free-feed.json", ".wal/free-feed.json"),
    (".temp/tmp-1700000000000-abcdef.json", ".temp/tmp-1700000000000-abcdef.json"),
    ("quarantine/1700000000000-00000001-data.json", "quarantine/1700000000000-00000001-data.json"),
    ("archive/EVENT/data.json", "archive/EVENT/data.json"),
    ("archive/.making-x/data.json", "archive/.making-x"), ("archive/y/data.json", "archive/y"),
  ]

  @Test func `is found by verify wherever somebody puts it back`() throws {
    let (site, cookie, snapshot) = try crowded()
    let directory = site.dataDirectory
    let shelf = try #require(try names(in: directory + "/archive").first { !$0.hasPrefix(".") })
    func path(_ name: String) -> String { name.replacingOccurrences(of: "EVENT", with: shelf) }
    // Log and archive have what they had before the erasure; the others have a whole state.
    let before = try Self.places.map { place in
      let isOwn = place.plant.contains("completed-") || place.plant.contains("EVENT")
      return try contents(of: isOwn ? directory + "/" + path(place.plant) : snapshot)
    }
    _ = try erase(site, cookie)
    let clean = try control(["verify"], site)
    #expect(clean.status == 0, "\(clean.text)")
    for (place, text) in zip(Self.places, before) {
      let file = URL(fileURLWithPath: directory + "/" + path(place.plant))
      let former = try? Data(contentsOf: file)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      // A file of its own: the checkpoint has the data file's inode.
      try? FileManager.default.removeItem(at: file)
      try Data(text).write(to: file)
      let found = try control(["verify"], site)
      #expect(
        found.status == 1 && found.text.contains(path(place.found) + ":"),
        "\(place.plant): \(found.text)")
      try FileManager.default.removeItem(at: file)
      if let former {
        try former.write(to: file)
      } else if place.plant.hasPrefix("archive/") {
        try FileManager.default.removeItem(at: file.deletingLastPathComponent())
      }
    }
  }
}
