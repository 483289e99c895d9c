import Foundation
import JSON
import TestSupport
import Testing

@Suite(.serialized, .blocking) struct `An endpoint` {
  @Test(arguments: Transport.allCases)
  func `of an empty data directory is healthy, ready, and shows nothing`(_ transport: Transport)
    throws
  {
    let site = try Contestant(transport)
    #expect(try site.send("GET", "/health").json["status"] == "healthy")
    #expect(try site.send("GET", "/ready").text == "{\"ready\":true}\n")
    #expect(
      try site.send("GET", "/api/feed").text
        == "{\"feed\":{\"worst\":[],\"best\":[],\"sleeve\":[]},\"winnersAvailable\":false}\n")
    #expect(
      try site.send("GET", "/api/winners").text
        == "{\"winners\":{\"worst\":[],\"best\":[],\"sleeve\":[]}}\n")
    #expect(
      try site.send("GET", "/categories.json").text
        == #"[{"id":"worst","name":"Worst"},{"id":"best","name":"Best"},{"id":"sleeve","name":"Sleeve"}]"#
        + "\n")
    #expect(try site.send("HEAD", "/api/feed").body.isEmpty)
  }

  @Test(arguments: Transport.allCases)
  func `for submitting confirms an entry, which the feed and the receipt show`(
    _ transport: Transport
  ) throws {
    let site = try Contestant(transport)
    var form = Form(photo: png())
    form.fields += [("name", "Jo <b>"), ("phone", "a phone number")]
    let answer = try site.submit(form)
    #expect(answer.status == 200)
    let entry = try #require(answer.json["entry"]?.object)
    #expect(
      answer.json.members.map(\.name) == [
        "success", "entry", "storageMethod", "submissionId", "persistenceConfirmed",
        "transactionId",
      ])
    #expect(answer.json["persistenceConfirmed"] == true)
    #expect(answer.json["storageMethod"] == "local-primary")
    #expect(entry["name"] == "Jo <b>" && entry["phone"] == "a phone number")
    #expect(entry["caption"] == "a caption")
    #expect(entry["id"]?.string?.wholeMatch(of: /\d{13}-[0-9a-z]{6}/) != nil)

    let feed = try site.send("GET", "/api/feed")
    let shown = feed.json["feed"]?.object?["best"]?.array?.first?.object
    #expect(
      shown?.members.map(\.name) == ["id", "caption", "imageUrl", "artist", "createdAt", "number"])
    #expect(shown?["id"] == entry["id"])
    #expect(!feed.text.contains("Jo <") && !feed.text.contains("a phone number"))

    let id = try #require(answer.json["submissionId"]?.string)
    let receipt = try site.send("GET", "/api/submissions/\(id)")
    #expect(
      receipt.json.members.map(\.name) == [
        "submissionId", "transactionId", "category", "createdAt", "persisted", "number", "code",
        "imageUrl",
      ])
    #expect(receipt.json["transactionId"] == answer.json["transactionId"])
    #expect(try site.send("GET", "/api/submissions/sub-none").status == 404)

    let image = try #require(entry["imageUrl"]?.string)
    #expect(try contents(of: site.dataDirectory + image) == png())
  }

  @Test(arguments: Transport.allCases)
  func `for submitting stores a key once and gives the first answer again`(_ transport: Transport)
    throws
  {
    let site = try Contestant(transport)
    let form = Form(photo: png())
    let first = try site.submit(form, fields: [("Idempotency-Key", "key-12345678")])
    let second = try site.submit(form, fields: [("Idempotency-Key", "key-12345678")])
    var third = form
    third.fields += [("submissionId", "key-12345678")]
    for answer in [second, try site.submit(third)] {
      #expect(answer.status == 200)
      #expect(answer.json["replayed"] == true)
      var rest = answer.json
      rest["replayed"] = nil
      #expect(rest == first.json)
    }
    #expect(try names(in: site.dataDirectory + "/uploads").count == 1)
    #expect(try site.send("GET", "/api/feed").json["feed"]?.object?["best"]?.array?.count == 1)
  }

  // A leader replaced the data file and was killed before it refreshed `public/`. The retry found
  // the entry in the data file and was confirmed, while nginx still gave out the feed without it.
  @Test func `for submitting confirms a replay only when everybody sees the entry`() throws {
    let site = try Contestant(.direct)
    let feed = site.dataDirectory + "/public/feed.json"
    _ = try site.send("GET", "/ready")
    let before = try contents(of: feed)
    _ = try site.submit(Form(), fields: [("Idempotency-Key", "key-12345678")])
    let after = try contents(of: feed)
    try write(before, to: feed)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: feed)
    // It was killed before it said which generation the files are at.
    let wake = site.dataDirectory + "/.wal/wake"
    try write(Array(try contents(of: wake).prefix(4)), to: wake)
    let replay = try site.submit(Form(), fields: [("Idempotency-Key", "key-12345678")])
    #expect(replay.json["replayed"] == true)
    #expect(try contents(of: feed) == after)
    #expect(before != after)
  }

  @Test func `for submitting answers a repeated key though there is no place for its photo`() throws
  {
    let site = try Contestant(.direct)
    let key = [("Idempotency-Key", "key-12345678")]
    let first = try site.submit(Form(photo: png()), fields: key)
    // Files cannot be made in what is no directory.
    let temporary = site.dataDirectory + "/.temp"
    try FileManager.default.removeItem(atPath: temporary)
    try write("", to: temporary)
    #expect(try site.submit(Form(photo: png())).status == 503)
    let replay = try site.submit(Form(photo: png()), fields: key)
    #expect(replay.status == 200 && replay.json["replayed"] == true)
    #expect(replay.json["entry"] == first.json["entry"])
  }

  // A leader replaced the data file and was killed before it refreshed `public/`. The next transaction
  // changes another file, and must not take this one for current.
  @Test func `for choosing winners is heard though its leader died before it wrote them`() throws {
    let site = try Contestant(.direct)
    let cookie = try site.logIn()
    let entry = try #require(try site.submit(Form()).json["entry"]?.object?["id"]?.string)
    let (winners, wake) = (
      site.dataDirectory + "/public/winners.json", site.dataDirectory + "/.wal/wake"
    )
    let (oldWinners, oldWake) = (try contents(of: winners), try contents(of: wake))
    let choice = #"{"winners":{"best":["\#(entry)"]}}"#
    #expect(try site.administrate("/api/save-winners", choice, cookie).status == 200)
    try write(oldWinners, to: winners)
    try write(oldWake, to: wake)
    let other = try Contestant(.direct, ["DATA_DIR": site.dataDirectory])
    #expect(try other.submit(Form()).status == 200)
    #expect(String(decoding: try contents(of: winners), as: UTF8.self).contains(entry))
  }

  @Test func `for submitting tells a name and a phone to nobody who did not send them`() throws {
    let site = try Contestant(.direct)
    var form = Form()
    form.fields += [("name", "Secret"), ("phone", "a phone number")]
    _ = try site.submit(form, fields: [("Idempotency-Key", "key-12345678")])
    let other = try site.submit(Form(), fields: [("Idempotency-Key", "key-12345678")])
    #expect(other.json["replayed"] == true)
    #expect(!other.text.contains("Secret") && !other.text.contains("a phone number"))
  }

  @Test(arguments: [
    "", " ", "مرحبا", "שלום \u{202E}abc", "日本", "🏴‍☠️", "a\tb\nc", "e\u{301}",
    "\u{1F468}\u{200D}\u{1F469}",
  ])
  func `for submitting takes what people write, in whatever direction`(_ text: String) throws {
    let site = try Contestant(.direct)
    let answer = try site.submit(
      Form(fields: [("category", "best"), ("caption", text), ("name", text)]))
    #expect(answer.status == 200)
    #expect(answer.json["entry"]?.object?["caption"]?.string == text)
  }

  static let badForms: [(Form, [(String, String)], Int, String)] = [
    (Form(fields: []), [], 400, "unknown_category"),
    (Form(fields: [("category", "none")]), [], 400, "unknown_category"),
    (Form(fields: [("category", "best"), ("category", "best")]), [], 400, "bad_form"),
    (
      Form(fields: [("category", "best"), ("caption", String(repeating: "x", count: 2001))]), [],
      400,
      "field_too_long"
    ),
    (Form(), [("Idempotency-Key", "short")], 400, "bad_key"),
    (Form(), [("Idempotency-Key", "has space in it")], 400, "bad_key"),
    (
      Form(fields: [("category", "best"), ("submissionId", "other-key-1")]),
      [("Idempotency-Key", "key-12345678")], 400, "bad_key"
    ),
    (Form(photo: Array("<svg></svg>".utf8)), [], 415, "not_an_image"),
    (Form(photo: Array("MZ\u{90} a program".utf8)), [], 415, "not_an_image"),
    (Form(photo: png(width: 0)), [], 415, "not_an_image"),
    (Form(photo: []), [], 415, "empty_photo"),
    (Form(photo: Array(png(extraBytes: 500).prefix(300))), [], 415, "incomplete_photo"),
    (Form(fields: [("category", "best"), ("name", "a\u{7}b")]), [], 400, "bad_text"),
    (Form(fields: [("category", "best"), ("caption", "a\u{0}b")]), [], 400, "bad_text"),
    (Form(fields: [("category", "best"), ("caption", "\u{85}")]), [], 400, "bad_text"),
    (
      Form(fields: [("category", "best"), ("name", "\u{200B}\u{2060}\u{3164}")]), [], 400,
      "bad_text"
    ),
    (
      Form(fields: [("category", "best"), ("name", "x" + String(repeating: "\u{301}", count: 500))]
      ),
      [], 400, "field_too_long"
    ),
    (Form(photo: png(extraBytes: 30_000)), [], 413, "too_large"),
  ]

  @Test(arguments: Transport.allCases)
  func `for submitting refuses bad forms with a sentence and a code, and keeps nothing`(
    _ transport: Transport
  ) throws {
    let site = try Contestant(transport, ["MAX_UPLOAD_BYTES": "20000"])
    for (form, fields, status, code) in Self.badForms {
      let answer = try site.submit(form, fields: fields)
      #expect(answer.status == status, "\(code)")
      #expect(answer.json["code"]?.string == code)
      #expect(answer.json["error"]?.string?.hasSuffix(".") == true)
      #expect(answer.fields["content-type"]?.hasPrefix("application/json") == true)
    }
    #expect(try names(in: site.dataDirectory + "/uploads").isEmpty)
    #expect(try names(in: site.dataDirectory + "/.temp").isEmpty)
    #expect(try site.send("GET", "/api/feed").json["feed"]?.object?["best"]?.array?.isEmpty == true)
  }

  @Test(arguments: Transport.allCases)
  func `for administrators wants a session, and a session wants the password`(
    _ transport: Transport
  )
    throws
  {
    let site = try Contestant(transport)
    #expect(try site.send("GET", "/api/submissions").status == 401)
    #expect(try site.send("POST", "/api/save-winners", body: Array("{}".utf8)).status == 401)
    #expect(try site.send("POST", "/api/categories", body: Array("{}".utf8)).status == 401)
    #expect(try site.send("DELETE", "/api/submissions/x").status == 401)
    #expect(try site.send("GET", "/api/session").json["loggedIn"] == false)
    let wrong = try site.send("POST", "/api/login", body: Array(#"{"password":"wrong"}"#.utf8))
    #expect(wrong.status == 401)
    #expect(wrong.fields["set-cookie"] == nil)
    for body in ["", "{", "[]", "{}", #"{"password":1}"#] {
      #expect(try site.send("POST", "/api/login", body: Array(body.utf8)).status == 400)
    }
    let login = try site.send(
      "POST", "/api/login", body: Array("{\"password\":\"\(RunningSite.password)\"}".utf8))
    #expect(login.text == "{\"success\":true}\n")
    let cookie = try #require(login.fields["set-cookie"])
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
    #expect(!cookie.contains("Secure"))
    let session = try site.logIn()
    #expect(try site.send("GET", "/api/session", fields: [session]).json["loggedIn"] == true)
    let tampered = String(session.1.dropLast()) + (session.1.hasSuffix("0") ? "1" : "0")
    #expect(try site.send("GET", "/api/submissions", fields: [("Cookie", tampered)]).status == 401)
    let later = session.1.replacing(/=1/, with: "=9")
    #expect(try site.send("GET", "/api/submissions", fields: [("Cookie", later)]).status == 401)
    let logout = try site.send("POST", "/api/logout", fields: [session])
    #expect(logout.fields["set-cookie"]?.contains("Max-Age=0") == true)
  }

  @Test(arguments: Transport.allCases)
  func `for winners, categories and removal does what it says, as transactions`(
    _ transport: Transport
  )
    throws
  {
    let site = try Contestant(transport)
    let session = try site.logIn()
    let ids = try (0..<3).map { _ in
      try site.submit(Form(photo: png())).json["entry"]?.object?["id"]?.string ?? ""
    }
    func post(_ path: String, _ value: JSONValue) throws -> Answer {
      try site.send("POST", path, fields: [session], body: value.serialized)
    }
    let list: JSONValue = .array(["gone", .string(ids[2]), .string(ids[0])])
    let saved = try post("/api/save-winners", ["winners": ["best": list]])
    #expect(saved.json["success"] == true && saved.json["transactionId"] != nil)
    let winners = try site.send("GET", "/api/winners").json["winners"]?.object?["best"]?.array
    #expect(winners?.compactMap { $0.object?["id"]?.string } == [ids[2]])
    #expect(winners?.first?.object?.members.map(\.name) == ["id", "caption", "imageUrl", "number"])
    #expect(try names(in: site.dataDirectory + "/backups").contains { $0.hasPrefix("winners-") })

    let categories: JSONValue = [
      ["id": "best", "name": "Best"], ["id": "new", "name": "New one"],
    ]
    #expect(try post("/api/categories", ["categories": categories]).status == 200)
    #expect(
      try site.send("GET", "/categories.json").text
        == #"[{"id":"best","name":"Best"},{"id":"new","name":"New one"}]"# + "\n")
    #expect(try site.submit(Form(fields: [("category", "new")])).status == 200)
    #expect(try site.submit(Form(fields: [("category", "worst")])).status == 400)

    let all = try site.send("GET", "/api/submissions", fields: [session])
    let image = all.json["submissions"]?.object?["best"]?.array?.last?.object?["imageUrl"]?.string
    let removed = try site.send("DELETE", "/api/submissions/\(ids[0])", fields: [session])
    #expect(removed.json["success"] == true)
    #expect(!FileManager.default.fileExists(atPath: site.dataDirectory + (image ?? "")))
    #expect(try site.send("DELETE", "/api/submissions/\(ids[0])", fields: [session]).status == 404)
    #expect(try site.send("GET", "/api/feed").json["feed"]?.object?["best"]?.array?.count == 2)
  }

  static let badWrites: [(String, String)] = [
    ("/api/save-winners", ""), ("/api/save-winners", "[]"), ("/api/save-winners", "{}"),
    ("/api/save-winners", #"{"winners":[]}"#), ("/api/save-winners", #"{"winners":{"best":"x"}}"#),
    ("/api/save-winners", #"{"winners":{"best":[1]}}"#),
    ("/api/save-winners", #"{"winners":{"a b":[]}}"#),
    ("/api/categories", "{}"), ("/api/categories", #"{"categories":[]}"#),
    ("/api/categories", #"{"categories":[{"id":"a","name":"A"},{"id":"a","name":"B"}]}"#),
    ("/api/categories", #"{"categories":[{"id":"../x","name":"A"}]}"#),
  ]

  @Test func `for administrators refuses malformed writes with 400 and changes nothing`() throws {
    let site = try Contestant(.direct)
    let session = try site.logIn()
    for (path, body) in Self.badWrites {
      let answer = try site.send("POST", path, fields: [session], body: Array(body.utf8))
      #expect(answer.status == 400, "\(path) \(body)")
      #expect(answer.json["code"] != nil)
    }
    #expect(
      try site.send("GET", "/api/winners").text
        == "{\"winners\":{\"worst\":[],\"best\":[],\"sleeve\":[]}}\n")
  }

  @Test(
    arguments: [
      ([("Origin", "http://evil.example")], 403), ([("Origin", "null")], 403),
      ([("Referer", "https://evil.example/a")], 403), ([("Sec-Fetch-Site", "cross-site")], 403),
      ([("Sec-Fetch-Site", "same-site")], 403),
      ([("Origin", "http://127.0.0.1"), ("Referer", "http://evil.example/")], 403),
      ([("Origin", "http://127.0.0.1"), ("Sec-Fetch-Site", "same-origin")], 200),
      ([("Referer", "http://127.0.0.1/admin")], 200), ([], 200),
    ] as [([(String, String)], Int)])
  func `for administrators refuses a write that another site's page sent`(
    _ fields: [(String, String)], _ status: Int
  ) throws {
    let site = try Contestant(.direct)
    let session = try site.logIn()
    let body = Array(#"{"winners":{"best":[]}}"#.utf8)
    let answer = try site.send("POST", "/api/save-winners", fields: fields + [session], body: body)
    #expect(answer.status == status)
  }

  @Test(arguments: Transport.allCases)
  func `for logging in slows guessing down, over all processes`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    var statuses: [Int] = []
    var last: Answer?
    for _ in 0..<20 {
      last = try site.send("POST", "/api/login", body: Array(#"{"password":"guess"}"#.utf8))
      statuses.append(last?.status ?? 0)
    }
    #expect(statuses.prefix(10).allSatisfy { $0 == 401 })
    #expect(statuses.last == 429)
    #expect(Int(last?.fields["retry-after"] ?? "") ?? 0 > 0)
  }

  @Test(arguments: Transport.allCases)
  func `that does not exist is 404, and another method 405 with Allow`(_ transport: Transport)
    throws
  {
    let site = try Contestant(transport)
    for path in ["/api/nothing", "/api", "/api/submit/x", "/x", "/api/feed/", "/index.php"] {
      let answer = try site.send("GET", path)
      #expect(answer.status == 404, "\(path)")
      #expect(answer.json["code"]?.string == "not_found", "\(path)")
    }
    for (method, path, allow) in [
      ("GET", "/api/submit", "POST"), ("POST", "/api/feed", "GET, HEAD"),
      ("PUT", "/api/winners", "GET, HEAD"),
      ("POST", "/categories.json", "GET, HEAD"), ("DELETE", "/api/login", "POST"),
      ("POST", "/api/submissions/x", "GET, HEAD, PATCH, DELETE"), ("POST", "/", "GET, HEAD"),
      ("POST", "/admin", "GET, HEAD"),
      ("PUT", "/assets/shared/style.css", "GET, HEAD"),
      ("OPTIONS", "/health", "GET, HEAD"),
    ] {
      let answer = try site.send(method, path)
      #expect(answer.status == 405, "\(method) \(path)")
      #expect(answer.fields["allow"] == allow)
      #expect(answer.json["code"]?.string == "method_not_allowed")
    }
  }

  @Test(arguments: Transport.allCases)
  func `for reading answers 304 until something changed`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    let entry = try #require(
      try site.submit(Form()).json["entry"]?.object?["id"]?.string)
    let changes: [(path: String, change: () throws -> Answer)] = [
      ("/api/feed", { try site.submit(Form()) }),
      (
        "/api/winners",
        {
          try site.administrate(
            "/api/save-winners", #"{"winners":{"best":["\#(entry)"]}}"#, cookie)
        }
      ),
      (
        "/categories.json",
        {
          try site.administrate(
            "/api/categories", #"{"categories":[{"id":"best","name":"Another"}]}"#, cookie)
        }
      ),
    ]
    for (path, change) in changes {
      let tag = try #require(try site.send("GET", path).fields["etag"])
      let same = try site.send("GET", path, fields: [("If-None-Match", tag)])
      #expect(same.status == 304 && same.body.isEmpty)
      #expect(try change().status == 200)
      #expect(try site.send("GET", path, fields: [("If-None-Match", tag)]).status == 200)
    }
  }

  @Test(arguments: Transport.allCases)
  func `for the feed gives pages of a category`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    for _ in 0..<5 { _ = try site.submit(Form()) }
    var ids: [String] = []
    var query = "category=best&limit=2"
    while true {
      let page = try site.send("GET", "/api/feed?" + query).json
      ids += page["entries"]?.array?.compactMap { $0.object?["id"]?.string } ?? []
      guard let next = page["next"]?.string else { break }
      query = "category=best&limit=2&before=" + next
    }
    #expect(ids.count == 5 && Set(ids).count == 5)
    for bad in [
      "category=none", "category=best&limit=0", "category=best&limit=x", "limit=1",
      "category=best&before=x",
    ] {
      #expect(try site.send("GET", "/api/feed?" + bad).status == 400, "\(bad)")
    }
  }

  @Test(arguments: Transport.allCases)
  func `for metrics is open to this machine, to a token, and to nobody else`(_ transport: Transport)
    throws
  {
    let site = try Contestant(transport, ["METRICS_TOKEN": "token-1"])
    _ = try site.submit(Form())
    let metrics = try site.send("GET", "/api/metrics").json
    let persistence = metrics["persistence"]?.object
    #expect(metrics["submissions"]?.object?["total"] == 1)
    #expect(persistence?["wal"]?.object?["count"] == 0)
    #expect(persistence?["backups"]?.object?["maxRetained"] == 10)
    #expect(persistence?["dataFile"]?.object?["path"]?.string == site.dataDirectory + "/data.json")
    #expect(metrics["status"]?.object?["wal"] == "good")
    let proxied = [("X-Forwarded-For", "203.0.113.9")]
    #expect(try site.send("GET", "/api/metrics", fields: proxied).status == 401)
    let bearer = proxied + [("Authorization", "Bearer token-1")]
    #expect(try site.send("GET", "/api/metrics", fields: bearer).status == 200)
    #expect(
      try site.send("GET", "/api/metrics", fields: proxied + [("Authorization", "Bearer x")]).status
        == 401)
  }

  @Test func `that lacks a password lets nobody in, and says what to do`() throws {
    let site = try Contestant(.direct, ["ADMIN_PASSWORD": ""])
    let answer = try site.send("POST", "/api/login", body: Array(#"{"password":""}"#.utf8))
    #expect(answer.status == 401)
    #expect(answer.json["code"] == "password_not_set")
  }

  @Test func `is not ready when the data cannot be rebuilt, and still healthy`() throws {
    let site = try Contestant(.direct)
    try FileManager.default.createDirectory(
      atPath: site.dataDirectory, withIntermediateDirectories: true)
    try write("damage", to: site.dataDirectory + "/data.json")
    let answer = try site.send("GET", "/ready")
    #expect(answer.status == 503)
    #expect(answer.json["ready"] == false && answer.json["reason"]?.string != nil)
    #expect(try site.send("GET", "/health").status == 200)
    #expect(try site.submit(Form()).status == 503)
  }

  // A list under an empty key, and no categories: it was accepted, could not be read back, and the site came
  // up empty and healthy, with the data in quarantine.
  @Test(arguments: [Transport.direct, .cgi])
  func `opens the original application's data with a list that has no name`(_ transport: Transport)
    throws
  {
    let site = try Contestant(transport)
    try FileManager.default.createDirectory(
      atPath: site.dataDirectory, withIntermediateDirectories: true)
    try write(
      #"{"submissions":{"":[{"id":"1-a","caption":"nameless","createdAt":5}],"best":[{"id":"2-a","caption":"old","createdAt":6}]},"winners":{}}"#,
      to: site.dataDirectory + "/data.json")
    for _ in 0..<2 {
      let feed = try site.send("GET", "/api/feed").text
      #expect(feed.contains("nameless") && feed.contains("old"))
    }
    #expect(try site.submit(Form()).status == 200)
    // The original itself is kept there when it has to make place among the backups.
    let kept = try names(in: site.dataDirectory + "/quarantine")
    #expect(kept.allSatisfy { $0.contains("-pre-write-") })
    let checked = try run(
      Checkout.top + "/.build/release/contestctl", ["verify", "--data-dir", site.dataDirectory])
    #expect(checked.status == 0, "\(String(decoding: checked.output, as: UTF8.self))")
  }

  @Test func `opens the original application's data`() throws {
    for transport in [Transport.direct, .cgi] {
      let site = try Contestant(transport)
      try FileManager.default.createDirectory(
        atPath: site.dataDirectory, withIntermediateDirectories: true)
      try write(
        #"{"submissions":{"sleeve":[{"id":"1-a","caption":"old","name":"N","phone":"1","imageUrl":null,"createdAt":5}]},"winners":{"sleeve":["1-a"]}}"#,
        to: site.dataDirectory + "/data.json")
      #expect(try site.send("GET", "/api/feed").text.contains("old"))
      #expect(try site.send("GET", "/api/winners").text.contains("1-a"))
      #expect(try site.submit(Form()).status == 200)
    }
  }
}
