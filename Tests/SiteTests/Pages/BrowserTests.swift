import Foundation
import TestSupport
import Testing

/// A scenario of `Tests/Browser` against a site: runs it to its end, doing what it asks for.
private func run(
  _ scenario: String, on site: RunningSite, _ words: [String] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  try run(scenario, port: site.port, words, sourceLocation: sourceLocation) { word in
    try obey(word, site)
  }
}

/// The same against whatever serves at a port.
private func run(
  _ scenario: String, port: Int, _ words: [String],
  sourceLocation: SourceLocation = #_sourceLocation, _ obey: (String) throws -> Void
) throws {
  let home = try TemporaryDirectory()
  try write([], to: home.file("errors"))
  let (asked, answers) = (Pipe(), Pipe())
  // Debian's, which has the packages that scripts/install puts there.
  let process = Program(
    "/usr/bin/python3",
    [Checkout.top + "/Tests/Browser/\(scenario).py", "http://127.0.0.1:\(port)"] + words,
    environment: ProcessInfo.processInfo.environment.merging(
      ["PYTHONDONTWRITEBYTECODE": "1", "HOME": home.file("home")]) { $1 })
  process.connect(0, to: answers.fileHandleForReading)
  process.connect(1, to: asked.fileHandleForWriting)
  process.connect(2, to: FileHandle(forWritingAtPath: home.file("errors")))
  try process.start()
  defer {
    for identifier in descendants(of: process.identifier) { kill(identifier, SIGKILL) }
  }
  while case let more = asked.fileHandleForReading.availableData, !more.isEmpty {
    for word in String(decoding: more, as: UTF8.self).split(separator: "\n") {
      try obey(String(word))
      try answers.fileHandleForWriting.write(contentsOf: Data("done\n".utf8))
    }
  }
  process.wait()
  let errors = String(decoding: try contents(of: home.file("errors")), as: UTF8.self)
  #expect(process.status == 0, "\(errors)", sourceLocation: sourceLocation)
}

/// Does what a scenario asks for.
private func obey(_ word: String, _ site: RunningSite) throws {
  switch word {
  case "kill live": if let live = site.liveProcess { kill(live, SIGKILL) }
  case "restart":
    site.stop()
    try site.start()
  case "stop": site.stop()
  case "start": try site.start()
  default: Issue.record("a scenario asks for \(word)")
  }
}

@Suite(.serialized, .blocking)
struct `The wall in a real browser` {
  @Test(.timeLimit(.minutes(20)))
  func `the official client of Socket.IO comes back from everything and misses nothing`() throws {
    let port = RunningSite.freePort()
    let site = try RunningSite(["CORS_ORIGINS": "http://127.0.0.1:\(port)"])
    try run("socketio", on: site, [String(port)])
  }

  @Test(.timeLimit(.minutes(20)))
  func `every page is told what happens, and is back soon after a restart`() throws {
    try run("live", on: try RunningSite())
  }

  @Test(.timeLimit(.minutes(20)))
  func `no page shows a broken picture, and none has holes between its cards`() throws {
    try run("wall", on: try RunningSite())
  }

  @Test(.timeLimit(.minutes(20)))
  func `a first view of 60 photos of 3 MB costs a phone less than 300 KB`() throws {
    try run("weight", on: try RunningSite(["LOG_LEVEL": "warning"]))
  }
}

@Suite(.serialized, .blocking)
struct `The entry form in a real browser` {
  @Test(.timeLimit(.minutes(20)))
  func `one enters from a phone, over a bad connection, in two languages and without scripts`()
    throws
  {
    let site = try RunningSite([
      "CONSENT": "I may show this photo, & <you> may, too.", "RULES": "One entry each.",
    ])
    try run("entry", on: site)
  }

  @Test(.timeLimit(.minutes(20)))
  func `a venue's network, odd files, reloads and tabs in the background lose nothing`() throws {
    try run("venue", on: try RunningSite())
  }
}

@Suite(.serialized, .blocking)
struct `The organizers' desk in a real browser` {
  @Test(.timeLimit(.minutes(20)))
  func `organizers decide, choose winners, announce them on the stage, and export`() throws {
    try run("admin", on: try RunningSite(["MODERATION": "on"]))
  }

  @Test(.timeLimit(.minutes(20)))
  func `two desks, times, paper, every direction and a busy stage are as people expect`() throws {
    try run("pages", on: try RunningSite())
  }

  @Test(.timeLimit(.minutes(20)))
  func `an event is named, rehearsed and begun, and every page shows it`() throws {
    try run("event", on: try RunningSite())
  }

  @Test(.timeLimit(.minutes(20)))
  func `judges mark on their phones, also without a network, and the desk decides`() throws {
    try run("jury", on: try RunningSite())
  }

  @Test(.timeLimit(.minutes(20)))
  func `a site on shared hosting is set up, and its pages ask for what nobody tells them`() throws {
    let host = try SharedHost(.withFastCGI)
    let code = host.folder + "/var/data/setup-code.txt"
    try run("hosting", port: host.port, [code]) { Issue.record("a scenario asks for \($0)") }
  }
}

@Suite(.serialized, .blocking)
struct `The audience's vote in a real browser` {
  @Test(.timeLimit(.minutes(20)))
  func `goes by printed cards, and everybody finds their own vote in the result`()
    throws
  {
    try run("vote", on: try RunningSite())
  }

  @Test(.timeLimit(.minutes(20)))
  func `is sealed, and counted with the key from the paper`() throws {
    try run("seal", on: try RunningSite(["VOTE_SEAL": "on"]))
  }

  @Test(.timeLimit(.minutes(20)))
  func `goes by browsers, and the desk sees what is odd`() throws {
    try run("browsers", on: try RunningSite())
  }
}

@Suite(.serialized, .blocking)
struct `The end of an event in a real browser` {
  @Test(.timeLimit(.minutes(20)))
  func `is archived and comes back, and people are forgotten who ask for it`() throws {
    try run("ending", on: try RunningSite())
  }
}
