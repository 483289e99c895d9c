import Foundation
import JSON
import TestSupport
import Testing

@Suite(.serialized, .blocking)
struct `Monitoring` {
  private let bearer = [("Authorization", "Bearer a token")]

  /// The value of one line of a page of metrics.
  private func value(_ line: String, in page: String) -> Double? {
    page.split(separator: "\n").first { $0.hasPrefix(line + " ") }
      .flatMap { Double($0.dropFirst(line.count + 1)) }
  }

  @Test(arguments: Transport.allCases)
  func `shows metrics to nobody without the token, and to nobody at all until one is set`(
    _ transport: Transport
  ) throws {
    let closed = try Contestant(transport)
    #expect(try closed.send("GET", "/metrics", fields: bearer).status == 404)
    let site = try Contestant(transport, ["METRICS_TOKEN": "a token"])
    let refused = try site.send("GET", "/metrics")
    #expect(refused.status == 401 && refused.fields["www-authenticate"] == "Bearer")
    for wrong in ["Bearer a toke", "a token", "Basic a token"] {
      #expect(try site.send("GET", "/metrics", fields: [("Authorization", wrong)]).status == 401)
    }
    let answer = try site.send("GET", "/metrics", fields: bearer)
    #expect(answer.status == 200)
    #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
  }

  @Test(.timeLimit(.minutes(20)), arguments: [Transport.fastCGI, .cgi])
  func `counts what all processes did, and goes on after a restart`(_ transport: Transport) throws {
    let site = try Contestant(transport, ["METRICS_TOKEN": "a token"])
    for _ in 0..<12 { #expect(try site.submit(Form()).status == 200) }
    #expect(try site.submit(Form(fields: [("category", "none")])).status == 400)
    #expect(try site.send("GET", "/api/submissions/not-there-at-all").status == 404)
    #expect(try site.send("GET", "/made/up/by/a/client").status == 404)
    #expect(try site.send("BREW", "/api/session").status == 405)
    var page = ""
    // Each process adds what it has counted about once a second.
    try eventually("all is counted") {
      page = try site.send("GET", "/metrics", fields: bearer).text
      return value("contest_transactions_total", in: page) == 12
        && value("contest_http_request_duration_seconds_count{route=\"/api/submit\"}", in: page)
          == 13
    }
    let requests = "contest_http_requests_total"
    let expected = [
      "\(requests){method=\"POST\",route=\"/api/submit\",status=\"200\"}": 12,
      "\(requests){method=\"POST\",route=\"/api/submit\",status=\"400\"}": 1,
      "\(requests){method=\"GET\",route=\"/api/submissions/{name}\",status=\"404\"}": 1,
      "\(requests){method=\"other\",route=\"/api/session\",status=\"405\"}": 1,
      "contest_store_batch_transactions_sum": 12,
      "contest_store_log_sync_seconds_bucket{le=\"+Inf\"}": 12,
      "contest_entries{category=\"best\"}": 12, "contest_generation": 12,
      "contest_store_up": 1, "contest_storage_status{indicator=\"dataFile\"}": 0,
      "contest_quarantined_files": 0,
    ]
    for (line, number) in expected { #expect(value(line, in: page) == Double(number), "\(line)") }
    // A path that nginx answers by itself is not counted; one that a client made up has no name.
    #expect(!page.contains("made/up"))
    for line in page.split(separator: "\n") where !line.hasPrefix("#") {
      let isSample =
        line.wholeMatch(of: /[a-z_]+(?:\{[a-zA-Z_]+="[^"]*"(?:,[a-zA-Z_]+="[^"]*")*\})? [0-9.e+-]+/)
        != nil
      #expect(isSample, "\(line)")
    }
    // A family is described once, before its lines.
    let families = page.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
    #expect(Set(families).count == families.count && families.count > 20)
  }

  @Test(.timeLimit(.minutes(20)))
  func `keeps its counts when every process is killed, and shows recoveries and live clients`()
    throws
  {
    let site = try RunningSite(["METRICS_TOKEN": "a token"])
    for _ in 0..<3 { #expect(try site.submit(Form()).status == 200) }
    func page() throws -> String { try site.send("GET", "/metrics", fields: bearer).text }
    try? eventually("it is counted") {
      value("contest_transactions_total", in: try page()) == 3
    }
    let counted = try page()
    #expect(
      value("contest_transactions_total", in: counted) == 3, "\(counted)\n\(site.output)")
    site.killAll()
    try write("damage", to: site.dataDirectory + "/data.json")
    try site.start()
    let listener = try HTTPClient.listen(port: site.port)
    defer { close(listener) }
    // The last checkpoint may be another name of the file that is damaged here; then both are set aside.
    let expected: [String: (Double) -> Bool] = [
      "contest_transactions_total": { $0 == 3 }, "contest_recoveries_total": { $0 > 0 },
      "contest_quarantined_files": { $0 == 1 || $0 == 2 },
      "contest_storage_status{indicator=\"quarantine\"}": { $0 == 1 },
      "contest_live_clients{transport=\"events\"}": { $0 == 1 },
    ]
    func wrongLines() throws -> [String] {
      let page = try page()
      return expected.compactMap { line, isRight in
        let found = value(line, in: page)
        return found.map(isRight) == true ? nil : "\(line) \(String(describing: found))"
      }
    }
    try? eventually("all is shown") { try wrongLines().isEmpty }
    let (wrong, shown) = (try wrongLines(), try page())
    #expect(wrong == [], "\(shown)\n\(site.output)")
  }

  @Test func `begins again when its file is damaged, and ends no process`() throws {
    let site = try Contestant(.cgi, ["METRICS_TOKEN": "a token"])
    // The directory is there from the first request on.
    _ = try site.send("GET", "/health")
    let line =
      "contest_http_requests_total method=\\\"GET\\\",route=\\\"/metrics\\\",status=\\\"200\\\""
    let many = Array(repeating: "6000000000000000000", count: 16).joined(separator: ",")
    for damage in [
      "{\"\(line)\":9223372036854775807}", "{\"\(line)\":-5}", "{\"\(line)\":[1]}", "{", "",
      "{\"contest_http_request_duration_seconds route=\\\"/health\\\"\":[\(many)]}",
    ] {
      try write(damage, to: site.dataDirectory + "/.metrics.json")
      for _ in 0..<2 { #expect(try site.send("GET", "/health").status == 200) }
      let (answer, errors) = try site.sendReadingErrors("GET", "/health")
      #expect(answer.status == 200 && errors.isEmpty, "\(damage)")
      let page = try site.send("GET", "/metrics", fields: bearer)
      #expect(page.status == 200, "\(damage)")
      let count = value(
        "contest_http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"}",
        in: page.text)
      #expect(count == 3, "\(damage)")
    }
  }

  @Test func `names client and request in each line, as nginx does`() throws {
    let site = try RunningSite()
    let forwarded = ("X-Forwarded-For", "203.0.113.7")
    let answer = try site.send(
      "POST", "/api/login", fields: [forwarded], body: Array("{\"password\":\"wrong\"}".utf8))
    let request = try #require(answer.fields["x-request-id"])
    #expect(request.count == 32)
    let line = "warning login failed client=203.0.113.7 request=\(request)\n"
    try eventually("the line is there") { site.output.contains(line) }
    try eventually("nginx names it") {
      site.accessLog.contains {
        $0.hasPrefix("203.0.113.7 ") && $0.contains(" request=\(request) ")
      }
    }
  }

  @Test func `writes one line for each event, whatever a client calls itself`() throws {
    let site = try Contestant(.cgi)
    let (answer, errors) = try site.logInReadingErrors(
      "wrong", variables: ["REMOTE_ADDR": "1.2.3.4\nerror forged", "UNIQUE_ID": "a b\nc"])
    #expect(answer.status == 401)
    #expect(errors == "warning login failed client=1.2.3.4?error?forged request=a?b?c\n")
  }
}

@Suite(.blocking) struct `The doctor` {
  private func doctor(_ arguments: [String], _ settings: [String: String]) throws
    -> (status: Int32, lines: [Substring])
  {
    let environment = ProcessInfo.processInfo.environment.merging(settings) { $1 }
    let result = try run(
      Checkout.top + "/.build/release/contestctl", ["doctor"] + arguments,
      environment: environment)
    return (result.status, String(decoding: result.output, as: UTF8.self).split(separator: "\n"))
  }

  @Test(.timeLimit(.minutes(20)))
  func `asks the web server, and says what to do`() throws {
    let site = try RunningSite()
    let settings = ["DATA_DIR": site.dataDirectory, "ADMIN_PASSWORD": RunningSite.password]
    let url = ["--url", "http://127.0.0.1:\(site.port)/"]
    try eventually("the live process has reported") {
      FileManager.default.fileExists(atPath: site.dataDirectory + "/.live.json")
    }
    let found = try doctor(url, settings).lines
    for line in [
      "good web server: http://127.0.0.1:\(site.port) answers",
      "good body limit: photos of 10485760 bytes come through",
      "good request buffering: the web server takes slow bodies by itself",
      "good events: they come as they happen",
      "good data: no file of the data directory is reachable",
      "good header fields: pages come with their security header fields",
      "good lock between processes: a second process is refused while the first holds it",
      "good live updates: the live process lives",
    ] { #expect(found.contains { $0 == line }, "\(line) in \(found)") }
    // Nothing was stored.
    #expect(try site.feedIDs().isEmpty)

    // The web server takes less than the settings allow: they were changed, and it was not told.
    let larger = settings.merging(["MAX_UPLOAD_BYTES": "20971520"]) { $1 }
    let result = try doctor(url, larger)
    #expect(result.status == 2)
    #expect(
      result.lines.contains { $0.hasPrefix("bad body limit: a photo of 20971520 bytes is refused") }
    )

    kill(site.liveProcess ?? 0, SIGSTOP)
    let stalled = try doctor(url, settings).lines
    #expect(stalled.contains { $0.hasPrefix("bad events:") || $0.hasPrefix("warning events:") })
    kill(site.liveProcess ?? 0, SIGCONT)
    site.stop()
    let gone = try doctor(url, settings)
    #expect(gone.status == 2)
    #expect(
      gone.lines.contains { $0.hasPrefix("bad web server:") && $0.contains("does not answer") })
  }

  @Test func `tells a monitoring system by its exit status`() throws {
    let home = try TemporaryDirectory(in: "/var/tmp")
    let settings = [
      "DATA_DIR": home.file("data"), "PORT": String(RunningSite.freePort()),
      "ADMIN_PASSWORD": "in clear",
    ]
    try FileManager.default.createDirectory(
      atPath: home.file("data"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o750])
    // No live process, and the password in clear: warnings alone.
    let warned = try doctor([], settings)
    #expect(warned.status == 1, "\(warned.lines)")
    #expect(warned.lines.contains { $0.hasPrefix("unknown web server: none answers") })
    let bad = try doctor([], settings.merging(["ADMIN_PASSWORD": ""]) { $1 })
    #expect(bad.status == 2)
    #expect(bad.lines.contains("bad password: none is set: nobody can log in; contestctl password"))
    let json = try run(
      Checkout.top + "/.build/release/contestctl", ["doctor", "--json"],
      environment: settings.merging(["PATH": "/usr/bin:/bin"]) { $1 })
    let report = try JSONValue(parsing: json.output).object
    #expect(report?["status"] == "warning" && report?["findings"]?.array?.count ?? 0 > 15)
  }

  @Test(arguments: [
    "-K/tmp/x", "ftp://example.org", "http://127.0.0.1/{a,b}", "http://127.0.0.1/?a=",
    "http://x/;y",
  ])
  func `takes nothing for an address that is none`(_ url: String) throws {
    let home = try TemporaryDirectory()
    let result = try run(
      Checkout.top + "/.build/release/contestctl",
      ["doctor", "--data-dir", home.path, "--url=" + url], environment: ["PATH": "/usr/bin:/bin"])
    #expect(result.status == 64)
    #expect(result.errors.contains("--url is not an address"))
  }

  @Test func `says so when there is no directory, or none that it can use`() throws {
    let home = try TemporaryDirectory()
    let missing = try doctor(["--data-dir", home.file("none")], [:])
    #expect(missing.status == 2)
    #expect(missing.lines.contains { $0.hasPrefix("bad directory: there is no ") })
    try write("a file", to: home.file("file"))
    let unusable = try doctor(["--data-dir", home.file("file")], [:])
    #expect(unusable.status == 2)
    #expect(unusable.lines.contains { $0.hasPrefix("bad site: ") })
  }

  @Test(arguments: Transport.allCases)
  func `is for organizers by the API, too`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    #expect(try site.send("GET", "/api/doctor").status == 401)
    let answer = try site.send("GET", "/api/doctor", fields: [try site.logIn()])
    let checks = answer.json["findings"]?.array?.compactMap { $0.object?["check"]?.string } ?? []
    #expect(answer.status == 200)
    #expect(checks.contains("synchronize") && checks.contains("lock between processes"))
  }
}
