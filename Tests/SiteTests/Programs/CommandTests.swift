import Foundation
import JSON
import TestSupport
import Testing

@Suite(.serialized, .blocking) struct `scripts/serve` {
  private func serve(_ settings: [String: String]) throws -> (status: Int32, errors: String) {
    let environment = ProcessInfo.processInfo.environment.merging(settings) { $1 }
    let result = try run(Checkout.top + "/scripts/serve", [], environment: environment)
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
      Checkout.top + "/.build/release/contestctl",
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

@Suite(.blocking) struct `contestctl` {
  private func control(_ arguments: [String], _ directory: String, input: String = "") throws
    -> (status: Int32, output: String, errors: String)
  {
    let result = try run(
      Checkout.top + "/.build/release/contestctl", arguments + ["--data-dir", directory],
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
    #expect(
      result.output
        == "\(image.dropFirst()): is missing; put it back from your backup, or remove its entry\n")
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

  @Test func `keeps as many snapshots as it is told, and every backup of a transaction`() throws {
    let site = try Contestant(.direct)
    for _ in 0..<3 { _ = try site.submit(Form()) }
    let backups = site.dataDirectory + "/backups"
    let automatic = try names(in: backups)
    func snapshots() throws -> [String] {
      try names(in: backups).filter { $0.hasPrefix("backup-") }
    }
    // One that an operator asked for is his.
    #expect(try control(["backup"], site.dataDirectory).status == 0)
    let own = try snapshots()
    for _ in 0..<2 {
      #expect(try control(["backup", "--keep", "2"], site.dataDirectory).status == 0)
    }
    let before = try snapshots()
    let kept = try control(["backup", "--keep", "2"], site.dataDirectory)
    let left = try snapshots()
    #expect(before.count == 3 && left.count == 3 && left.first == own.first)
    #expect(kept.output.contains("removed backups/\(before[1])\n"))
    #expect(Set(left).isSubset(of: before.filter { $0 != before[1] } + left.suffix(1)))
    #expect(
      try names(in: backups).filter { !$0.hasPrefix("backup-") && $0 != ".rotation" } == automatic)
    let refused = try control(["backup", "--keep", "0"], site.dataDirectory)
    #expect(refused.errors.contains("--keep 0 is not a number of snapshots"))
    // What the rotation's file says beyond snapshots is left alone.
    try write("../data.json\n\(automatic[0])\n", to: backups + "/.rotation")
    #expect(try control(["backup", "--keep", "1"], site.dataDirectory).status == 0)
    #expect(try control(["verify"], site.dataDirectory).status == 0)
    #expect(try names(in: backups).contains(automatic[0]))
  }

  @Test func `goes back to a moment, and tells who committed what when`() throws {
    let site = try Contestant(.direct)
    _ = try site.submit(Form(fields: [("category", "best"), ("caption", "first")]))
    let log = try control(["log"], site.dataDirectory).output.split(separator: " ")
    #expect(log.count == 5 && log[1] == "1" && log[3] == "completed")
    #expect(log[4].hasPrefix("submission-best-"))
    _ = try site.submit(Form(fields: [("category", "best"), ("caption", "second")]))
    let restored = try control(["restore", "--at", String(log[2])], site.dataDirectory)
    #expect(restored.output.hasPrefix("Restored the state after transaction 1 as txn-"))
    let feed = try site.send("GET", "/api/feed").text
    #expect(feed.contains("first") && !feed.contains("second"))
    // Also what a restore has replaced is not lost.
    _ = try control(["restore", "--at", "2100-01-01T00:00:00Z"], site.dataDirectory)
    #expect(try control(["log", "--json", "-n", "1"], site.dataDirectory).status != 0)
    let lines = try control(["log", "--json", "--lines", "2"], site.dataDirectory).output
    #expect(lines.split(separator: "\n").allSatisfy { $0.contains("\"operation\":\"restore-") })
    let wrong = try control(["restore", "--at", "yesterday"], site.dataDirectory)
    #expect(wrong.errors.contains("yesterday is not a time; write it as 2026-11-24T20:15:00Z"))
    #expect(try control(["restore"], site.dataDirectory).errors.contains("Name either a file or"))
  }

  @Test func `tells what a recovery would do, and does it`() throws {
    let site = try Contestant(.direct)
    _ = try site.submit(Form())
    #expect(
      try control(["recover", "--dry-run"], site.dataDirectory).output
        == "There is nothing to recover.\nThe state would be at generation 1. Nothing was changed.\n"
    )
    try write("damage", to: site.dataDirectory + "/data.json")
    let rehearsal = try control(["recover", "--dry-run"], site.dataDirectory).output
    #expect(rehearsal.contains("would: WAL recovery: rebuilt data.json at generation 1"))
    let damaged = try control(["verify"], site.dataDirectory)
    #expect(damaged.status == 1 && damaged.output.contains("contestctl recover rebuilds it"))
    #expect(try control(["recover"], site.dataDirectory).status == 0)
    #expect(try control(["verify"], site.dataDirectory).status == 0)
  }

  @Test func `measures how fast commits are, as the contract says`() throws {
    let home = try TemporaryDirectory()
    let result = try run(
      Checkout.top + "/.build/release/contestctl",
      [
        "bench", "commit", "--data-dir", home.file("data"), "--processes", "2", "--threads", "2",
        "--seconds", "0.3", "--prefill", "50", "--json",
      ])
    let json = try JSONValue(parsing: result.output).object
    #expect(json?.members.map(\.name) == ["commitsPerSecond", "p50Ms", "p99Ms", "maxMs"])
    let entries = try control(["status", "--json"], home.file("data")).output
    let count = try JSONValue(parsing: Array(entries.utf8)).object?["entries"]?.int ?? 0
    #expect(count > 50)
    #expect(try control(["verify"], home.file("data")).output == "No damage found.\n")
  }

  /// An entry that ended three leaders is in quarantine and nowhere else, and its photo is the only copy.
  @Test func `keeps the photos of entries in quarantine`() throws {
    let site = try Contestant(.direct)
    _ = try site.submit(Form())
    let (kept, removed) = ("1731023456789-abc123.jpg", "1731023456789-def456.jpg")
    for name in [kept, removed] { try write("x", to: site.dataDirectory + "/uploads/" + name) }
    try write(
      #"{"data":{"entry":{"imageUrl":"/uploads/\#(kept)"}}}"#,
      to: site.dataDirectory + "/quarantine/1-00000001-wal-1-00000001.json")
    let result = try control(["gc"], site.dataDirectory)
    #expect(result.output == "removed uploads/\(removed)\n1 orphaned photos removed.\n")
    #expect(try names(in: site.dataDirectory + "/uploads") == [kept])
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

@Suite(.blocking) struct `A form of` {
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
