import Foundation
import JSON
import TestSupport
import Testing

@Suite(.serialized, .blocking) struct `The web server` {
  @Test func `names no style, script or picture that is not there`() throws {
    let top = Checkout.top
    let named = try run(
      "/usr/bin/grep",
      ["-rhoE", "/assets/[a-z]+[a-z/.-]*\\.(css|js|svg)", top + "/nginx", top + "/Sources"])
    let paths = Set(String(decoding: named.output, as: UTF8.self).split(separator: "\n"))
    #expect(paths.count > 12)
    for path in paths {
      #expect(FileManager.default.fileExists(atPath: top + "/nginx/html" + path), "\(path)")
    }
  }

  @Test func `answers what everybody reads by itself, from files`() throws {
    let site = try RunningSite()
    _ = try site.submit(Form(photo: png()))
    let image = try #require(
      try site.send("GET", "/api/feed").text.firstMatch(of: /\/uploads\/[^"]+/))
    for path in [
      "/api/feed", "/api/winners", "/categories.json", "/", "/winners.html", "/admin",
      String(image.output),
    ] {
      let answer = try site.send("GET", path)
      #expect(answer.status == 200, "\(path)")
      let line = site.accessLog.last { $0.contains("\"GET \(path) ") }
      #expect(line?.hasSuffix("upstream=\"-\"") == true, "\(path)")
    }
    // With its files gone the responder answers, and makes them again.
    try FileManager.default.removeItem(atPath: site.dataDirectory + "/public")
    #expect(try site.feedIDs().count == 1)
    _ = try site.submit(Form())
    #expect(
      try names(in: site.dataDirectory + "/public") == [
        "categories.json", "feed.json", "winners.json",
      ])
  }

  @Test func `gives photos for good, as pictures and nothing else`() throws {
    let site = try RunningSite()
    let image = try #require(
      try site.submit(Form(photo: png())).json["entry"]?.object?["imageUrl"]?.string)
    let answer = try site.send("GET", image)
    #expect(answer.fields["content-type"] == "image/png")
    #expect(answer.fields["x-content-type-options"] == "nosniff")
    #expect(answer.fields["cache-control"] == "public, max-age=86400")
    for name in ["1-a.html", "1-a.svg", "x.png", "1-a.png.html"] {
      try write("<script>", to: site.dataDirectory + "/uploads/" + name)
      #expect(try site.send("GET", "/uploads/" + name).status == 404, "\(name)")
    }
    #expect(try site.send("GET", "/uploads/").status == 404)
  }

  @Test func `shows nothing of the data directory by any spelling`() throws {
    let site = try RunningSite()
    let targets = [
      "/data.json", "/.wal/wake", "/.lock", "/backups/", "/public/feed.json",
      "/uploads/../data.json",
      "/uploads/..%2fdata.json", "/uploads/%2e%2e/data.json", "/..%2f..%2fetc/passwd",
      "//data.json",
      "/./data.json",
      "/.admin/session-key", "/%2eadmin/session-key", "/uploads/.%00./data.json", "/data.json%20",
      "/-/feed.json", "/assets/../admin.html",
      "/nginx.conf", "/access.log", "/uploads/..;/data.json", "/api/../data.json", "/assets/",
      "/.git/config",
    ]
    for target in targets {
      let answer = try site.send("GET", target)
      #expect([400, 404].contains(answer.status), "\(target): \(answer.status)")
      #expect(answer.json["code"] != nil, "\(target): \(answer.text)")
    }
  }

  @Test func `sends the security header fields with every answer`() throws {
    let site = try RunningSite()
    for path in [
      "/", "/winners.html", "/admin", "/assets/shared/style.css", "/api/feed", "/api/session",
      "/nothing",
      "/uploads/1-a.png",
    ] {
      let fields = try site.send("GET", path).fields
      let policy = fields["content-security-policy"] ?? ""
      #expect(
        policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"),
        "\(path)")
      #expect(!policy.contains("unsafe"), "\(path)")
      #expect(fields["x-content-type-options"] == "nosniff", "\(path)")
      #expect(fields["referrer-policy"] != nil, "\(path)")
      #expect(fields["server"] == "nginx", "\(path)")
    }
  }

  @Test func `serves pages without inline script or style, and with nothing from other hosts`()
    throws
  {
    let site = try RunningSite()
    for path in ["/", "/winners.html", "/admin"] {
      let page = try site.send("GET", path).text
      #expect(page.matches(of: /<h1[ >]/).count == 1)
      #expect(page.contains("<main>"))
      #expect(!page.contains("<style") && !page.contains(" style=") && !page.contains("onclick"))
      #expect(page.matches(of: /<script(?! type="module" src="\/assets)/).isEmpty)
      #expect(page.matches(of: /(?:src|href)="(?:https?:)?\/\//).isEmpty)
      let assets = page.matches(of: /(?:src|href)="(\/assets\/[^"]+)"/).map { String($0.output.1) }
      for asset in assets {
        #expect(try site.send("GET", asset).status == 200, "\(asset)")
      }
    }
  }

  @Test func `answers its own errors as JSON`() throws {
    let site = try RunningSite(["MAX_UPLOAD_BYTES": "2000"])
    let large = try site.submit(Form(photo: png(extraBytes: 2_000_000)))
    #expect(large.status == 413)
    #expect(large.json["code"] == "too_large")
    let long = try site.send("GET", "/" + String(repeating: "x", count: 20_000))
    #expect(long.status == 414)
    #expect(long.json["code"] == "uri_too_long")
    let big = try site.send("POST", "/api/login", body: [UInt8](repeating: 0x20, count: 1_500_000))
    #expect(big.status == 413 && big.json["code"] == "too_large")
  }

  @Test(.timeLimit(.minutes(20)))
  func
    `puts the event into the head of its pages, and serves them without it if no responder answers`()
    throws
  {
    let site = try RunningSite()
    let pages = ["/", "/index.html", "/winners.html", "/receipt.html", "/show", "/call", "/vote"]
    let face = #"<meta property="og:title" content="Ink &amp; Days">"#
    let title = /<title data-text="page.[a-z]+">(?:[A-Z][a-z ]+ – )?(?<name>[^<]+)<\/title>/
    func names(in text: String) -> [Substring] { text.matches(of: title).map(\.output.name) }
    for page in pages {
      let text = try site.send("GET", page).text
      #expect(!text.contains("og:") && names(in: text) == ["Tattoo Contest"], "\(page)")
    }
    let event = try site.send(
      "POST", "/api/event", fields: try site.logIn(), body: Array(#"{"name":"Ink & Days"}"#.utf8))
    #expect(event.status == 200)
    for page in pages {
      let text = try site.send("GET", page).text
      #expect(text.contains(face) && !text.contains("<!--#"), "\(page)")
      #expect(names(in: text) == ["Ink &amp; Days"], "\(page)")
    }
    for responder in site.responders { kill(responder, SIGSTOP) }
    let alone = try site.send("GET", "/")
    #expect(alone.status == 200 && alone.text.contains("id=\"entry\""))
    for responder in site.responders { kill(responder, SIGCONT) }
    #expect(!alone.text.contains("og:") && !alone.text.contains("error"))
    #expect(names(in: alone.text) == ["Tattoo Contest"])
    // A responder that cannot read the contest says so, and no page repeats it.
    let data = site.dataDirectory
    try FileManager.default.moveItem(atPath: data, toPath: data + "-away")
    try Data("no directory".utf8).write(to: URL(fileURLWithPath: data))
    #expect(try site.send("GET", "/api/page-head").status == 503)
    let whole = try site.send("GET", "/")
    #expect(whole.status == 200 && !whole.text.contains("error"))
  }

  @Test func `answers 502 as JSON while no responder can be reached`() throws {
    let site = try RunningSite(["WORKERS": "1"])
    let socket = Checkout.top + "/var/run/\(site.port)"
    for name in try names(in: socket) where name.hasSuffix(".sock") {
      try FileManager.default.removeItem(atPath: socket + "/" + name)
    }
    let answer = try site.submit(Form())
    #expect(answer.status == 502)
    #expect(answer.json["code"] == "bad_gateway" && answer.json["note"] != nil)
    #expect(answer.fields["retry-after"] != nil)
    // The files are still served.
    #expect(try site.send("GET", "/api/feed").status == 200)
  }

  @Test func `limits submits for each address, but not this machine's`() throws {
    let site = try RunningSite(["SUBMIT_RATE": "30"])
    var statuses: [Int] = []
    for _ in 0..<20 {
      let answer = try site.submit(Form(), fields: [("X-Forwarded-For", "203.0.113.7")])
      statuses.append(answer.status)
      if answer.status == 429 {
        #expect(answer.json["code"] == "too_often")
        #expect(answer.fields["retry-after"] != nil)
      }
    }
    #expect(statuses.prefix(10).allSatisfy { $0 == 200 })
    #expect(statuses.contains(429))
    let other = try site.submit(Form(), fields: [("X-Forwarded-For", "203.0.113.8")])
    #expect(other.status == 200)
    for _ in 0..<20 { #expect(try site.submit(Form()).status == 200) }
    // A hall has one address, and each of its people a key.
    for number in 0..<300 {
      let fields = [("X-Forwarded-For", "203.0.113.7"), ("Idempotency-Key", "visitor-\(number)")]
      #expect(try site.submit(Form(), fields: fields).status == 200)
    }
    let again = try (0..<20).map { _ in
      let fields = [("X-Forwarded-For", "203.0.113.7"), ("Idempotency-Key", "again-and-again")]
      return try site.submit(Form(), fields: fields).status
    }
    #expect(again.contains(429))
  }

  @Test func `leaves voters' codes out of its log`() throws {
    let site = try RunningSite()
    #expect(try site.send("GET", "/vote?code=0000-SECR-ET").status == 401)
    #expect(try site.send("GET", "/vote").text.contains("id=\"candidates\""))
    try eventually("both are logged") { site.accessLog.count { $0.contains("\"GET /vote") } >= 2 }
    #expect(!site.accessLog.joined().contains("SECR"))
  }

  @Test func `slows an address that guesses codes faster than a hall votes`() throws {
    let site = try RunningSite()
    // Out of the responders' reach, nginx answers so fast that also a busy machine is above the limit.
    let run = Checkout.top + "/var/run/\(site.port)/"
    let socket = try #require(try names(in: run).first { $0.hasPrefix("api-") })
    try FileManager.default.moveItem(atPath: run + socket, toPath: run + "away")
    var refused: Answer?
    for _ in 0..<20_000 where refused == nil {
      let answer = try site.send("GET", "/api/vote/check")
      #expect([429, 502].contains(answer.status))
      if answer.status == 429 { refused = answer }
    }
    #expect(refused?.json["code"] == "too_often" && refused?.fields["retry-after"] != nil)
    // A form of a browser without scripts gets a page, also when it is the limit that refuses it.
    for _ in 0..<20 {
      let page = try site.send("POST", "/vote", fields: [("Accept", "text/html")])
      #expect([502, 503].contains(page.status) && page.text.contains("<h1>Send it again</h1>"))
    }
    try FileManager.default.moveItem(atPath: run + "away", toPath: run + socket)
    // Everything else goes on.
    #expect(try site.send("GET", "/api/voting").status == 200)
  }

  @Test func `tells a browser without scripts in its language what it refuses itself`() throws {
    let site = try RunningSite(["MAX_UPLOAD_BYTES": "20000"])
    let fields = [("Accept", "text/html"), ("Accept-Language", "de")]
    let answer = try site.submit(Form(photo: png(extraBytes: 2_000_000)), fields: fields)
    #expect(answer.status == 303)
    let target = try #require(answer.fields["location"])
    #expect(target.hasSuffix("/enter?problem=too_large"))
    let page = try site.send("GET", "/enter?problem=too_large", fields: fields)
    #expect(page.text.contains("Das Foto ist zu groß") && page.text.contains("<form"))
    let small = try site.submit(Form(photo: png(extraBytes: 30_000)), fields: fields)
    #expect(small.status == 413 && small.text.contains("Das Foto ist zu groß"))
    #expect(try site.submit(Form(photo: png(extraBytes: 2_000_000))).json["code"] == "too_large")
  }
}

@Suite(.serialized, .blocking) struct `No request` {
  private static let head =
    "POST /api/submit HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=X\r\n"

  static let hostile: [String] = [
    "GARBAGE\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
    "GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /api/feed?%ff%00=%zz&category=%f0%9f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /api/submissions/%0d%0aX HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /api/session HTTP/1.1\r\nHost: x\r\nCookie: contest_session=..; contest_session=a.b.c\r\nConnection: close\r\n\r\n",
    "GET /api/feed HTTP/1.1\r\nHost: x\r\nX-Bad: a\u{0}b\r\nConnection: close\r\n\r\n",
    "BREW /api/feed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "POST /api/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n\u{1}\u{2}\u{3}",
    "POST /api/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: -1\r\n\r\n",
    "POST /api/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "POST /api/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "POST /api/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST /api/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "POST /api/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 400\r\n\r\n"
      + String(repeating: "[", count: 400),
    head + "Content-Length: 0\r\n\r\n", head + "Content-Length: 6\r\n\r\n--X--\r",
    head + "Content-Length: 4\r\n\r\n--X\r",
    head
      + "Idempotency-Key: \u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\r\nContent-Length: 7\r\n\r\n--X--\r\n",
    "DELETE /api/submissions/%2e%2e%2f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /socket.io/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET http://evil.example/api/feed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  ]

  @Test(.timeLimit(.minutes(20)))
  func `however malformed ends a responder or gets a 5xx`() throws {
    let site = try RunningSite()
    let responders = site.responders.sorted()
    for text in Self.hostile {
      let answer = try HTTPClient.exchange(Array(text.utf8), port: site.port)
      if let parsed = Answer(answer) { #expect(parsed.status < 500, "\(text.debugDescription)") }
      // And cut off in the middle, with nobody there to read an answer.
      for length in [1, text.utf8.count / 2, text.utf8.count] {
        _ = try HTTPClient.exchange(
          Array(text.utf8.prefix(length)), port: site.port, closesAfterSending: true)
      }
    }
    // Forms with the bytes of one form changed at random.
    var state = UInt64.random(in: 0 ... .max)
    let seed = state
    let body = Form(
      fields: [("category", "best"), ("caption", "x"), ("submissionId", "key-12345678")],
      photo: png()
    ).body
    for _ in 0..<300 {
      var changed = body
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        changed[Int(state >> 33) % changed.count] = UInt8(truncatingIfNeeded: state >> 20)
      }
      let answer = try HTTPClient.send(
        "POST", "/api/submit", fields: [("Content-Type", Form.contentType)], body: changed,
        port: site.port)
      #expect(answer.status < 500, "seed \(seed)")
    }
    #expect(site.responders.sorted() == responders)
    #expect(try site.submit(Form()).status == 200)
    #expect(try names(in: site.dataDirectory + "/.temp").isEmpty)
  }

  @Test(.timeLimit(.minutes(20)))
  func `that is refused before its body is read waits for anything`() throws {
    let site = try RunningSite(["MAX_UPLOAD_BYTES": "11000000"])
    let body = [UInt8](repeating: 0x20, count: 1_000_000)
    let start = ContinuousClock.now
    for _ in 0..<20 {
      #expect(try site.send("POST", "/api/logout", body: body).status == 200)
      #expect(try site.send("POST", "/api/nothing", body: body).status == 404)
      let answer = try site.send("POST", "/api/submit", body: body + body + body)
      #expect(answer.status == 400)
    }
    // Where both sides waited for each other it took a minute each.
    #expect(ContinuousClock.now - start < .seconds(30))
  }
}

@Suite(.blocking) struct `Plain CGI` {
  private let program = Checkout.top + "/.build/release/tattoo-contest"

  @Test func `answers a malformed request, and says in the log what was wrong`() throws {
    let home = try TemporaryDirectory()
    for (variables, problem) in [
      ([:], "REQUEST_METHOD is missing"),
      (
        ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "x"], "CONTENT_LENGTH is not a number of bytes"
      ),
    ] {
      var environment = ["GATEWAY_INTERFACE": "CGI/1.1", "DATA_DIR": home.file("data")]
      environment.merge(variables) { $1 }
      let result = try run(program, [], environment: environment)
      #expect(
        String(decoding: result.output, as: UTF8.self).hasPrefix("Status: 400 Bad Request\r\n"))
      #expect(result.errors.contains(problem))
      #expect(result.status == 0)
    }
  }

  @Test func `with a body shorter than announced is a 400`() throws {
    let home = try TemporaryDirectory()
    let result = try run(
      program, [],
      environment: [
        "GATEWAY_INTERFACE": "CGI/1.1", "DATA_DIR": home.file("data"), "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/submit", "CONTENT_LENGTH": "500", "CONTENT_TYPE": Form.contentType,
      ], input: Array("--TestBoundary".utf8))
    #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("Status: 400"))
  }

  @Test func `without its environment says how it is used`() throws {
    let result = try run(program, [])
    #expect(result.status == 64)
    #expect(result.errors.contains("FastCGI and CGI responder"))
  }

  @Test(arguments: [
    (["PORT": "99999"], "PORT=99999 is not a whole number from 1 to 65535; for example PORT=3000"),
    (["WORKERS": "many"], "WORKERS=many is not a whole number from 1 to 64; for example WORKERS=2"),
    (
      ["LOG_LEVEL": "loud"],
      "LOG_LEVEL=loud is none of debug, info, warning, error; for example LOG_LEVEL=info"
    ),
    (
      ["CLOUDINARY_API_KEY": "1"],
      "CLOUDINARY_CLOUD_NAME is missing although CLOUDINARY_API_KEY is set; set all three of Cloudinary, or none; for example CLOUDINARY_URL=cloudinary://123456789012345:secret@my-cloud has all of them"
    ),
    (
      ["CONTEST_ENV": "/nowhere"],
      "CONTEST_ENV=/nowhere cannot be read; for example CONTEST_ENV=/etc/contest.env"
    ),
  ])
  func `refuses a malformed setting with its name, the problem and an example`(
    _ settings: [String: String], _ message: String
  ) throws {
    let result = try run(
      program, [], environment: settings.merging(["GATEWAY_INTERFACE": "CGI/1.1"]) { $1 })
    #expect(result.status == 78)
    #expect(result.errors == "tattoo-contest: \(message)\n")
  }

  @Test func `reads contest.env, and refuses a name that is no setting`() throws {
    let home = try TemporaryDirectory()
    let file = home.file("contest.env")
    let environment = [
      "GATEWAY_INTERFACE": "CGI/1.1", "CONTEST_ENV": file, "REQUEST_METHOD": "GET",
      "PATH_INFO": "/ready",
    ]
    try write("# ours\r\nDATA_DIR=\"\(home.file("data"))\"\r\n\r\n", to: file)
    #expect(
      String(decoding: try run(program, [], environment: environment).output, as: UTF8.self)
        .contains("true"))
    #expect(FileManager.default.fileExists(atPath: home.file("data/data.json")))
    // A relative path begins where the file is, wherever the program runs.
    try write("DATA_DIR=beside\n", to: file)
    #expect(try run(program, [], environment: environment).status == 0)
    #expect(FileManager.default.fileExists(atPath: home.file("beside/data.json")))
    // A script without a setting has its data beside itself.
    try FileManager.default.createDirectory(
      atPath: home.file("var"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: program, toPath: home.file("contest.cgi"))
    var unset = environment
    unset["CONTEST_ENV"] = nil
    try FileManager.default.removeItem(atPath: file)
    #expect(try run(home.file("contest.cgi"), [], environment: unset).status == 0)
    #expect(FileManager.default.fileExists(atPath: home.file("var/data/data.json")))
    try write("DATA_DIR=/x\nPROT=3\n", to: file)
    let result = try run(program, [], environment: environment)
    #expect(
      result.errors
        == "tattoo-contest: \(file), line 2: PROT is not a setting; for example PORT=3000\n")
  }
}

@Suite(.blocking) struct `A submission that is in hand when the responders die` {
  @Test(.timeLimit(.minutes(20)))
  func `is answered in JSON, however large its photo is`() throws {
    let home = try TemporaryDirectory()
    try write("#!/bin/sh\ntouch \(home.file("begun"))\nsleep 20\n", to: home.file("vipsthumbnail"))
    chmod(home.file("vipsthumbnail"), 0o755)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let site = try RunningSite(["PATH": home.path + ":" + path])
    let photo = [0, 0, 0, 24] + Array("ftypheic\0\0\0\0mif1heic".utf8)
    try write(photo + [UInt8](repeating: 0, count: 3_000_000), to: home.file("photo"))
    let client = Program(
      "/usr/bin/curl",
      [
        "-s", "-o", home.file("answer"), "-F", "category=best", "-F",
        "photo=@\(home.file("photo"))", "http://127.0.0.1:\(site.port)/api/submit",
      ])
    try client.start()
    try eventually("it is being turned into JPEG") {
      FileManager.default.fileExists(atPath: home.file("begun"))
    }
    for responder in site.responders { kill(responder, SIGKILL) }
    client.wait()
    let answer = try JSONValue(parsing: try contents(of: home.file("answer"))).object
    #expect(answer?["code"] == "bad_gateway" && answer?["note"] != nil)
  }
}
