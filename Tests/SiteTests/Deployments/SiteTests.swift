import Foundation
import JSON
import Synchronization
import TestSupport
import Testing
import Threads

/// What threads have been told.
final class Acknowledgements: Sendable {
  private let state = Mutex<(ids: [String], statuses: [Int: Int], times: [String: Int])>(
    ([], [:], [:]))
  var ids: [String] { state.withLock { $0.ids } }
  /// When each was made, in milliseconds since 1970 UTC, as its answer says.
  var times: [String: Int] { state.withLock { $0.times } }
  var statuses: [Int: Int] { state.withLock { $0.statuses } }

  func note(_ answer: Answer?) {
    state.withLock { state in
      state.statuses[answer?.status ?? 0, default: 0] += 1
      let entry = answer?.json["entry"]?.object
      guard answer?.status == 200, let id = entry?["id"]?.string else { return }
      state.ids.append(id)
      state.times[id] = entry?["createdAt"]?.int
    }
  }
}

/// Whether threads go on.
final class Flag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}

/// One member of all entries in a data file, their identifiers or their keys.
private func entryIDs(in path: String, member: String = "id") throws -> [String] {
  let data = try #require(try JSONValue(parsing: try contents(of: path)).object)
  return (data["submissions"]?.object?.members ?? []).flatMap { $0.value.array ?? [] }
    .compactMap { $0.object?[member]?.string }
}

@Suite(.serialized, .blocking) struct `The site under load` {
  /// Submits from so many clients until the flag is set, each with a key of its own for each entry.
  private func load(_ clients: Int, _ port: Int, until isDone: Flag) -> Acknowledgements {
    let acknowledged = Acknowledgements()
    let round = UUID().uuidString.prefix(8)
    inThreads(clients) { client in
      var number = 0
      while !isDone.isSet {
        number += 1
        let key = "key-\(round)-\(client)-\(number)"
        // What failed is sent again under its key, as a phone does.
        while !isDone.isSet {
          let answer = try? RunningSite.submit(
            Form(), fields: [("Idempotency-Key", key)], port: port)
          acknowledged.note(answer)
          if answer?.status == 200 { break }
          usleep(10_000)
        }
      }
    }
    return acknowledged
  }

  private func checkNothingLost(_ site: RunningSite, _ acknowledged: [String]) throws {
    try eventually("no entry is pending") {
      try !names(in: site.dataDirectory + "/.wal").contains { $0.hasPrefix("wal-") }
    }
    let stored = try entryIDs(in: site.dataDirectory + "/data.json")
    let keys = try entryIDs(in: site.dataDirectory + "/data.json", member: "submissionId")
    #expect(Set(keys).count == stored.count, "a key twice in the data file")
    let lost = Set(acknowledged).subtracting(stored)
    let traces = try lost.isEmpty ? [] : traces(of: lost, in: site)
    #expect(lost.isEmpty, "acknowledged and lost: \(traces)")
    #expect(Set(acknowledged).count == acknowledged.count)
  }

  /// What the completed log has of entries.
  private func traces(of ids: Set<String>, in site: RunningSite) throws -> [String] {
    let folder = site.dataDirectory + "/.wal"
    return try names(in: folder).filter { $0.hasPrefix("completed-") }.flatMap { name in
      let text = String(decoding: try contents(of: folder + "/" + name), as: UTF8.self)
      return text.split(separator: "\n").filter { line in ids.contains { line.contains($0) } }
        .map { "\(name): \($0)" }
    }
  }

  @Test(.timeLimit(.minutes(20)))
  func `has each of 2,000 entries of 16 clients exactly once, through every process`() throws {
    let site = try RunningSite()
    let acknowledged = Acknowledgements()
    inThreads(16) { [port = site.port] _ in
      for _ in 0..<125 { acknowledged.note(try? RunningSite.submit(Form(), port: port)) }
    }
    #expect(acknowledged.statuses == [200: 2000])
    try checkNothingLost(site, acknowledged.ids)
    #expect(try site.feedIDs().sorted() == acknowledged.ids.sorted())
    // Newest first, in the order of commits; each with the time that its answer said.
    let entries = try site.send("GET", "/api/feed").json["feed"]?.object?["best"]?.array ?? []
    let times = entries.map { $0.object?["createdAt"]?.int ?? 0 }
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 >= $1 })
    let said = acknowledged.times
    #expect(
      entries.allSatisfy { said[$0.object?["id"]?.string ?? ""] == $0.object?["createdAt"]?.int })
    // Asked so often at once that every process answers; the query keeps nginx from answering.
    let counts = Recorder()
    inThreads(24) { [port = site.port] _ in
      let answer = try? HTTPClient.send("GET", "/api/feed?all", port: port)
      counts.append(answer?.json["feed"]?.object?["best"]?.array?.count ?? 0)
    }
    #expect(counts.all == [Int](repeating: 2000, count: 24))
    #expect(
      try run(
        Checkout.top + "/.build/release/contestctl",
        ["verify", "--data-dir", site.dataDirectory]
      ).status == 0)
  }

  /// The process that holds the lock of a file; `nil` if none does (`proc(5)`, `/proc/locks`).
  private func holder(ofLockOn path: String) throws -> pid_t? {
    let inode = try #require(
      try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
    // Foundation reads only the first page of a file that says it is empty.
    let locks = String(decoding: try run("/bin/cat", ["/proc/locks"]).output, as: UTF8.self)
    let line = locks.split(separator: "\n").map { $0.split(separator: " ") }
      .first { $0.contains("FLOCK") && $0.contains { $0.hasSuffix(":\(inode)") } }
    return line.flatMap { $0.count > 4 ? pid_t($0[4]) : nil }
  }

  // A responder that was started anew took the place of the first, which the kernel went on to wake last:
  // each request then waited for 10 ms.
  @Test func `is served by one process at a time, and by the next one when that has died`() throws {
    let site = try RunningSite(["WORKERS": "2"])
    let wake = site.dataDirectory + "/.wal/wake"
    var successions = 0
    // On a busy machine the one that was there may come too late once; the one started in its place must not
    // be the next each time.
    for _ in 0..<10 where successions < 3 {
      for _ in 0..<3 { #expect(try site.submit(Form()).status == 200) }
      let first = try #require(try holder(ofLockOn: wake))
      #expect(site.responders.contains(first))
      let others = site.responders.filter { $0 != first }
      #expect(kill(first, SIGKILL) == 0)
      while site.responders.count < 2 { usleep(10_000) }
      var next: pid_t?
      try eventually("another one serves") {
        guard try site.submit(Form()).status == 200 else { return false }
        next = try holder(ofLockOn: wake)
        return next != nil && next != first
      }
      if let next, others.contains(next) { successions += 1 }
    }
    #expect(successions == 3, "whoever was there before is the next")
  }

  @Test(.timeLimit(.minutes(20)))
  func `loses nothing while a responder is killed 50 times`() throws {
    let site = try RunningSite()
    let isDone = Flag()
    let result = Mutex<Acknowledgements?>(nil)
    let kills = Recorder()
    // One thread kills, the others are the clients.
    let port = site.port
    let parent = site.identifier
    inThreads(2) { thread in
      if thread == 0 {
        let acknowledged = load(8, port, until: isDone)
        result.withLock { $0 = acknowledged }
        return
      }
      while kills.all.count < 50 {
        let responders = descendants(of: parent).filter { name(of: $0) == "tattoo-contest" }
        if let victim = responders.randomElement(), kill(victim, SIGKILL) == 0 {
          kills.append(Int(victim))
        }
        usleep(UInt32.random(in: 50_000...150_000))
      }
      isDone.set()
    }
    let acknowledged = try #require(result.withLock { $0 })
    #expect(acknowledged.ids.count > 100)
    try checkNothingLost(site, acknowledged.ids)
    try eventually("three responders run") { site.responders.count == 3 }
  }

  @Test(.timeLimit(.minutes(20)))
  func `loses nothing when everything is killed, five times`() throws {
    let site = try RunningSite()
    var acknowledged: [String] = []
    for _ in 0..<5 {
      let isDone = Flag()
      let result = Mutex<Acknowledgements?>(nil)
      let port = site.port
      let tree = site.tree
      inThreads(2) { thread in
        if thread == 0 {
          let acknowledged = load(8, port, until: isDone)
          result.withLock { $0 = acknowledged }
          return
        }
        usleep(UInt32.random(in: 300_000...800_000))
        for identifier in tree { kill(identifier, SIGKILL) }
        isDone.set()
      }
      site.killAll()
      acknowledged += result.withLock { $0?.ids ?? [] }
      try site.start()
      try checkNothingLost(site, acknowledged)
    }
    #expect(acknowledged.count > 50)
  }

  @Test(.timeLimit(.minutes(20)))
  func `stays under 40 MB in each responder after 1,000 photos`() throws {
    let site = try RunningSite()
    let acknowledged = Acknowledgements()
    inThreads(16) { [port = site.port] _ in
      for _ in 0..<63 {
        acknowledged.note(
          try? RunningSite.submit(Form(photo: png(extraBytes: 100_000)), port: port))
      }
    }
    #expect(acknowledged.statuses == [200: 1008])
    // And one at its largest: it is never whole in memory.
    #expect(try site.submit(Form(photo: png(extraBytes: 10_000_000))).status == 200)
    let kilobytes = site.responders.map(residentKilobytes)
    #expect(kilobytes.count == 3)
    #expect(kilobytes.allSatisfy { $0 < 40_000 }, "\(kilobytes)")
    #expect(try names(in: site.dataDirectory + "/uploads").count == 1009)
  }

  @Test(.timeLimit(.minutes(20)))
  func `answers what it has accepted when it is told to stop, and leaves nothing running`() throws {
    let site = try RunningSite()
    let tree = site.tree
    let isDone = Flag()
    let port = site.port
    let result = Mutex<Acknowledgements?>(nil)
    inThreads(2) { thread in
      if thread == 0 {
        let acknowledged = load(4, port, until: isDone)
        result.withLock { $0 = acknowledged }
        return
      }
      usleep(500_000)
      for identifier in tree where name(of: identifier) == "tattoo-contest" {
        kill(identifier, SIGTERM)
      }
      usleep(1_000_000)
      isDone.set()
    }
    // Three responders were stopped in order and replaced: nobody's entry was cut off.
    #expect(result.withLock { $0?.statuses.keys.sorted() } == [200])
    let last = site.tree
    #expect(last.count > 6)
    #expect(site.stop() == 0)
    #expect((tree + last).filter { kill($0, 0) == 0 }.isEmpty)
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a file system needs root"), .timeLimit(.minutes(20)))
  func `answers 507 on a full disk, and keeps what it has`() throws {
    let home = try TemporaryDirectory()
    let disk = home.file("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    #expect(mount("contest", disk, "tmpfs", 0, "size=1m") == 0)
    defer { umount2(disk, 2) }
    let site = try RunningSite(dataDirectory: disk + "/data")
    var ids: [String] = []
    var refusal: Answer?
    for _ in 0..<200 where refusal == nil {
      let answer = try site.submit(Form(photo: png(extraBytes: 50_000)))
      if let id = answer.json["entry"]?.object?["id"]?.string {
        ids.append(id)
      } else {
        refusal = answer
      }
    }
    #expect(refusal?.status == 507)
    #expect(refusal?.json["code"] == "disk_full")
    #expect(ids.count > 3)
    #expect(try entryIDs(in: site.dataDirectory + "/data.json").sorted() == ids.sorted())
    #expect(try site.feedIDs().sorted() == ids.sorted())
    #expect(try names(in: site.dataDirectory + "/.temp").isEmpty)
    #expect(try names(in: site.dataDirectory + "/uploads").count == ids.count)
  }
}

@Suite(.serialized, .blocking) struct `A full disk` {
  // Nobody could log in on a full disk, so nobody could remove anything to make room.
  @Test(.enabled(if: geteuid() == 0, "mounting a file system needs root"), .timeLimit(.minutes(20)))
  func `lets an organizer in, and lets him make room`() throws {
    let home = try TemporaryDirectory()
    let disk = home.file("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    #expect(mount("contest", disk, "tmpfs", 0, "size=4m") == 0)
    defer { umount2(disk, 2) }
    let site = try RunningSite(dataDirectory: disk + "/data")
    var ids: [String] = []
    while case let answer = try site.submit(Form(photo: png(extraBytes: 50_000))),
      answer.status == 200
    {
      ids.append(answer.json["entry"]?.object?["id"]?.string ?? "")
      try #require(ids.count < 200)
    }
    // To the last block.
    try write([], to: disk + "/filler")
    let filler = FileHandle(forWritingAtPath: disk + "/filler")
    for count in [65_536, 4096, 1] {
      while (try? filler?.write(contentsOf: Data(repeating: 1, count: count))) != nil {}
    }
    #expect(try site.submit(Form(photo: png(extraBytes: 50_000))).status == 507)
    let cookie = try site.logIn()
    for id in ids.prefix(3) {
      let answer = try site.send("DELETE", "/api/submissions/\(id)", fields: cookie)
      #expect(answer.status == 200, "\(answer.text)")
    }
    #expect(try site.submit(Form(photo: png(extraBytes: 50_000))).status == 200)
    #expect(try site.feedIDs().count == ids.count - 2)
  }
}

/// A list of numbers from any thread.
final class Recorder: Sendable {
  private let numbers = Mutex<[Int]>([])
  var all: [Int] { numbers.withLock { $0 } }
  func append(_ number: Int) { numbers.withLock { $0.append(number) } }
}
