import DirectoryStore
import DurableStore
import Files
import Foundation
import StoreProof
import TestSupport
import Testing

@Suite(.blocking) struct `Verification` {
  private func prepared() throws -> Fixture {
    let fixture = try Fixture()
    let store = try fixture.open()
    for key in ["a", "b", "c"] { try store.commit(key) }
    return fixture
  }

  private func problems(_ fixture: Fixture) throws -> [String] {
    try fixture.open().findProblems().map { "\($0.file): \($0.problem)" }
  }

  @Test func `finds nothing in a good store`() throws {
    #expect(try problems(prepared()).isEmpty)
  }

  @Test(arguments: [
    ("backups/pre-write-1-00000001.json", "damage", "is damaged (expected a value at byte 0)"),
    (".wal/wal-1-00000001.json", "damage", "is damaged"),
    (".wal/checkpoint.json", "damage", "is damaged"),
    ("public/rows.json", "[]", "is not what data.json says"),
    ("data.json", "damage", "is damaged (expected a value at byte 0)"),
    (
      "data.json", "{\"meta\":{\"format\":2},\"rows\":[]}",
      "was written by a later version of the program"
    ),
    ("data.json", "{\"rows\":[]}", "was edited by hand since it was written"),
    (".wal/completed-000000000001.jsonl", "", "the completed log ends at 0, data.json is at 3"),
  ])
  func `names the file and what is wrong with it`(
    _ file: String, _ text: String, _ problem: String
  ) throws {
    let fixture = try prepared()
    // Removed first, so that a hard link to the file is not damaged with it.
    try? FileManager.default.removeItem(atPath: fixture.path(file))
    try write(text, to: fixture.path(file))
    let name = problem.hasPrefix("the completed log") ? ".wal" : file
    #expect(try problems(fixture) == ["\(name): \(problem)"])
    #expect(try fixture.open().findProblems().allSatisfy { !$0.advice.isEmpty })
  }

  @Test func `tells a damaged end of the log from lines that are missing`() throws {
    let fixture = try prepared()
    let path = fixture.path(".wal/completed-000000000001.jsonl")
    let text = try contents(of: path)
    let lines = text.split(separator: 0x0A).map { Array($0) + [0x0A] }
    try write(text + Array("torn".utf8), to: path)
    #expect(
      try problems(fixture) == [
        ".wal/completed-000000000001.jsonl: is damaged from byte \(text.count) on"
      ])
    try write(lines[0] + lines[2], to: path)
    #expect(try problems(fixture) == [".wal: the completed log lacks lines 2 to 2"])
  }
}

@Suite(.blocking) struct `A moment in the past` {
  @Test func `is found again to the transaction, by backup and log`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    var identifiers: [String] = []
    for index in 0..<20 {
      identifiers.append(try store.commit(index == 9 ? "whole-9" : "k\(index)").transactionID)
    }
    for (index, identifier) in identifiers.enumerated() {
      let (text, generation) = try store.text(at: .transaction(identifier))
      guard case .intact(let version) = DataFile.reading(text) as DataFile.Reading<Ledger> else {
        Issue.record("not intact")
        return
      }
      #expect(generation == index + 1)
      #expect(version.state.rows.map { $0[1] } == Array(identifiers.prefix(index + 1)))
    }
  }

  @Test func `is found by its time, and before the first transaction there was nothing`() throws {
    let fixture = try Fixture()
    let clock = Recorder<Int>()
    clock.append(1_000_000)
    let options = StoreOptions(
      surroundings: Surroundings(
        nowMilliseconds: { clock.all.last ?? 0 }, randomBits: Surroundings.machine.randomBits))
    let store = try DirectoryStore<Ledger>(fixture.directory, options: options)
    for index in 1...3 {
      clock.append(1_000_000 + index * 1000)
      try store.commit("k\(index)")
    }
    for (time, generation) in [
      (0, 0), (1_000_999, 0), (1_001_000, 1), (1_002_500, 2), (9_999_999, 3),
    ] {
      #expect(try store.text(at: .time(milliseconds: time)).generation == generation)
    }
  }

  @Test func `that is restored is a transaction, which can be undone`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    let first = try store.commit("a").transactionID
    let last = try store.commit("b").transactionID
    _ = try store.restore(try store.text(at: .transaction(first)).text)
    #expect(try store.keys == ["a"])
    _ = try store.restore(try store.text(at: .transaction(last)).text)
    #expect(try store.keys == ["a", "b"])
    #expect(try fixture.log.count == 4)
  }

  @Test func `that is not known is refused with a sentence`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let error = #expect(throws: TransactionError.self) {
      try fixture.open().text(at: .transaction("txn-1-nobody"))
    }
    #expect(error?.description.contains("the log begins with transaction 1") == true)
  }
}

@Suite(.blocking) struct `The completed log` {
  @Test func `is kept as long as a backup or a snapshot needs it, and then for its time`() throws {
    let fixture = try Fixture()
    var options = StoreOptions()
    options.maxSegmentBytes = 1
    options.logRetention = .zero
    let store = try DirectoryStore<Ledger>(fixture.directory, options: options)
    for index in 0..<6 { try store.commit("k\(index)") }
    let snapshot = try store.makeSnapshot()
    for index in 6..<30 { try store.commit("k\(index)") }
    store.checkpoint()
    // Retention is counted in seconds: it ends with the second of a segment's last change.
    sleepUntilNextSecond()
    try store.recover()
    let first = try #require(try fixture.log.first?.sequence)
    #expect(first == 7, "the snapshot is at 6")
    try FileManager.default.removeItem(atPath: fixture.path("backups/" + snapshot))
    try store.recover()
    let oldest = try fixture.names("backups").compactMap { BackupName($0)?.generation }.min() ?? 0
    #expect(try fixture.log.first?.sequence == oldest + 1)
    #expect(fixture.violations(required: (0..<30).map { "k\($0)" }, logStart: .max).isEmpty)
    // An entry that can no longer be looked up in the log is not applied.
    try fixture.plant("old", after: 0)
    try store.recover()
    #expect(try !store.keys.contains("old"))
    #expect(try fixture.names("quarantine").count == 1)
  }

  @Test func `is given in order, and only as far as the data file is`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    for key in ["a", "b", "c"] { try store.commit(key) }
    let line = CompletedLine(sequence: 4, .row("late"), status: .completed, completedAt: 1)
    let log = fixture.path(".wal/completed-000000000001.jsonl")
    try write(try contents(of: log) + line.text, to: log)
    #expect(try store.completedTransactions(after: 0).map(\.sequence) == [1, 2, 3])
    #expect(try store.completedTransactions(after: 2).map(\.transaction.operation) == ["row-c"])
    #expect(try store.completedTransactions(after: 3).isEmpty)
  }

  private func sleepUntilNextSecond() {
    let start = time(nil)
    while time(nil) <= start + 1 { usleep(10_000) }
  }
}

@Suite(.blocking) struct `A rehearsal of a recovery` {
  @Test func `tells what would be done, and changes nothing`() throws {
    let (fixture, _) = try Scenario.recovery.prepared()
    let before = try listing(fixture)
    let (events, generation) = try fixture.open().rehearseRecovery(in: fixture.home.file("copy"))
    #expect(events.contains(.recovered("rebuilt data.json at generation 14")))
    #expect(events.contains(.recovered("finished 1 pending transactions")))
    #expect(generation == 15)
    #expect(try listing(fixture) == before)
    try fixture.open().recover()
    #expect(try fixture.open().read().generation == generation)
  }

  @Test func `of a good store finds nothing to do`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let (events, generation) = try fixture.open().rehearseRecovery(in: fixture.home.file("copy"))
    #expect(events.filter(\.isRecovery).isEmpty)
    #expect(generation == 1)
  }

  private func listing(_ fixture: Fixture) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: fixture.directory.path)
    where name != ".wal/wake" {
      files[name] = (try? contents(of: fixture.path(name))) ?? []
    }
    return files
  }
}
