import DirectoryStore
import DurableStore
import Files
import Foundation
import JSON
import StoreProof
import TestSupport
import Testing
import Threads

@Suite(.blocking) struct `A commit` {
  @Test func `is read by another process, and leaves nothing pending`() throws {
    let fixture = try Fixture()
    let receipt = try fixture.open().commit("a")
    #expect(receipt.transactionID.hasPrefix("txn-"))
    #expect(!receipt.isReplayed)
    try fixture.check(["a"])
  }

  @Test func `keeps the state before it, and the ten newest of those`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    for index in 0..<14 { try store.commit("k\(index)") }
    let backups = try fixture.names("backups")
    #expect(backups.count == 10)
    #expect(backups.allSatisfy { $0.wholeMatch(of: /pre-write-\d+-[0-9a-f]{8}\.json/) != nil })
    let newest = try #require(backups.last)
    let text = try contents(of: fixture.path("backups/" + newest))
    guard case .intact(let version) = DataFile.reading(text) as DataFile.Reading<Ledger> else {
      Issue.record("the newest backup is not intact")
      return
    }
    #expect(version.state.keys == (0..<13).map { "k\($0)" })
  }

  @Test func `equals every backup plus the lines of the log after it (I5)`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    for index in 0..<12 { try store.commit("k\(index)") }
    let current = try store.read()
    for name in try fixture.names("backups") {
      let text = try contents(of: fixture.path("backups/" + name))
      guard case .intact(var version) = DataFile.reading(text) as DataFile.Reading<Ledger> else {
        Issue.record("\(name) is not intact")
        continue
      }
      version.replay(try fixture.log.filter { $0.sequence > version.generation }) { _ in }
      #expect(version.state == current.state)
      #expect(version.generation == current.generation)
    }
  }

  @Test
  func `synchronizes its line before the data file is replaced, and both before it returns (I2)`()
    throws
  {
    let fixture = try Fixture()
    try fixture.open().commit("first")
    try fixture.plant("of a process that has died", after: 1)
    let calls = Recorder<SystemCall>()
    let store = try fixture.open { call, moment in
      if moment == .after { calls.append(call) }
      return .proceed
    }
    try store.commit("second")
    let all = calls.all
    let line = all.firstIndex { $0.name == .synchronize && $0.path.contains("completed-") }
    let exchange = all.firstIndex { $0.name == .exchange && $0.path.hasSuffix("data.json") }
    let readBack = all.indices.first { index in
      index > exchange ?? .max && all[index].name == .status
        && all[index].path.hasSuffix("data.json")
    }
    let removal = all.firstIndex { $0.otherPath?.contains("/wal-") == true }
    let order = [line, exchange, readBack, removal].compactMap(\.self)
    #expect(order.count == 4)
    #expect(order == order.sorted())
  }

  @Test func `is handed in only if another process leads`() throws {
    let (fixture, _) = try Scenario.handedIn.prepared()
    let calls = Recorder<SystemCall>()
    let record: SystemCalls.Intercept = { call, _ in
      if call.path.contains("/wal-") { calls.append(call) }
      return .proceed
    }
    let store = try fixture.open(record)
    for index in 0..<3 { try store.commit("m\(index)") }
    #expect(calls.all.isEmpty)
    try Scenario.handedIn.act(on: fixture.directory, record)
    #expect(!calls.all.isEmpty)
  }

  @Test func `counts once, however often its key is committed`() throws {
    let fixture = try Fixture()
    let first = try fixture.open().commit("a")
    let second = try fixture.open().commit("a")
    #expect(second == CommitReceipt(transactionID: first.transactionID, isReplayed: true))
    try fixture.check(["a"])
  }

  @Test func `that the rules refuse changes nothing and says why`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    try store.commit("a")
    let error = #expect(throws: TransactionError.self) { try store.commit("refused") }
    #expect(error?.cause == .rejected(Rejection(code: "refused", reason: "This key is refused.")))
    #expect(error?.description == "apply: This key is refused.")
    #expect(error?.outcome == .notCommitted)
    try fixture.check(["a"])
  }

  @Test func `that is refused does not hold up the others of its batch`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    let keys = ["a", "refused", "b", "refused", "c", "a"]
    let refusals = Recorder<String>()
    inThreads(keys.count) { index in
      do { _ = try store.commit(.row(keys[index])) } catch { refusals.append(keys[index]) }
    }
    #expect(refusals.all == ["refused", "refused"])
    try fixture.check(["a", "b", "c"])
  }

  @Test func `of many threads of many processes is there exactly once`() throws {
    let fixture = try Fixture()
    let stores = try (0..<4).map { _ in try fixture.open() }
    let failures = Recorder<String>()
    inThreads(16) { thread in
      for index in 0..<15 {
        do {
          _ = try stores[thread % 4].commit(.row("\(thread)-\(index)"))
        } catch {
          failures.append("\(error)")
        }
      }
    }
    #expect(failures.all.isEmpty)
    try fixture.check((0..<16).flatMap { thread in (0..<15).map { "\(thread)-\($0)" } })
  }

  @Test func `of threads that wait together shares one synchronization`() throws {
    let fixture = try Fixture()
    let synchronizations = Recorder<SystemCall>()
    let store = try fixture.open { call, moment in
      if moment == .before, call.name == .synchronize, call.path.contains("completed-") {
        synchronizations.append(call)
        usleep(3000)
      }
      return .proceed
    }
    try store.recover()
    inThreads(16) { thread in
      for index in 0..<5 { _ = try? store.commit(.row("\(thread)-\(index)")) }
    }
    #expect(try store.keys.count == 80)
    #expect(synchronizations.all.count < 40)
  }

  @Test func `is whole at every instant for a reader without a lock (I1)`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    try store.recover()
    let torn = Recorder<String>()
    let isDone = Recorder<Bool>()
    let path = fixture.path("data.json")
    inThreads(3) { thread in
      if thread == 0 {
        for index in 0..<150 { _ = try? store.commit(.row("k\(index)")) }
        isDone.append(true)
        return
      }
      while isDone.all.isEmpty {
        // Opens the file, then reads it in two parts with a pause, as a slow reader does.
        guard let file = FileHandle(forReadingAtPath: path) else {
          torn.append("no data file")
          continue
        }
        let start = (try? file.read(upToCount: 100)) ?? Data()
        usleep(3000)
        let rest = (try? file.readToEnd()) ?? Data()
        let text = Array(start) + Array(rest)
        guard case .intact = DataFile.reading(text) as DataFile.Reading<Ledger> else {
          torn.append(String(decoding: text, as: UTF8.self))
          continue
        }
      }
    }
    #expect(torn.all.isEmpty)
    #expect(try store.keys.count == 150)
  }

  @Test func `does not touch the lock file's name or inode (I6)`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    try store.commit("first")
    let inode =
      try FileManager.default.attributesOfItem(atPath: fixture.path(".lock"))[
        .systemFileNumber] as? Int
    for index in 0..<20 { try fixture.open().commit("k\(index)") }
    let after =
      try FileManager.default.attributesOfItem(atPath: fixture.path(".lock"))[
        .systemFileNumber] as? Int
    #expect(inode == after)
  }

  @Test func `waits no longer than its limit for a lock that is held, and is then withdrawn`()
    throws
  {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let store = try fixture.open(lockLimit: .milliseconds(300))
    let holder = fixture.holdLock()
    defer { giveBack(holder) }
    let error = #expect(throws: TransactionError.self) { try store.commit("b") }
    #expect(error?.cause == .contention)
    #expect(error?.outcome == .notCommitted)
    #expect(try fixture.pending.isEmpty)
    #expect(flock(holder, LOCK_UN) == 0)
    try fixture.check(["a"])
  }
}

struct `A process that has something to commit` {
  @Test(arguments: [
    (Duration.milliseconds(1), 65, false), (.milliseconds(1), 64, true),
    (.milliseconds(20), 65, true),
    (.seconds(1), 0, true),
  ])
  func `lets others lead who have led a moment ago, if it is far behind`(
    _ servedAgo: Duration, _ linesBehind: Int, _ asksForLock: Bool
  ) {
    let policy = LeadPolicy(.init(servedAgo: servedAgo) { linesBehind }, now: .now)
    #expect(policy.asksForLock == asksForLock)
    #expect(policy.longestWait == .milliseconds(asksForLock ? 20 : 10))
  }

  @Test(arguments: [(true, 0, false), (true, 100, true), (false, 0, true)])
  func `asks for the lock without news of a leader, and when patience is over`(
    _ hasNews: Bool, _ milliseconds: Int, _ asksForLock: Bool
  ) {
    let (now, view) = (ContinuousClock.now, LeadPolicy.View(servedAgo: .zero) { 1000 })
    var policy = LeadPolicy(view, now: now)
    policy.wait(endedWithNews: hasNews, view, now: now + .milliseconds(milliseconds))
    #expect(policy.asksForLock == asksForLock)
  }

  @Test func `does not look how far it is behind when nobody leads`() {
    var looks = 0
    _ = LeadPolicy(
      .init(servedAgo: .seconds(1)) {
        looks += 1
        return 0
      }, now: .now)
    #expect(looks == 0)
  }
}

@Suite(.blocking) struct `A read` {
  /// A child process that another thread is starting has a copy of every descriptor until it executes its
  /// program.
  ///
  /// A lease that is not released for all copies would still exist when the file is `data.json`.
  @Test func `is told of no lease, though a program that is being started has a copy of it`() throws
  {
    let fixture = try Fixture()
    let copies = Recorder<Int32>()
    let writer = try fixture.open { call, moment in
      if call.name == .takeLease, moment == .after, let descriptor = call.descriptor {
        copies.append(dup(descriptor))
      }
      return .proceed
    }
    for index in 0..<20 {
      try writer.commit("k\(index)")
      #expect(try fixture.open().readFile()?.generation == index + 1)
    }
    #expect(copies.all.count > 8)
    for copy in copies.all { close(copy) }
  }

  @Test func `is told of no lock that was given back, though programs are started meanwhile`()
    throws
  {
    let home = try TemporaryDirectory()
    let system = SystemCalls()
    let (isOver, refusals) = (Recorder<Bool>(), Recorder<Int>())
    inThreads(5) { thread in
      if thread > 0 {
        while isOver.all.isEmpty { _ = try? TestSupport.run("/bin/true", []) }
        return
      }
      for number in 0..<20_000 {
        guard let file = try? system.open(home.file("entry"), O_RDWR | O_CREAT) else { continue }
        if (try? system.lockExclusively(file)) != true { refusals.append(number) }
      }
      isOver.append(true)
    }
    #expect(refusals.all.isEmpty)
  }

  @Test func `waits for a lease that another program gives back`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let system = SystemCalls()
    let lease = Monitor<FileLease?>(nil)
    // A program that another test starts at this moment has the file open, too, until it has begun.
    try eventually("nobody else has the file open") {
      guard let file = try? system.open(fixture.directory.dataFile, O_RDWR),
        let taken = try? FileLease(on: file, system)
      else { return false }
      lease.withLock { $0 = taken }
      return true
    }
    let keys = Recorder<Set<String>>()
    inThreads(2) { thread in
      if thread == 0 {
        usleep(60_000)
        lease.withLock { $0 = nil }
      } else if let found = try? fixture.open().keys {
        keys.append(Set(found))
      }
    }
    #expect(keys.all == [["a"]])
  }

  @Test func `goes on while the leader is stopped before any of its calls`() throws {
    let count = try Scenario.commit.callCount()
    for number in 0..<count {
      let (fixture, _) = try Scenario.commit.prepared()
      let leader = try Victim([
        fixture.directory.path, Scenario.commit.rawValue, String(number), "stopped",
      ])
      defer { leader.end() }
      try eventually("the leader is stopped") { leader.isStopped }
      let began = ContinuousClock.now
      #expect(try fixture.open().readFile() != nil, "call \(number)")
      #expect(ContinuousClock.now - began < .seconds(2), "call \(number)")
    }
  }

  @Test func `costs one system call when nothing changed (I7)`() throws {
    let fixture = try Fixture()
    let calls = Recorder<SystemCall>()
    let store = try fixture.open { call, moment in
      if moment == .before { calls.append(call) }
      return .proceed
    }
    try store.commit("a")
    let before = calls.all.count
    _ = try store.read()
    #expect(calls.all.dropFirst(before).map(\.name) == [.status])
  }

  @Test func `sees every version, though inode, size and second repeat`() throws {
    let fixture = try Fixture()
    let writer = try fixture.open()
    let reader = try fixture.open()
    for index in 100..<160 {
      try writer.commit("k\(index)")
      #expect(try reader.keys.count == index - 99)
    }
  }

  @Test func `is not held up by a writer that holds the lock (I7)`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let holder = fixture.holdLock()
    defer { giveBack(holder) }
    #expect(try fixture.open(lockLimit: .milliseconds(10)).keys == ["a"])
  }
}

@Suite(.blocking) struct `A data file` {
  @Test func `is canonical JSON with its generation at its head`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let text = String(decoding: try contents(of: fixture.path("data.json")), as: UTF8.self)
    #expect(text.hasPrefix(#"{"meta":{"format":1,"generation":1,"checksum":""#))
    let object = try #require(try JSONValue(parsing: Array(text.utf8)).object)
    #expect(object.members.map(\.name) == ["meta", "rows"])
  }

  @Test func `keeps the members that other programs put into it`() throws {
    let fixture = try Fixture()
    try FileManager.default.createDirectory(
      atPath: fixture.directory.path, withIntermediateDirectories: true)
    try write(
      #"{"meta":{"note":1.50},"rows":[["old","t"]],"extra":{"b":1e3,"a":[null]}}"#,
      to: fixture.path("data.json"))
    try fixture.open().commit("new")
    let text = String(decoding: try contents(of: fixture.path("data.json")), as: UTF8.self)
    #expect(text.contains(#""note":1.50"#))
    #expect(text.contains(#""extra":{"b":1e3,"a":[null]}"#))
    try fixture.check(["old", "new"])
  }

  @Test func `of a later format is refused, not replaced`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let text = #"{"meta":{"format":2,"generation":9},"rows":[]}"#
    try write(text, to: fixture.path("data.json"))
    let error = #expect(throws: TransactionError.self) { try fixture.open().commit("b") }
    #expect(error?.description.contains("written by a later version of the program") == true)
    #expect(try contents(of: fixture.path("data.json")) == Array(text.utf8))
  }
}
