import DirectoryStore
import DurableStore
import Files
import Foundation
import StoreProof
import SystemPackage
import TestSupport
import Testing

/// Counts calls, and lets one or more of them fail.
final class Faults: Sendable {
  private let state: Monitor<(count: Int, failed: Int)> = Monitor((0, 0))
  private let number: Int
  private let isLasting: Bool
  private let disposition: SystemCall.Disposition

  /// Makes the call with the given number, counted from 0, fail; with `isLasting`, also every later call.
  init(at number: Int, isLasting: Bool = false, _ disposition: SystemCall.Disposition) {
    self.number = number
    self.isLasting = isLasting
    self.disposition = disposition
  }

  var hasFailed: Bool { state.withLock { $0.failed > 0 } }

  func intercept(_ call: SystemCall, _ moment: SystemCall.Moment) -> SystemCall.Disposition {
    // A lease cannot but be released; what a process of its own has made is then free for all.
    guard moment == .before, call.name != .releaseLease else { return .proceed }
    return state.withLock { state in
      defer { state.count += 1 }
      guard state.count == number || (isLasting && state.count > number) else { return .proceed }
      state.failed += 1
      return disposition
    }
  }
}

@Suite(.blocking) struct `A system call that fails in a commit` {
  /// The kinds of commit that make different calls.
  private static let kinds: [Scenario] = [.commit, .wholeCommit, .batch]

  /// Combines each kind with each failure, and the kind that waits for another process with only a few.
  private static func cases<Failure>(
    _ failures: [Failure], handedIn few: [Failure]
  ) -> [(Scenario, Failure)] {
    kinds.flatMap { kind in failures.map { (kind, $0) } } + few.map { (.handedIn, $0) }
  }

  /// Runs a scenario in which a call fails, and checks the outcome and the store afterwards.
  ///
  /// - Returns: Whether the scenario makes enough calls for one to have failed.
  private static func run(_ scenario: Scenario, _ faults: Faults) throws -> Bool {
    let (fixture, required) = try scenario.prepared()
    var answer: TransactionError.Outcome??
    do {
      try scenario.act(on: fixture.directory, faults.intercept)
      answer = .some(nil)
    } catch let error as TransactionError {
      answer = error.outcome
    }
    // Another process commits as if nothing had happened, and another one recovers, as every start does.
    try fixture.open().commit("next")
    try fixture.open().recover()
    let key = scenario.key ?? ""
    let isThere = try fixture.open().keys.contains(key)
    switch answer {
    case .some(nil): #expect(isThere, "confirmed, but not there")
    case .some(.notCommitted): #expect(!isThere, "refused, but there")
    default: break
    }
    let found = fixture.violations(required: required + ["next"], allowed: scenario.allowed)
    #expect(found.isEmpty)
    return faults.hasFailed
  }

  @Test(
    .timeLimit(.minutes(20)),
    arguments: cases(
      [EIO, EAGAIN, EACCES, ENOSPC, EMFILE, EDQUOT, EROFS], handedIn: [EIO, ENOSPC]))
  func `once: the answer is true, and the next commit works`(
    _ kind: Scenario, _ number: Int32
  ) throws {
    var count = 0
    while try Self.run(kind, Faults(at: count, .fail(number))) { count += 1 }
    #expect(count > 40)
  }

  @Test(.timeLimit(.minutes(20)), arguments: cases([EIO, ENOSPC, EROFS], handedIn: [EIO]))
  func `from then on: the answer is true, and the next commit works`(
    _ kind: Scenario, _ number: Int32
  ) throws {
    var count = 0
    while try Self.run(kind, Faults(at: count, isLasting: true, .fail(number))) { count += 1 }
    #expect(count > 40)
  }

  @Test(
    .timeLimit(.minutes(20)),
    arguments: cases(
      [SystemCall.Disposition.fail(EINTR), .limit(bytes: 1), .limit(bytes: 511)],
      handedIn: [.fail(EINTR), .limit(bytes: 511)]))
  func `by being interrupted or cut short: nobody notices`(
    _ kind: Scenario, _ disposition: SystemCall.Disposition
  ) throws {
    var count = 0
    while true {
      let (fixture, required) = try kind.prepared()
      let faults = Faults(at: count, disposition)
      // An interrupted fsync is not repeated by itself; the whole attempt is (I9).
      try kind.act(on: fixture.directory, faults.intercept)
      let found = fixture.violations(
        required: required + [kind.key ?? ""], allowed: kind.allowed)
      #expect(found.isEmpty, "call \(count)")
      if !faults.hasFailed { break }
      count += 1
    }
    #expect(count > 40)
  }

  @Test func `is retried after 100 and 200 ms, and not at all on a full disk`() throws {
    for (number, attempts) in [(EIO, 3), (EACCES, 3), (ENOSPC, 1), (EDQUOT, 1), (EROFS, 1)] {
      let fixture = try Fixture()
      try fixture.open().commit("a")
      let tries = Recorder<ContinuousClock.Instant>()
      let store = try fixture.open { call, moment in
        guard moment == .before, call.name == .write, call.path.contains("completed-") else {
          return .proceed
        }
        tries.append(.now)
        return .fail(number)
      }
      let error = #expect(throws: TransactionError.self) { try store.commit("b") }
      #expect(error?.cause == .system(.init(rawValue: number)))
      #expect(tries.all.count == attempts, "error \(number)")
      let pauses = zip(tries.all, tries.all.dropFirst()).map { $1 - $0 }
      for (pause, least) in zip(pauses, [100, 200]) { #expect(pause >= .milliseconds(least)) }
      try fixture.check(["a"])
    }
  }

  @Test func `says which step it was, on what, and why`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let store = try fixture.open { call, moment in
      moment == .before && call.name == .exchange ? .fail(EROFS) : .proceed
    }
    let error = #expect(throws: TransactionError.self) { try store.commit("b") }
    #expect(
      error?.description == "replace data file \(fixture.path("data.json")): Read-only file system")
    #expect(error?.outcome == .unknown)
  }

  @Test func `on a file system that cannot exchange names: the former state is linked`() throws {
    let fixture = try Fixture()
    let store = try fixture.open { call, moment in
      moment == .before && call.name == .exchange ? .fail(EINVAL) : .proceed
    }
    for key in ["a", "b", "c"] { try store.commit(key) }
    #expect(try fixture.names("backups").count == 3)
    try fixture.check(["a", "b", "c"])
  }

  @Test func `on a file system without links and leases: nothing is missing but the checkpoint`()
    throws
  {
    let fixture = try Fixture()
    let store = try fixture.open { call, moment in
      moment == .before && [.link, .takeLease].contains(call.name) ? .fail(EPERM) : .proceed
    }
    for index in 0..<13 { try store.commit("k\(index)") }
    #expect(try !fixture.names(".wal").contains("checkpoint.json"))
    try fixture.check((0..<13).map { "k\($0)" })
  }
}

@Suite(.blocking) struct `A full disk` {
  @Test(
    .enabled(if: geteuid() == 0, "mounting a file system needs root"),
    .timeLimit(.minutes(20)))
  func `refuses the commit and keeps everything before it`() throws {
    let home = try TemporaryDirectory()
    let disk = home.file("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    #expect(mount("contest", disk, "tmpfs", 0, "size=400k") == 0)
    defer { umount2(disk, Int32(2)) }
    let store = try DirectoryStore<Ledger>(DataDirectory(disk + "/data"))
    var committed: [String] = []
    var failure: TransactionError?
    while failure == nil, committed.count < 2000 {
      let key = "k\(committed.count)" + String(repeating: "x", count: 200)
      do {
        try store.commit(key)
        committed.append(key)
      } catch let error as TransactionError {
        failure = error
      }
    }
    #expect(failure?.cause == .system(.noSpace))
    #expect(committed.count > 10)
    #expect(try store.keys.filter { $0.hasPrefix("k") }.prefix(committed.count) == committed[...])
    let left = try names(in: disk + "/data/.wal").filter { $0.hasPrefix("wal-") }
    #expect(left.isEmpty)
    // An operator removes the backups, so there is room again.
    for name in try names(in: disk + "/data/backups") {
      try FileManager.default.removeItem(atPath: disk + "/data/backups/" + name)
    }
    try store.commit("after")
    #expect(try DirectoryStore<Ledger>(DataDirectory(disk + "/data")).keys.contains("after"))
  }
}
