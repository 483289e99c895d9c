import Foundation
import JSON
import TestSupport
import Testing

/// The event, contestants' numbers and corrections, by every transport.
@Suite(.serialized, .blocking) struct `An event's site` {
  private func send(
    _ site: Contestant, _ method: String, _ path: String, _ json: String = "{}",
    fields: [(String, String)] = []
  ) throws -> Answer {
    try site.send(
      method, path, fields: [("Content-Type", "application/json")] + fields, body: Array(json.utf8))
  }

  private func event(_ site: Contestant) throws -> [String: JSONValue] {
    let object = try site.send("GET", "/api/site").json["event"]?.object
    return Dictionary(uniqueKeysWithValues: (object?.members ?? []).map { ($0.name, $0.value) })
  }

  @Test(arguments: Transport.allCases)
  func `has a name and a face that organizers give it`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    #expect(try site.send("GET", "/api/site").json["event"] == .null)
    #expect(try send(site, "POST", "/api/event", #"{"name":"Ink"}"#).status == 401)
    let made = try send(
      site, "POST", "/api/event",
      ##"{"name":"Ink Days","timeZone":"Europe/Berlin","accent":"#ffb000"}"##, fields: [cookie])
    #expect(made.status == 200 && made.json["success"] == true)
    #expect(try event(site)["name"] == "Ink Days" && event(site)["state"] == "live")
    #expect(try event(site)["accentForButtons"]?.string?.hasPrefix("#") == true)

    // Two desks: the later one is told, and nothing is lost.
    let tag = try #require(try site.send("GET", "/api/site").fields["etag"])
    let first = try send(
      site, "POST", "/api/event", #"{"tagline":"one"}"#, fields: [cookie, ("If-Match", tag)])
    #expect(first.status == 200)
    let second = try send(
      site, "POST", "/api/event", #"{"tagline":"two"}"#, fields: [cookie, ("If-Match", tag)])
    #expect(second.status == 412 && second.json["code"] == "changed_meanwhile")
    #expect(try event(site)["tagline"] == "one")
    let refused = try send(
      site, "POST", "/api/event", ##"{"accent":"#000080"}"##, fields: [cookie])
    #expect(refused.status == 400 && refused.json["error"]?.string?.contains("nearest") == true)
    #expect(
      try send(site, "POST", "/api/event", #"{"accent":null}"#, fields: [cookie]).status == 200)
    #expect(try event(site)["accent"] == nil && event(site)["name"] == "Ink Days")
  }

  @Test(arguments: Transport.allCases)
  func `is told to previews of links, as text`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    func head() throws -> String { try site.send("GET", "/api/page-head").text }
    #expect(try head() == "")
    let event = #"{"name":"Ink \"& <Days>","tagline":"Three days"}"#
    #expect(try send(site, "POST", "/api/event", event, fields: [cookie]).status == 200)
    let shown = try head()
    #expect(
      shown.contains(#"<meta property="og:title" content="Ink &quot;&amp; &lt;Days&gt;">"#))
    #expect(!shown.contains("<title"))
    let titled = try site.send("GET", "/api/page-head?page=winners&title=Win%3Cners").text
    let title = "Win&lt;ners – Ink &quot;&amp; &lt;Days&gt;"
    #expect(titled.contains(#"<title data-text="page.winners">\#(title)</title>"#))
    #expect(!(try site.send("GET", "/api/page-head?page=%22%3E").text.contains("<title")))
    #expect(shown.contains(#"<meta property="og:description" content="Three days">"#))
  }

  @Test(arguments: [Transport.direct, .cgi])
  func `shows its logo in previews of links at the address that was asked, and at no forged one`(
    _ transport: Transport
  ) throws {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    #expect(
      try send(site, "POST", "/api/event", #"{"name":"Ink"}"#, fields: [cookie]).status == 200)
    let sent = try site.send(
      "POST", "/api/event/logo", fields: [("Content-Type", Form.contentType), cookie],
      body: Form(fields: [], photo: png()).body)
    #expect(sent.status == 200)
    func head(_ host: String) throws -> String {
      let fields = [("Host", host), ("X-Forwarded-Proto", "https")]
      return try site.send("GET", "/api/page-head", fields: fields).text
    }
    #expect(
      try head("ink.example").contains(
        #"<meta property="og:image" content="https://ink.example/uploads/"#))
    let forged = try head("ink\"><script>")
    #expect(forged.contains("og:title") && !forged.contains("og:image"))
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `is rehearsed, and begins with nothing of it`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    let early = try send(site, "POST", "/api/event/start", fields: [cookie])
    #expect(early.status == 409 && early.json["code"] == "bad_state")
    let rehearsal = #"{"name":"Ink Days","state":"rehearsal"}"#
    #expect(try send(site, "POST", "/api/event", rehearsal, fields: [cookie]).status == 200)
    let key = ("Idempotency-Key", "key-of-rehearsal")
    #expect(try site.submit(Form(), fields: [key]).json["entry"]?.object?["number"] == 1)
    let live = try send(site, "POST", "/api/event", #"{"state":"live"}"#, fields: [cookie])
    #expect(live.status == 409 && live.json["code"] == "has_entries")
    let started = try send(site, "POST", "/api/event/start", fields: [cookie])
    #expect(started.status == 200)
    let snapshot = try #require(started.json["snapshot"]?.string)
    let kept = try contents(of: site.dataDirectory + "/backups/" + snapshot)
    #expect(String(decoding: kept, as: UTF8.self).contains("key-of-rehearsal"))
    #expect(try event(site)["state"] == "live")
    #expect(try site.send("GET", "/api/submissions/key-of-rehearsal").status == 404)
    #expect(try !site.send("GET", "/api/feed").text.contains("caption"))
    let again = try site.submit(Form(), fields: [key])
    #expect(again.json["replayed"] == nil && again.json["entry"]?.object?["number"] == 1)
    let back = try send(site, "POST", "/api/event", #"{"state":"rehearsal"}"#, fields: [cookie])
    #expect(back.status == 409 && back.json["code"] == "has_entries")
  }

  @Test(arguments: Transport.allCases)
  func `gives contestants numbers that receipt and feed show`(_ transport: Transport) throws {
    let site = try Contestant(transport, ["MODERATION": "on"])
    let cookie = try site.logIn()
    var ids: [String] = []
    for key in ["key-number-1", "key-number-2"] {
      let answer = try site.submit(Form(), fields: [("Idempotency-Key", key)])
      let entry = try #require(answer.json["entry"]?.object)
      #expect(entry["number"] == nil)
      ids.append(try #require(entry["id"]?.string))
    }
    // The later one is approved first.
    for id in ids.reversed() {
      #expect(
        try send(site, "POST", "/api/moderation", "{\"approve\":[\"\(id)\"]}", fields: [cookie])
          .status == 200)
    }
    #expect(try site.send("GET", "/api/submissions/key-number-1").json["number"] == 2)
    #expect(try site.send("GET", "/api/submissions/key-number-2").json["number"] == 1)
    let feed = try #require(try site.send("GET", "/api/feed").json["feed"]?.object?["best"]?.array)
    #expect(feed.map { $0.object?["number"] } == [1, 2])
  }

  @Test(arguments: Transport.allCases)
  func `tells nobody who only knows a receipt who made the tattoo`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    let form = Form(fields: [("category", "best"), ("artist", "Ada")])
    let receipt = try #require(try site.submit(form).json["submissionId"]?.string)
    for (artist, isTold) in [("", false), ("Bob", false), ("Ada", true)] {
      let fields = [("category", "best"), ("artist", artist), ("submissionId", receipt)]
      let again = try site.submit(Form(fields: fields))
      #expect(again.json["replayed"] == true)
      #expect((again.json["entry"]?.object?["artist"] == "Ada") == isTold)
    }
    #expect(try !site.send("GET", "/api/submissions/" + receipt).text.contains("Ada"))
  }

  @Test(arguments: Transport.allCases)
  func `lets organizers correct an entry and move it`(_ transport: Transport) throws {
    let site = try Contestant(transport, ["REVEAL_ARTISTS": "on"])
    let cookie = try site.logIn()
    let form = Form(fields: [
      ("category", "best"), ("caption", "a"), ("artist", "Ada"), ("studio", ""),
    ])
    let entered = try site.submit(form)
    let id = try #require(entered.json["entry"]?.object?["id"]?.string)
    #expect(entered.json["entry"]?.object?["artist"] == "Ada")
    #expect(entered.json["entry"]?.object?["studio"] == nil)
    let path = "/api/submissions/" + id
    #expect(try send(site, "PATCH", path, #"{"caption":"b"}"#).status == 401)
    #expect(try send(site, "PATCH", path, #"{"phone":"1"}"#, fields: [cookie]).status == 400)
    #expect(
      try send(site, "PATCH", path + "x", #"{"caption":"b"}"#, fields: [cookie]).status == 404)
    let patched = try send(
      site, "PATCH", path, #"{"caption":"b","studio":"Iron"}"#, fields: [cookie])
    #expect(patched.status == 200 && patched.json["transactionId"]?.string != nil)
    for (category, status) in [("none", 400), ("sleeve", 200), ("sleeve", 200)] {
      let body = "{\"category\":\"\(category)\"}"
      #expect(try send(site, "POST", path + "/category", body, fields: [cookie]).status == status)
    }
    let feed = try #require(try site.send("GET", "/api/feed").json["feed"]?.object)
    #expect(feed["best"]?.array?.isEmpty == true)
    #expect(feed["sleeve"]?.array?.first?.object?["caption"] == "b")
    #expect(try !site.send("GET", "/api/feed").text.contains("Ada"))
    let winners = "{\"winners\":{\"sleeve\":[\"\(id)\"]}}"
    #expect(try send(site, "POST", "/api/save-winners", winners, fields: [cookie]).status == 200)
    let won = try site.send("GET", "/api/winners").json["winners"]?.object?["sleeve"]?.array?.first
    #expect(won?.object?["artist"] == "Ada" && won?.object?["studio"] == "Iron")
    let log = try names(in: site.dataDirectory + "/.wal").filter { $0.hasPrefix("completed") }
    let lines = try log.map {
      String(decoding: try contents(of: site.dataDirectory + "/.wal/" + $0), as: UTF8.self)
    }
    #expect(lines.joined().contains(#""before":{"caption":"a""#))
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `shows a logo, which no clean-up takes for an orphan`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    func upload(_ photo: [UInt8]?) throws -> Answer {
      try site.send(
        "POST", "/api/event/logo", fields: [("Content-Type", Form.contentType), cookie],
        body: Form(fields: [], photo: photo).body)
    }
    #expect(try upload(png()).status == 409)
    #expect(
      try send(site, "POST", "/api/event", #"{"name":"Ink"}"#, fields: [cookie]).status == 200)
    #expect(try upload(nil).status == 400)
    #expect(try upload(Array("<svg/>".utf8)).status == 415)
    #expect(try upload(png()).status == 200)
    let first = try #require(try event(site)["logo"]?.string)
    #expect(try site.send("GET", first).status == 200)
    #expect(try upload(png(width: 32)).status == 200)
    let second = try #require(try event(site)["logo"]?.string)
    #expect(try site.send("GET", first).status == 404 && site.send("GET", second).status == 200)
    #expect(try send(site, "DELETE", "/api/event/logo", fields: [cookie]).status == 200)
    #expect(try site.send("GET", second).status == 404 && event(site)["logo"] == nil)
    #expect(try send(site, "DELETE", "/api/event/logo", fields: [cookie]).status == 404)
  }
}
