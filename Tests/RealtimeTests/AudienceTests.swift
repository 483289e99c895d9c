import CGI
import DirectoryStore
import DurableStore
import Files
import Foundation
import JSON
import Realtime
import StoreProof
import Synchronization
import TestSupport
import Testing

/// A connection that keeps what it is sent.
final class KeptConnection: LiveConnection {
  private struct State {
    var sent: [UInt8] = []
    var isFinished = false
    var isDropped = false
    var isBusy = false
  }

  private static let lastNumber = Atomic<UInt64>(0)
  let number = KeptConnection.lastNumber.add(1, ordering: .relaxed).newValue
  private let state = Mutex(State())

  var text: String { state.withLock { String(decoding: $0.sent, as: UTF8.self) } }
  /// What follows the header.
  var body: String {
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count > 1 ? String(parts[1]) : ""
  }
  var isFinished: Bool { state.withLock { $0.isFinished } }
  var isDropped: Bool { state.withLock { $0.isDropped } }
  /// Whether it takes nothing.
  var isBusy: Bool {
    get { state.withLock { $0.isBusy } }
    set { state.withLock { $0.isBusy = newValue } }
  }

  func send(_ content: [UInt8]) -> Delivery {
    state.withLock { state in
      if state.isFinished || state.isDropped { return .gone }
      if state.isBusy { return .busy }
      state.sent += content
      return .sent
    }
  }

  func finish() { state.withLock { $0.isFinished = true } }
  func drop() { state.withLock { $0.isDropped = true } }
}

/// An audience of a small store, with a clock that a test sets.
final class Stage {
  private let home: TemporaryDirectory
  private let clock: Clock
  let store: DirectoryStore<Ledger>
  var audience: Audience

  private final class Clock: Sendable {
    let milliseconds = Atomic(1_000_000)
  }

  init() throws {
    home = try TemporaryDirectory()
    let directory = DataDirectory(home.file("data"))
    store = try DirectoryStore<Ledger>(directory)
    try store.recover()
    let clock = Clock()
    self.clock = clock
    audience = Stage.audience(try LogFollower(directory), clock)
  }

  /// The same for a process that has just been started.
  func restart() throws {
    audience = Stage.audience(try LogFollower(store.directory), clock)
  }

  private static func audience(_ follower: LogFollower, _ clock: Clock) -> Audience {
    let surroundings = Surroundings(
      nowMilliseconds: { clock.milliseconds.load(ordering: .relaxed) },
      randomBits: Surroundings.machine.randomBits)
    return Audience(follower, surroundings: surroundings) { completed in
      let key = completed.transaction.data["key"]?.string ?? ""
      return LiveEvent(
        sequence: completed.sequence, name: "row", data: Array("\"\(key)\"".utf8))
    }
  }

  func commit(_ keys: String...) throws {
    for key in keys { try store.commit(key) }
    try audience.look()
  }

  func pass(seconds: Int) {
    for _ in 0..<seconds {
      clock.milliseconds.add(1000, ordering: .relaxed)
      audience.tick()
    }
  }

  func stream(after sequence: Int? = nil) -> KeptConnection {
    let connection = KeptConnection()
    audience.open(connection, after: sequence)
    return connection
  }

  func exchange(
    _ content: String? = nil, sid: String? = nil, version: String? = "4",
    transport: String? = "polling", offsets: Bool = false
  ) -> KeptConnection {
    let connection = KeptConnection()
    audience.take(
      Audience.Exchange(
        isPoll: content == nil, version: version, transport: transport, sessionID: sid,
        content: Array((content ?? "").utf8), takesOffsets: offsets, fields: ""), connection)
    return connection
  }

  /// A session that is connected to `/`.
  func session(_ authentication: String = "", offsets: Bool = false) throws -> (
    sid: String, answer: String
  ) {
    let opening = exchange(offsets: offsets).body
    let sid = try #require(opening.split(separator: "\"").dropFirst(3).first.map(String.init))
    #expect(exchange("40" + authentication, sid: sid).body == "ok")
    return (sid, exchange(sid: sid).body)
  }
}

struct `An audience` {
  @Test func `is told each event once, in order, with its sequence`() throws {
    let stage = try Stage()
    let early = stage.stream()
    try stage.commit("a", "b")
    let late = stage.stream(after: 1)
    try stage.commit("c")
    let events = ["a", "b", "c"].enumerated().map {
      "id: \($0 + 1)\nevent: row\ndata: \"\($1)\"\n\n"
    }
    #expect(early.body == "retry: 1000\nid: 0\n\n" + events.joined())
    #expect(late.body == "retry: 1000\nid: 1\n\n" + events[1...].joined())
  }

  @Test(arguments: [99, -1])
  func `is told to load everything anew when nobody knows what it has missed`(
    _ sequence: Int
  ) throws {
    let stage = try Stage()
    try stage.commit("a")
    let stream = stage.stream(after: sequence)
    try stage.commit("b")
    #expect(stream.body.contains("id: 1\nevent: reset\ndata: {}\n\n"))
    #expect(stream.body.hasSuffix("id: 2\nevent: row\ndata: \"b\"\n\n"))
  }

  @Test func `goes on after a restart from the log, without gap or repeat`() throws {
    let stage = try Stage()
    try stage.commit("a", "b")
    try stage.restart()
    try stage.commit("c")
    let stream = stage.stream(after: 1)
    #expect(stream.body.hasSuffix("data: \"b\"\n\nid: 3\nevent: row\ndata: \"c\"\n\n"))
  }

  @Test func `is not held up by one who does not read, who goes on from his place`() throws {
    let stage = try Stage()
    let (slow, quick) = (stage.stream(), stage.stream())
    slow.isBusy = true
    try stage.commit("a", "b")
    #expect(!slow.body.contains("row") && quick.body.contains("\"b\""))
    slow.isBusy = false
    stage.audience.canSend(slow.number)
    #expect(slow.body == quick.body)
  }

  @Test func `loses one who has not read for half a minute`() throws {
    let stage = try Stage()
    let slow = stage.stream()
    slow.isBusy = true
    try stage.commit("a")
    stage.pass(seconds: 25)
    #expect(!slow.isDropped)
    stage.pass(seconds: 10)
    #expect(slow.isDropped)
    #expect(stage.audience.metrics.droppedClients == 1)
  }

  @Test func `that has missed much is told in parts`() throws {
    let stage = try Stage()
    for index in 0..<450 { try stage.store.commit("k\(index)") }
    try stage.audience.look()
    let stream = stage.stream(after: 0)
    #expect(stream.body.components(separatedBy: "event: row").count - 1 == 450)
    #expect(stream.body.hasSuffix("id: 450\nevent: row\ndata: \"k449\"\n\n"))
  }

  @Test func `hears a comment every 20 seconds`() throws {
    let stage = try Stage()
    let stream = stage.stream()
    stage.pass(seconds: 60)
    #expect(stream.body.components(separatedBy: ": \n\n").count - 1 == 3)
  }

  @Test func `is told when the process ends on purpose`() throws {
    let stage = try Stage()
    let stream = stage.stream()
    let sid = try stage.session().sid
    let poll = stage.exchange(sid: sid)
    stage.audience.leave()
    #expect(stream.body.hasSuffix("event: server-shutdown\ndata: {}\n\n") && stream.isFinished)
    #expect(poll.body == "42[\"server-shutdown\",{}]" && poll.isFinished)
  }
}

extension Stage {
  /// Has the data file claim a generation, as somebody may who writes to it.
  func claim(generation: Int) throws {
    let path = store.directory.path + "/data.json"
    let text = String(decoding: try contents(of: path), as: UTF8.self)
    let claimed = text.replacingOccurrences(
      of: "\"generation\":\(try store.read().generation)", with: "\"generation\":\(generation)")
    try write(claimed, to: path)
  }

  func heartbeats() -> KeptConnection {
    let connection = KeptConnection()
    audience.open(connection, after: nil, hasHeartbeat: true)
    return connection
  }
}

struct `A claim of the data file` {
  // The live process made a list of as many numbers as the file said that there are transactions.
  @Test(arguments: [1 << 53, (1 << 53) - 1, 1 << 40, 1_000_000_000])
  func `is not believed before it is counted`(_ generation: Int) throws {
    let stage = try Stage()
    try stage.commit("a")
    let stream = stage.stream()
    try stage.claim(generation: generation)
    try stage.audience.look()
    #expect(stream.body.contains("event: reset"))
    #expect(!stage.stream(after: 1).isFinished)
  }
}

struct `A stream with heartbeats` {
  @Test func `begins with one, and gets one every 15 seconds, and no comments`() throws {
    let stage = try Stage()
    let (stream, plain) = (stage.heartbeats(), stage.stream())
    let sign = "event: heartbeat\ndata: {}\n\n"
    #expect(stream.body.hasSuffix(sign))
    stage.pass(seconds: 60)
    #expect(stream.body.components(separatedBy: sign).count - 1 == 5)
    #expect(!stream.body.contains(": \n\n") && !plain.body.contains("heartbeat"))
    try stage.commit("a")
    #expect(stream.body.contains("id: 1\nevent: row"))
  }
}

struct `A Socket.IO session` {
  @Test func `is opened, connected and told, by polls that wait`() throws {
    let stage = try Stage()
    let (sid, answer) = try stage.session()
    #expect(answer.hasPrefix("40{\"sid\":\""))
    let poll = stage.exchange(sid: sid)
    #expect(!poll.isFinished)
    try stage.commit("a")
    #expect(poll.body == "42[\"row\",\"a\"]" && poll.isFinished)
    // What happens while nobody asks is told by the next answer.
    try stage.commit("b", "c")
    #expect(stage.exchange(sid: sid).body == "42[\"row\",\"b\"]\u{1E}42[\"row\",\"c\"]")
  }

  @Test(
    arguments: [
      (nil, "0", "websocket", #"{"code":0,"message":"Transport unknown"}"#),
      (nil, "nobody", "polling", #"{"code":1,"message":"Session ID unknown"}"#),
      ("40", nil, "polling", #"{"code":2,"message":"Bad handshake method"}"#),
    ] as [(String?, String?, String, String)])
  func `that cannot be is refused in the protocol's words`(
    _ content: String?, _ sid: String?, _ transport: String, _ refusal: String
  ) throws {
    let answer = try Stage().exchange(content, sid: sid, transport: transport)
    #expect(answer.text.hasPrefix("Status: 400") && answer.body == refusal)
  }

  @Test func `of an older protocol is refused`() throws {
    let answer = try Stage().exchange(version: "3")
    #expect(answer.body == #"{"code":5,"message":"Unsupported protocol version"}"#)
  }

  @Test(arguments: [
    "", "x", "4", "49", "42[]", "42{}", "45-[\"x\"]", "451[\"x\"]", "45[\"x\"]", "bAAAA",
    "451-[\"x\"]\u{1E}bAAA", "451-[\"x\"]\u{1E}42[\"y\"]",
    "452-[\"x\"]\u{1E}bAAAA\u{1E}bAAAA\u{1E}bAAAA",
    "2probe", "0{}", "42[\"x\"", "4200000000000000000[\"x\"]",
  ])
  func `ends with a payload that is none`(_ payload: String) throws {
    let stage = try Stage()
    let sid = try stage.session().sid
    let poll = stage.exchange(sid: sid)
    #expect(
      stage.exchange(payload, sid: sid).body == #"{"code":3,"message":"Bad request"}"#)
    #expect(poll.body == "6")
    #expect(stage.exchange(sid: sid).body == #"{"code":1,"message":"Session ID unknown"}"#)
  }

  @Test(arguments: [
    "451-7[\"photo\",{\"_placeholder\":true,\"num\":0}]\u{1E}bAQID",
    "452-7[\"photos\",{\"_placeholder\":true,\"num\":0}]\u{1E}bAQ==\u{1E}b",
    "461-9[{\"_placeholder\":true,\"num\":0}]\u{1E}bAQID\u{1E}427[\"x\"]",
  ])
  func `may send bytes, which are acknowledged and told to nobody`(_ payload: String) throws {
    let stage = try Stage()
    let (sid, other) = (try stage.session().sid, try stage.session().sid)
    let poll = stage.exchange(sid: other)
    // Also in payloads of their own, as they come.
    for part in payload.split(separator: "\u{1E}") {
      #expect(stage.exchange(String(part), sid: sid).body == "ok")
    }
    #expect(stage.exchange(sid: sid).body == "437[]")
    #expect(!poll.isFinished)
  }

  @Test func `has its events acknowledged, and other namespaces refused`() throws {
    let stage = try Stage()
    let sid = try stage.session().sid
    #expect(stage.exchange("427[\"hello\"]\u{1E}40/admin,{\"token\":1}", sid: sid).body == "ok")
    #expect(
      stage.exchange(sid: sid).body
        == "437[]\u{1E}44/admin,{\"message\":\"Invalid namespace\"}")
  }

  @Test func `answers the earlier of two polls with nothing to do`() throws {
    let stage = try Stage()
    let sid = try stage.session().sid
    let (first, second) = (stage.exchange(sid: sid), stage.exchange(sid: sid))
    #expect(first.body == "6" && !second.isFinished)
    try stage.commit("a")
    #expect(second.body == "42[\"row\",\"a\"]")
  }

  @Test func `is pinged every 25 seconds, and lost 20 seconds after a ping without answer`() throws
  {
    let stage = try Stage()
    let sid = try stage.session().sid
    for _ in 0..<3 {
      let poll = stage.exchange(sid: sid)
      stage.pass(seconds: 24)
      #expect(!poll.isFinished)
      stage.pass(seconds: 1)
      #expect(poll.body == "2")
      #expect(stage.exchange("3", sid: sid).body == "ok")
    }
    stage.pass(seconds: 44)
    #expect(stage.audience.metrics.sessions == 1)
    stage.pass(seconds: 2)
    #expect(stage.audience.metrics.sessions == 0)
  }

  @Test func `is told of much in payloads of 16 packets, as many as clients take`() throws {
    let stage = try Stage()
    let sid = try stage.session().sid
    for index in 0..<40 { try stage.commit("k\(index)") }
    let counts = (0..<3).map { _ in stage.exchange(sid: sid).body.split(separator: "\u{1E}").count }
    #expect(counts == [16, 16, 8])
    #expect(!stage.exchange(sid: sid).isFinished)
  }

  @Test func `that says much and never listens ends`() throws {
    let stage = try Stage()
    let sid = try stage.session().sid
    let events = (0..<300).map { "42\($0)[\"x\"]" }.joined(separator: "\u{1E}")
    #expect(stage.exchange(events, sid: sid).text.hasPrefix("Status: 400"))
    let other = try stage.session().sid
    let name = String(repeating: "x", count: 1000)
    #expect(stage.exchange("40/\(name),", sid: other).text.hasPrefix("Status: 400"))
    // Answers to pings that nobody sent do not keep it.
    let silent = try stage.session().sid
    for _ in 0..<50 {
      stage.pass(seconds: 1)
      _ = stage.exchange("3", sid: silent)
    }
    #expect(stage.audience.metrics.sessions == 0)
  }

  @Test func `is recovered by its place alone if it has had no event`() throws {
    let stage = try Stage()
    let (_, answer) = try stage.session(offsets: true)
    let pid = try #require(answer.split(separator: "\"").dropLast().last)
    try stage.commit("a")
    let recovered = try stage.session("{\"pid\":\"\(pid)\"}", offsets: true).answer
    #expect(recovered.contains(pid) && recovered.hasSuffix("42[\"row\",\"a\",\"1\"]"))
  }

  @Test func `that is closed by its client is gone`() throws {
    let stage = try Stage()
    let sid = try stage.session().sid
    let poll = stage.exchange(sid: sid)
    #expect(stage.exchange("41\u{1E}1", sid: sid).body == "ok")
    #expect(poll.body == "6" && stage.audience.metrics.sessions == 0)
  }

  @Test func `whose request breaks off goes on with the next`() throws {
    let stage = try Stage()
    let sid = try stage.session().sid
    stage.audience.hasLeft(stage.exchange(sid: sid).number)
    try stage.commit("a")
    #expect(stage.exchange(sid: sid).body == "42[\"row\",\"a\"]")
  }

  @Test func `is recovered by what its client knows, also after a restart`() throws {
    let stage = try Stage()
    let (sid, answer) = try stage.session(offsets: true)
    let poll = stage.exchange(sid: sid)
    try stage.commit("a")
    #expect(poll.body == "42[\"row\",\"a\",\"1\"]")
    let pid = try #require(answer.split(separator: "\"").dropLast().last)
    try stage.commit("b")
    try stage.restart()
    try stage.commit("c")
    let recovered = try stage.session("{\"pid\":\"\(pid)\",\"offset\":\"1\"}", offsets: true)
    #expect(recovered.answer.hasPrefix("40{\"sid\":\"\(pid.prefix { $0 != "." })\""))
    #expect(
      recovered.answer.hasSuffix("\u{1E}42[\"row\",\"b\",\"2\"]\u{1E}42[\"row\",\"c\",\"3\"]"))
  }

  @Test func `that cannot be recovered is another, and is told to load everything anew`() throws {
    let stage = try Stage()
    let pid = String(repeating: "0", count: 26) + "." + String(repeating: "1", count: 26) + ".5"
    let answer = try stage.session("{\"pid\":\"\(pid)\",\"offset\":\"77\"}", offsets: true).answer
    #expect(!answer.contains(pid) && answer.hasSuffix("42[\"reset\",{},\"0\"]"))
  }
}
