import Foundation
import JSON
import Synchronization
import TestSupport
import Testing
import Threads

/// What several threads have got.
private final class Outputs: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }

  func add(_ bytes: [UInt8]) {
    texts.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
  }
}

@Suite(.serialized, .blocking)
struct `On shared hosting` {
  @Test func `the programs need nothing of the host`() throws {
    let home = try TemporaryDirectory()
    let package = try SharedHost.package.get()
    #expect(try run("/usr/bin/unzip", ["-q", package, "-d", home.file("site")]).status == 0)
    for name in ["contest.cgi", "contest.fcgi"] {
      let program = home.file("site/\(name)")
      #expect(FileManager.default.isExecutableFile(atPath: program))
      // A program that wants a dynamic linker names it in a segment of its own (elf(5), PT_INTERP).
      let headers = try run("/usr/bin/readelf", ["-lW", program])
      #expect(!String(decoding: headers.output, as: UTF8.self).contains("INTERP"))
      let libraries = try run("/usr/bin/ldd", [program])
      #expect(libraries.errors.contains("not a dynamic executable"))
    }
    try FileManager.default.createDirectory(
      atPath: home.file("empty/data"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: home.file("site/contest.cgi"), toPath: home.file("empty/contest.cgi"))
    // The language's runtime asks where its program is, as every Linux tells (proc(5)).
    try FileManager.default.createDirectory(
      atPath: home.file("empty/proc/self"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: home.file("empty/proc/self/exe"), withDestinationPath: "/contest.cgi")
    let environment = [
      "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": "/api/feed",
      "DATA_DIR": "/data",
    ]
    // A user may change his root only in a namespace of his own (user_namespaces(7)).
    let words = geteuid() == 0 ? [] : ["/usr/bin/unshare", "--map-root-user"]
    let command = words + ["/usr/sbin/chroot", home.file("empty"), "/contest.cgi"]
    let result = try run(command[0], Array(command.dropFirst()), environment: environment)
    #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("Status: 200"))
    #expect(result.status == 0 && result.errors.isEmpty)
  }

  @Test(.timeLimit(.minutes(20)), arguments: SharedHost.Kind.allCases)
  func `a site is set up, entered in, and shows nothing that it should not`(_ kind: SharedHost.Kind)
    throws
  {
    let host = try SharedHost(kind)
    for page in [
      "/", "/admin", "/show", "/setup", "/judge", "/vote", "/page-worker.js", "/call",
      "/winners.html",
      "/assets/shared/elements.js",
    ] {
      let answer = try host.send("GET", page)
      #expect(answer.status == 200, "\(page)")
      #expect(answer.fields["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
    }
    // The program is asked for paths of every length that it has.
    for (method, path) in [
      ("GET", "/api/rounds/r/audit.csv"), ("GET", "/api/judge/rounds"),
      ("PUT", "/api/judge/scorecards/r/e"), ("PUT", "/api/rounds/r/scorecards/j/e"),
    ] {
      #expect(try host.send(method, path).status == 401, "\(method) \(path)")
    }
    try setUpOnce(host)
    try enter(host)
    try previewLinks(host)
    try examine(host)
    try lookForSecrets(host)
  }

  /// Sets the password by the code in the tenant's file.
  private func setUpOnce(_ host: SharedHost) throws {
    // Nobody can log in, and nobody can set a password who cannot read the tenant's files.
    let state = try host.send("GET", "/api/setup")
    #expect(state.json["codeFile"] == "data/setup-code.txt")
    let file = host.folder + "/var/data/setup-code.txt"
    func setUp(_ body: String) throws -> Answer {
      try host.send("POST", "/api/setup", body: Array(body.utf8))
    }
    #expect(try setUp(#"{"code":"guess","password":"long enough"}"#).json["code"] == "wrong_code")
    let code = String(decoding: try contents(of: file), as: UTF8.self)
      .trimmingCharacters(in: .newlines)
    #expect(try setUp(#"{"code":"\#(code)","password":"short"}"#).json["code"] == "short_password")
    let examined = try setUp(#"{"code":"\#(code)"}"#)
    #expect(examined.json["findings"]?.array?.isEmpty == false)
    let done = try setUp(#"{"code":"\#(code)","password":"long enough"}"#)
    #expect(done.status == 200 && done.fields["set-cookie"]?.contains("HttpOnly") == true)
    #expect(!FileManager.default.fileExists(atPath: file))
    #expect(try setUp(#"{"code":"\#(code)","password":"another one"}"#).status == 404)
    let login = try host.send(
      "POST", "/api/login", body: Array(#"{"password":"long enough"}"#.utf8))
    #expect(login.status == 200)
  }

  private func enter(_ host: SharedHost) throws {
    // More than mod_fcgid would take.
    let photo = png(extraBytes: 300_000)
    let entered = try host.submit(Form(photo: photo))
    #expect(entered.status == 200 && entered.json["persistenceConfirmed"] == true)
    let image = try #require(entered.json["entry"]?.object?["imageUrl"]?.string)
    let shown = try host.send("GET", image)
    #expect(shown.status == 200 && shown.fields["content-type"] == "image/png")
    #expect(shown.fields["x-content-type-options"] == "nosniff")
    #expect(try host.send("GET", "/api/feed").text.contains(image))
    let tag = ("If-None-Match", try host.send("GET", "/api/feed").fields["etag"] ?? "")
    #expect(try host.send("GET", "/api/feed", fields: [tag]).status == 304)
    #expect(try host.submit(Form(photo: png(extraBytes: 11_000_000))).status == 413)
    #expect(try host.send("GET", "/api/events").status == 404)
    #expect(try host.send("GET", "/socket.io/?EIO=4&transport=polling").status == 404)
    // The responder's own words, not a page of the host.
    #expect(try host.send("GET", "/api/submissions/none-of-these").json["code"] == "not_found")
    #expect(try host.send("DELETE", "/api/submissions/1-a").json["code"] == "unauthorized")
  }

  /// What makes previews of links runs no scripts: it gets the event, and everybody else the page.
  private func previewLinks(_ host: SharedHost) throws {
    let login = try host.send(
      "POST", "/api/login", body: Array(#"{"password":"long enough"}"#.utf8))
    let session = login.fields["set-cookie"]?.prefix { $0 != ";" } ?? ""
    let named = try host.send(
      "POST", "/api/event", fields: [("Cookie", String(session))],
      body: Array(#"{"name":"Ink Days"}"#.utf8))
    #expect(named.status == 200)
    let agent = ("User-Agent", "WhatsApp/2.23.20.0 A")
    for (page, title) in [
      ("/", "Ink Days"), ("/index.html", "Ink Days"), ("/winners.html", "Winners – Ink Days"),
      ("/vote", "Vote – Ink Days"), ("/vote?code=0123", "Vote – Ink Days"),
    ] {
      let preview = try host.send("GET", page, fields: [agent])
      #expect(preview.status == 200 && preview.text.contains(">\(title)</title>"), "\(page)")
      #expect(preview.text.contains(#"property="og:title" content="Ink Days""#), "\(page)")
    }
    #expect(try host.send("GET", "/").text.contains("id=\"entry\""))
  }

  private func examine(_ host: SharedHost) throws {
    let doctor = try run(
      Checkout.top + "/.build/release/contestctl",
      [
        "doctor", "--data-dir", host.folder + "/var/data", "--url", "http://127.0.0.1:\(host.port)",
      ], environment: ["PATH": "/usr/bin:/bin"])
    let report = String(decoding: doctor.output, as: UTF8.self)
    for line in [
      "good body limit:", "warning request buffering: a responder waits for each slow phone",
      "good events: not offered here", "good data: no file", "good header fields:",
    ] { #expect(report.contains(line), "\(report)") }
  }

  private func lookForSecrets(_ host: SharedHost) throws {
    try write("secret", to: host.folder + "/var/data/uploads/1-a.cgi")
    for path in [
      "/var/data/data.json", "/var/data/", "/var/", "/data.json", "/var/data/.wal/", "/contest.cgi",
      "/contest.fcgi/api/feed", "/contest.env", "/contest.env.example", "/.htaccess", "/README.txt",
      "/var/data/uploads/1-a.cgi", "/uploads/1-a.cgi", "/var/data/.admin/password", "/assets/",
      "/%76ar/data/data.json", "//var/data/data.json", "/./var/data/data.json", "/uploads/",
      "/api/..%2f..%2fvar/data/data.json", "/var/data/backups/", "/VAR/data/data.json",
    ] {
      let answer = try host.send("GET", path)
      #expect(answer.status >= 400 && answer.status < 500, "\(path) \(answer.status)")
      #expect(!answer.text.contains("submissions") && !answer.text.contains("secret"))
    }
  }

  @Test(.timeLimit(.minutes(20)))
  func `data outside of the web's folder is served, and CGI and FastCGI share it`() throws {
    let host = try SharedHost(.withFastCGI, settings: ["DATA_DIR=../data"])
    let photo = try host.submit(Form(photo: png()))
    let image = try #require(photo.json["entry"]?.object?["imageUrl"]?.string)
    #expect(try host.send("GET", image).body == png())
    #expect(FileManager.default.fileExists(atPath: host.outside("data/data.json")))
    // Two dozen at once by CGI, while FastCGI answers readers and a server's responders write, too.
    let site = try RunningSite(dataDirectory: host.outside("data"))
    let (hostPort, sitePort) = (host.port, site.port)
    inThreads(8) { thread in
      for number in 0..<6 {
        let form = Form(fields: [("category", "best"), ("caption", "\(thread)-\(number)")])
        let port = thread % 2 == 0 ? sitePort : hostPort
        #expect((try? RunningSite.submit(form, port: port))?.status == 200)
        let page = "/api/feed?category=best&limit=200"
        #expect((try? HTTPClient.send("GET", page, port: hostPort))?.status == 200)
      }
    }
    #expect(Set(try site.feedIDs()).count == 49)
    let answer = try host.send("GET", "/api/feed")
    #expect(answer.text.ranges(of: "\"id\"").count == 49)
    let checked = try run(
      Checkout.top + "/.build/release/contestctl",
      ["verify", "--data-dir", host.outside("data")])
    #expect(checked.status == 0, "\(String(decoding: checked.output, as: UTF8.self))")
  }

  @Test
  func `a setting that cannot be used is a 503 that says nothing of it, and a line in the log`()
    throws
  {
    let host = try SharedHost(.cgiAlone, settings: ["PLACES_PER_CATEGORY=many"])
    let answer = try host.send("GET", "/api/session")
    #expect(answer.status == 503 && answer.json["code"] == "unavailable")
    #expect(!answer.text.contains("many"))
    #expect(host.log.contains("PLACES_PER_CATEGORY=many is not a whole number"))
  }

  @Test(.timeLimit(.minutes(20)))
  func `nginx and fcgiwrap serve it as well`() throws {
    let home = try TemporaryDirectory()
    let package = try SharedHost.package.get()
    #expect(try run("/usr/bin/unzip", ["-q", package, "-d", home.file("site")]).status == 0)
    let port = RunningSite.freePort()
    let wrapper = Program(
      "/usr/sbin/fcgiwrap", ["-f", "-s", "unix:" + home.file("socket")],
      environment: ["PATH": "/usr/bin:/bin"])
    try wrapper.start()
    defer {
      wrapper.send(SIGTERM)
      wrapper.wait()
    }
    let parameters = try String(
      contentsOfFile: Checkout.top + "/nginx/responders/fastcgi-params.conf", encoding: .utf8)
    let server = try WebServer(
      """
      server {
        listen 127.0.0.1:\(port);
        root \(home.file("site"));
        client_max_body_size 12m;
        location = / { try_files /index.html =404; }
        location / {
          fastcgi_pass unix:\(home.file("socket"));
          \(parameters.replacing("$submits_limited if_not_empty", with: "\"\""))
          fastcgi_param SCRIPT_FILENAME \(home.file("site/contest.cgi"));
        }
      }
      """, home: home, port: port)
    defer { withExtendedLifetime(server) {} }
    let entered = try RunningSite.submit(Form(photo: png(extraBytes: 300_000)), port: port)
    #expect(entered.status == 200 && entered.json["persistenceConfirmed"] == true)
    let feed = try HTTPClient.send("GET", "/api/feed", port: port)
    #expect(feed.text.contains("/uploads/"))
    let image = entered.json["entry"]?.object?["imageUrl"]?.string ?? ""
    #expect(try HTTPClient.send("GET", image, port: port).status == 200)
  }

  @Test func `nobody guesses on where guesses cannot be counted`() throws {
    let site = try Contestant(.cgi)
    _ = try site.logIn()
    let file = site.dataDirectory + "/.admin/login-failures"
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "/nowhere")
    let body = Array("{\"password\":\"guess\"}".utf8)
    let answer = try site.send("POST", "/api/login", body: body)
    #expect(answer.status == 429 && answer.fields["retry-after"] == "30")
  }

  @Test func `of two who set the first password at once one does`() throws {
    let site = try Contestant(.cgi, ["ADMIN_PASSWORD": ""])
    #expect(try site.send("GET", "/api/setup").status == 200)
    let code = String(
      decoding: try contents(of: site.dataDirectory + "/setup-code.txt"), as: UTF8.self
    ).trimmingCharacters(in: .newlines)
    let attempts = (0..<4).map { number in
      site.command(
        "POST", "/api/setup",
        body: Array(#"{"code":"\#(code)","password":"password \#(number)"}"#.utf8))
    }
    let outputs = Outputs()
    inThreads(4) { number in
      if let output = try? attempts[number]().output { outputs.add(output) }
    }
    let done = outputs.all.filter { $0.hasPrefix("Status: 200") }
    #expect(done.count == 1 && outputs.all.count == 4)
  }

  @Test func `one address is limited where no web server does it, and a hall is not`() throws {
    let site = try Contestant(.direct, ["SUBMIT_RATE": "6"])
    var codes: [Int] = []
    for _ in 0..<13 {
      codes.append(try site.submit(Form(), from: "203.0.113.9").status)
    }
    #expect(codes == Array(repeating: 200, count: 11) + [429, 429])
    #expect(try site.submit(Form(), from: "203.0.113.10").status == 200)
    // The page has a key for each entry: a hall of 500 has one address, and is let in at once.
    var (allowed, status) = (0, 200)
    let began = ContinuousClock.now
    while status == 200, allowed < 5000 {
      let key = [("Idempotency-Key", "visitor-\(allowed)")]
      status = try site.submit(Form(), fields: key, from: "203.0.113.11").status
      allowed += status == 200 ? 1 : 0
    }
    // Two more a second, for as long as it took.
    let later = 2 * Int((ContinuousClock.now - began).components.seconds + 1)
    #expect(status == 429 && (501...(501 + later)).contains(allowed), "\(allowed), \(later)")
    // Who sends one again and again is one.
    let again = try (0..<13).map { _ in
      try site.submit(
        Form(), fields: [("Idempotency-Key", "again-and-again")], from: "203.0.113.12"
      ).status
    }
    #expect(again == Array(repeating: 200, count: 11) + [429, 429])
  }

  @Test func `a network of IPv6 is one address, and this machine is none`() throws {
    let site = try Contestant(.direct, ["SUBMIT_RATE": "6"])
    // One network of IPv6 is one client, however it is written.
    var allowed = 0
    for number in 0..<14 {
      let address =
        number.isMultiple(of: 2) ? "2001:db8::\(number):1:2:3" : "2001:DB8:0:0:\(number)::1"
      allowed += try site.submit(Form(), from: address).status == 200 ? 1 : 0
    }
    #expect(allowed == 11)
    #expect(try site.submit(Form(), from: "2001:db8:0:1::1").status == 200)
    for address in ["::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"] {
      for _ in 0..<13 { #expect(try site.submit(Form(), from: address).status == 200) }
    }
  }

  @Test func `an address is not kept out by a clock that was set back, nor by damage`() throws {
    let site = try Contestant(.direct, ["SUBMIT_RATE": "6"])
    for _ in 0..<11 { #expect(try site.submit(Form(), from: "203.0.113.9").status == 200) }
    // A clock that was set back by hours keeps nobody out for longer than the limit would.
    let hours = Int(Date().timeIntervalSince1970 * 1000) + 7_200_000
    try write("\(hours) 203.0.113.9\n", to: site.dataDirectory + "/.admin/submit-times")
    let late = try site.submit(Form(), from: "203.0.113.9")
    #expect(late.status == 429 && Int(late.fields["retry-after"] ?? "") ?? 1000 <= 10)
    // Damage lets people in; it does not keep them out, nor end the process.
    for damage in ["-9223372036854775808 203.0.113.9\n", "9223372036854775807 203.0.113.9\n", "x"] {
      try write(damage, to: site.dataDirectory + "/.admin/submit-times")
      #expect(try site.submit(Form(), from: "203.0.113.9").status == 200)
    }
    #expect(try site.submit(Form(), from: "127.0.0.1").status == 200)
  }
}
