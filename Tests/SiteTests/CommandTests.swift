import Foundation
import JSON
import TestSupport
import Testing

@Suite(.serialized) struct `scripts/serve` {
  private func serve(_ settings: [String: String]) throws -> (status: Int32, errors: String) {
    let environment = ProcessInfo.processInfo.environment.merging(settings) { $1 }
    let result = try run(RunningSite.top + "/scripts/serve", [], environment: environment)
    return (result.status, result.errors)
  }

  @Test func `says what to do about a port that is in use`() throws {
    let site = try RunningSite()
    let home = try TemporaryDirectory()
    let result = try serve(["PORT": String(site.port), "DATA_DIR": home.file("data")])
    #expect(result.status == 1)
    #expect(
      result.errors.contains(
        "port \(site.port) is in use; stop what uses it, or choose another: PORT=\(site.port + 1) scripts/serve"
      ))
    #expect(try site.send("GET", "/health").status == 200)
  }

  @Test func `says what to do about a data directory that cannot be written`() throws {
    let result = try serve(["PORT": String(RunningSite.freePort()), "DATA_DIR": "/proc/nowhere"])
    #expect(result.status == 1)
    #expect(
      result.errors.contains("/proc/nowhere cannot be written; make it yours, or choose another"))
  }

  @Test func `says which setting is malformed`() throws {
    let result = try serve(["PORT": "abc"])
    #expect(result.status == 1)
    #expect(result.errors.contains("PORT=abc is not a whole number"))
  }

  @Test func `makes a password once, prints it, and keeps only its hash`() throws {
    let site = try RunningSite(["ADMIN_PASSWORD": ""])
    let line = try #require(site.output.firstMatch(of: /Administrator's password: (\S+)/))
    let password = String(line.output.1)
    let body = Array("{\"password\":\"\(password)\"}".utf8)
    let login = try site.send("POST", "/api/login", body: body)
    #expect(login.status == 200)
    let cookie = ("Cookie", login.fields["set-cookie"] ?? "")
    #expect(try site.send("GET", "/api/session", fields: [cookie]).json["loggedIn"] == true)
    let hash = String(
      decoding: try contents(of: site.dataDirectory + "/.admin/password"), as: UTF8.self)
    #expect(hash.hasPrefix("$scrypt$") && !hash.contains(password))
    // A new password ends every session, in every process, while the site runs.
    let changed = try run(
      RunningSite.top + "/.build/release/contestctl",
      ["password", "--data-dir", site.dataDirectory],
      input: Array("another password\n".utf8))
    #expect(changed.status == 0)
    for _ in 0..<9 {
      #expect(try site.send("GET", "/api/session", fields: [cookie]).json["loggedIn"] == false)
    }
    #expect(try site.send("POST", "/api/login", body: body).status == 401)
    #expect(site.stop() == 0)
    try site.start()
    #expect(!site.output.contains("Administrator's password"))
  }

  @Test func `serves several sites from one checkout, each with its own data`() throws {
    let one = try RunningSite()
    let other = try RunningSite()
    _ = try one.submit(Form())
    #expect(try one.feedIDs().count == 1)
    #expect(try other.feedIDs().isEmpty)
  }

  @Test func `says in its output that it recovered`() throws {
    let site = try RunningSite()
    _ = try site.submit(Form())
    #expect(site.stop() == 0)
    try write("damage", to: site.dataDirectory + "/data.json")
    try site.start()
    #expect(try site.feedIDs().count == 1)
    #expect(site.output.contains("WAL recovery"))
    #expect(
      try site.send("GET", "/api/metrics").json["persistence"]?.object?["recoveries"]?.int ?? 0 > 0)
  }
}

struct `contestctl` {
  private func control(_ arguments: [String], _ directory: String, input: String = "") throws
    -> (status: Int32, output: String, errors: String)
  {
    let result = try run(
      RunningSite.top + "/.build/release/contestctl", arguments + ["--data-dir", directory],
      input: Array(input.utf8))
    return (result.status, String(decoding: result.output, as: UTF8.self), result.errors)
  }

  @Test func `tells the status, in words and as JSON`() throws {
    let site = try Contestant(.direct)
    _ = try site.submit(Form())
    #expect(try control(["status"], site.dataDirectory).output.contains("entries: 1\n"))
    let json = try JSONValue(
      parsing: Array(try control(["status", "--json"], site.dataDirectory).output.utf8))
    #expect(json.object?["entries"] == 1 && json.object?["pending"] == 0)
  }

  @Test func `verifies data, backups, log and photos, and exits with 1 on damage`() throws {
    let site = try Contestant(.direct)
    let image = try site.submit(Form(photo: png())).json["entry"]?.object?["imageUrl"]?.string ?? ""
    #expect(try control(["verify"], site.dataDirectory).status == 0)
    try FileManager.default.removeItem(atPath: site.dataDirectory + image)
    let result = try control(["verify"], site.dataDirectory)
    #expect(result.status == 1)
    #expect(result.output == "\(image.dropFirst()) is missing\n")
  }

  @Test func `keeps a snapshot and restores it as a transaction`() throws {
    let site = try Contestant(.direct)
    _ = try site.submit(Form(fields: [("category", "best"), ("caption", "before")]))
    let snapshot = try control(["backup"], site.dataDirectory)
    #expect(snapshot.output.contains("/backups/backup-"))
    _ = try site.submit(Form(fields: [("category", "best"), ("caption", "after")]))
    let file = snapshot.output.trimmingCharacters(in: .newlines)
    #expect(try control(["restore", file], site.dataDirectory).status == 0)
    let feed = try site.send("GET", "/api/feed").text
    #expect(feed.contains("before") && !feed.contains("after"))
    #expect(
      try control(["restore", "/nowhere"], site.dataDirectory).errors.contains(
        "/nowhere cannot be read"))
    #expect(try control(["recover"], site.dataDirectory).status == 0)
  }

  @Test func `removes the photos that no entry has, but none that is on its way`() throws {
    let site = try Contestant(.direct)
    let image = try site.submit(Form(photo: png())).json["entry"]?.object?["imageUrl"]?.string ?? ""
    let now = Int(Date().timeIntervalSince1970 * 1000)
    for name in ["1731023456789-abc123.jpg", "\(now)-abc123.jpg", "not-ours.txt"] {
      try write("x", to: site.dataDirectory + "/uploads/" + name)
    }
    let result = try control(["gc"], site.dataDirectory)
    #expect(
      result.output == "removed uploads/1731023456789-abc123.jpg\n1 orphaned photos removed.\n")
    #expect(
      try names(in: site.dataDirectory + "/uploads").sorted()
        == ["\(now)-abc123.jpg", "not-ours.txt", String(image.dropFirst("/uploads/".count))]
        .sorted())
  }

  @Test func `refuses a password that would not count, and an empty one`() throws {
    let home = try TemporaryDirectory()
    #expect(
      try control(["password"], home.path, input: "\n").errors.contains("The password is empty."))
    let hash = try control(["password", "--hash-only"], home.path, input: "secret\n")
    #expect(hash.output.hasPrefix("$scrypt$ln=14,r=8,p=5$"))
    #expect(
      try control(["status"], home.file("nowhere")).errors.contains("There is no data directory"))
  }
}

struct `A form of` {
  /// What clients in the field send, not what this project thinks they send.
  @Test func `curl and Python's requests is understood`() throws {
    let site = try RunningSite()
    let home = try TemporaryDirectory()
    let photo = home.file("a b\"c.png")
    try write(png(), to: photo)
    let address = "http://127.0.0.1:\(site.port)/api/submit"
    let curl = try run(
      "/usr/bin/curl",
      [
        "-s", "-F", "category=best", "-F", "caption=by curl", "-F",
        "photo=@\"\(photo.replacingOccurrences(of: "\"", with: "\\\""))\"", address,
      ])
    #expect(try JSONValue(parsing: curl.output).object?["storageMethod"] == "local-primary")
    let script = """
      import requests
      answer = requests.post("\(address)", data={"category": "best", "caption": "by requests é"},
        files={"photo": ("Zoë.png", open('\(photo)', "rb"), "image/png")})
      print(answer.text)
      """
    let python = try run("/usr/bin/python3", ["-c", script])
    #expect(
      try JSONValue(parsing: python.output).object?["storageMethod"] == "local-primary",
      "\(python.errors)")
    let feed = try site.send("GET", "/api/feed").text
    #expect(feed.contains("by curl") && feed.contains("by requests é"))
  }
}
