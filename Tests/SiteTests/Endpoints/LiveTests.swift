import Foundation
import JSON
import TestSupport
import Testing

/// Clients in Python, as `Tests/Clients/live.py` says.
private final class LiveClients {
  private let process: Program
  private let output: FileHandle
  private var rest = Data()

  init(_ kind: String, _ count: Int, _ port: Int) throws {
    let pipe = Pipe()
    output = pipe.fileHandleForReading
    // Debian's, which has the package that scripts/install puts there.
    process = Program(
      "/usr/bin/python3",
      [
        Checkout.top + "/Tests/Clients/live.py", kind, "http://127.0.0.1:\(port)",
        String(count),
      ])
    process.connect(1, to: pipe.fileHandleForWriting)
    try process.start()
    let line = nextLine()
    try #require(line == "ready", "the clients are connected: \(line ?? "nothing")")
  }

  deinit {
    process.send(SIGKILL)
    process.wait()
  }

  /// What each client was told, when all have been told of the last entry.
  func captions() -> [[String]] {
    var all: [[String]] = []
    while let line = nextLine() {
      let value = try? JSONValue(parsing: Array(line.utf8))
      all.append((value?.array ?? []).compactMap(\.string))
    }
    process.wait()
    return all
  }

  private func nextLine() -> String? {
    while true {
      if let end = rest.firstIndex(of: 0x0A) {
        defer { rest = Data(rest[rest.index(after: end)...]) }
        return String(decoding: rest[..<end], as: UTF8.self)
      }
      let more = output.availableData
      if more.isEmpty { return nil }
      rest += more
    }
  }
}

/// A stream of server-sent events as curl reads it.
func events(
  _ port: Int, _ target: String = "/api/events", fields: [String] = [], seconds: Double,
  until text: String? = nil, then: () throws -> Void = {}
) throws -> String {
  let home = try TemporaryDirectory()
  let process = Program(
    "/usr/bin/curl",
    ["-sN", "--max-time", String(seconds), "-o", home.file("events")]
      + fields.flatMap { ["-H", $0] } + ["http://127.0.0.1:\(port)\(target)"])
  try process.start()
  func read() -> String {
    (try? String(contentsOfFile: home.file("events"), encoding: .utf8)) ?? ""
  }
  try eventually("the stream begins") { read().contains("retry:") }
  try then()
  while process.isRunning, text.map({ !read().contains($0) }) ?? true { usleep(10_000) }
  process.send(SIGTERM)
  process.wait()
  return read()
}

private func form(_ caption: String) -> Form {
  Form(fields: [("category", "best"), ("caption", caption)])
}

@Suite(.blocking) struct `A live client` {
  @Test(.timeLimit(.minutes(20)), arguments: [("socketio", 50), ("events", 50)])
  func `is told of each of 100 entries once and in their order, whichever process took it`(
    _ kind: String, _ count: Int
  ) throws {
    let site = try RunningSite()
    let clients = try LiveClients(kind, count, site.port)
    let captions = (0..<99).map { "entry \($0)" } + ["end"]
    for caption in captions { #expect(try site.submit(form(caption)).status == 200) }
    let told = clients.captions()
    #expect(told.count == count)
    let wrong = told.filter { $0 != captions }
    #expect(wrong.isEmpty, "missed: \(wrong.map { Set(captions).subtracting($0).sorted() })")
  }

  @Test(.timeLimit(.minutes(20)))
  func `misses nothing though the live process and the responders are killed`() throws {
    let site = try RunningSite()
    let clients = try LiveClients("events", 10, site.port)
    var captions: [String] = []
    for round in 0..<10 {
      for victim in site.responders + [site.liveProcess].compactMap(\.self) where round % 2 == 0 {
        kill(victim, SIGKILL)
      }
      if round % 2 == 1, let live = site.liveProcess { kill(live, SIGKILL) }
      for index in 0..<10 {
        let caption = "entry \(round)-\(index)"
        // What failed is sent again under its key, as a phone does.
        try eventually("\(caption) is taken") {
          let key = [("Idempotency-Key", "killed-\(round)-\(index)")]
          return (try? site.submit(form(caption), fields: key).status) == 200
        }
        captions.append(caption)
      }
    }
    #expect(try site.submit(form("end")).status == 200)
    let told = clients.captions()
    #expect(told.count == 10)
    #expect(told.allSatisfy { $0 == captions + ["end"] })
  }

  @Test(.timeLimit(.minutes(20)))
  func `goes on where they were after everything was started anew`() throws {
    let site = try RunningSite()
    for index in 0..<5 { _ = try site.submit(form("entry \(index)")) }
    site.stop()
    try site.start()
    _ = try site.submit(form("entry 5"))
    let text = try events(
      site.port, fields: ["Last-Event-ID: 2"], seconds: 20, until: "entry 5")
    let ids = text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.dropFirst()
    #expect(ids == ["id: 3", "id: 4", "id: 5", "id: 6"])
    // A place that there never was.
    let reset = try events(site.port, "/api/events?after=1000", seconds: 20, until: "reset")
    #expect(reset.contains("id: 6\nevent: reset\ndata: {}\n\n"))
  }

  @Test(.timeLimit(.minutes(20)))
  func `is told what the organizers do, and when the site ends on purpose`() throws {
    let site = try RunningSite()
    let text = try events(site.port, seconds: 30, until: "server-shutdown") {
      let id = try #require(
        try site.submit(form("a")).json["entry"]?.object?["id"]?.string)
      let fields = try site.logIn()
      func administrate(_ method: String, _ target: String, _ body: String) throws {
        let answer = try site.send(
          method, target, fields: fields,
          body: Array(body.utf8))
        #expect(answer.status == 200, "\(target): \(answer.text)")
      }
      try administrate("POST", "/api/save-winners", #"{"winners":{"best":["\#(id)"]}}"#)
      try administrate(
        "POST", "/api/categories", #"{"categories":[{"id":"best","name":"Best of all"}]}"#)
      try administrate("DELETE", "/api/submissions/\(id)", "")
      usleep(300_000)
      site.stop()
    }
    #expect(
      eventNames(in: text) == [
        "newSubmission", "winnersUpdated", "categoriesUpdated", "submissionRemoved",
        "server-shutdown",
      ])
    #expect(text.contains(#""artist":"Anonymous Artist""#))
    #expect(text.contains(#"data: {"categories":[{"id":"best","name":"Best of all"}]}"#))
    #expect(
      text.contains(#"","category":"best"}"#) && text.contains(#"data: {"winners":{"best":[""#))
  }

  @Test(.timeLimit(.minutes(20)))
  func `survives half a minute of silence, and those who never read`() throws {
    let site = try RunningSite()
    let clients = try LiveClients("socketio", 3, site.port)
    let streams = try LiveClients("events", 3, site.port)
    // They ask for the stream and never read.
    let stalled = try (0..<20).map { _ in
      try HTTPClient.open(
        Array("GET /api/events HTTP/1.1\r\nHost: a\r\n\r\n".utf8), port: site.port)
    }
    defer { for descriptor in stalled { close(descriptor) } }
    sleep(31)
    let long = String(repeating: "x", count: 400)
    for index in 0..<300 { _ = try site.submit(form("\(index) \(long)")) }
    _ = try site.submit(form("end"))
    for told in clients.captions() + streams.captions() {
      #expect(told.count == 301 && told.last == "end")
    }
  }

  @Test func `is counted, and the process tells how it is`() throws {
    let site = try RunningSite()
    let health = try site.send("GET", "/api/realtime-health")
    #expect(health.status == 200 && health.json["status"]?.string == "healthy")
    _ = try events(site.port, seconds: 10, until: "event:") {
      _ = try site.submit(form("a"))
      let metrics = try site.send("GET", "/api/realtime-metrics").json
      #expect(metrics["connections"]?.object?["eventStreams"]?.int == 1)
    }
    let metrics = try site.send("GET", "/api/realtime-metrics").json
    #expect(metrics["events"]?.object?["sent"]?.int == 1)
    try eventually("the figures are among the others") {
      let all = try site.send("GET", "/api/metrics").json["realtime"]?.object
      return all?["events"]?.object?["sent"]?.int == 1
    }
  }

  @Test func `who asks for what is not there gets a quick answer`() throws {
    let site = try RunningSite()
    for (target, status, text) in [
      ("/socket.io/?EIO=4&transport=websocket", 400, "Transport unknown"),
      ("/socket.io/?EIO=4&transport=polling&sid=nobody", 400, "Session ID unknown"),
      ("/socket.io/?EIO=3&transport=polling", 400, "Unsupported protocol version"),
      ("/socket.io?EIO=4&transport=polling", 200, "\"upgrades\":[]"),
      ("/api/events?after=x", 400, "bad_sequence"),
      ("/socket.io/../data.json", 404, "not_found"),
    ] {
      let answer = try site.send("GET", target)
      #expect(answer.status == status && answer.text.contains(text), "\(target)")
    }
    #expect(try site.send("DELETE", "/api/events").fields["allow"] == "GET, HEAD")
  }

  @Test func `from another site reads only what its origin may`() throws {
    let site = try RunningSite(["CORS_ORIGINS": "https://friend.example"])
    let target = "/socket.io/?EIO=4&transport=polling"
    let friend = try site.send("GET", target, fields: [("Origin", "https://friend.example")])
    #expect(friend.fields["access-control-allow-origin"] == "https://friend.example")
    let stranger = try site.send("GET", target, fields: [("Origin", "https://other.example")])
    #expect(stranger.fields["access-control-allow-origin"] == nil)
    let asked = try site.send("OPTIONS", target, fields: [("Origin", "https://friend.example")])
    #expect(asked.status == 204 && asked.fields["access-control-allow-methods"] == "GET, POST")
  }

  @Test(.timeLimit(.minutes(20)))
  func `is 2,000 times welcome at one address, and no oftener, and not at another's expense`()
    throws
  {
    let site = try RunningSite()
    HTTPClient.allowConnections(8192)
    func look(from address: String) throws -> Int32 {
      let text = "GET /api/events HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(address)\r\n\r\n"
      return try HTTPClient.open(Array(text.utf8), port: site.port)
    }
    func status(from address: String) throws -> String {
      let descriptor = try look(from: address)
      defer { close(descriptor) }
      var head = [UInt8](repeating: 0, count: 12)
      let count = recv(descriptor, &head, head.count, Int32(MSG_WAITALL))
      return String(decoding: head.prefix(max(0, count)), as: UTF8.self)
    }
    let crowd = try (0..<2000).map { _ in try look(from: "203.0.113.7") }
    defer { for descriptor in crowd { close(descriptor) } }
    try eventually("the crowd is let in") {
      try site.send("GET", "/api/realtime-metrics").json["connections"]?.object?["eventStreams"]?
        .int
        == 2000
    }
    #expect(try status(from: "203.0.113.7") == "HTTP/1.1 429")
    #expect(try status(from: "203.0.113.8") == "HTTP/1.1 200")
  }
}
