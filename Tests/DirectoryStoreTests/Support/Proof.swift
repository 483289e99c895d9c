import DirectoryStore
import DurableStore
import Files
import Foundation
import StoreProof
import TestSupport
import Testing
import Threads

/// A short form of each proof that returns what it finds instead of failing.
enum Proof: String, CaseIterable, Sendable {
  case powerCuts, order, crowd, withdrawal, slowReader, damage, backups, fullDisk, oldEntry
  case failedSynchronization, goodData

  /// What is wrong with a store that is broken on purpose, or with the store as it is.
  func violations(breaking fault: Fault?) throws -> [String] {
    let fixture = try Fixture()
    switch self {
    case .powerCuts:
      var proof = PowerCutProof(seedCount: 1, breaking: fault, stopsEarly: true)
      try proof.run()
      return proof.violations
    case .order: return try order(fixture, fault)
    case .crowd: return try crowd(fixture, fault)
    case .withdrawal: return try withdrawal(fixture, fault)
    case .slowReader: return try slowReader(fixture, fault)
    case .damage: return try damage(fixture, fault)
    case .backups:
      let store = try open(fixture, fault)
      for index in 0..<3 { try store.commit("k\(index)") }
      let count = try fixture.names("backups").count
      return count == 3 ? [] : ["\(count) backups after 3 commits"]
    case .fullDisk: return try fullDisk(fixture, fault)
    case .oldEntry: return try oldEntry(fixture, fault)
    case .failedSynchronization: return try failedSynchronization(fixture, fault)
    case .goodData:
      let store = try open(fixture, fault)
      for index in 0..<3 { try store.commit("k\(index)") }
      try fixture.plant("pending", after: 3)
      try open(fixture, fault).recover()
      return fixture.violations(required: ["k0", "k1", "k2", "pending"])
    }
  }

  private func open(
    _ fixture: Fixture, _ fault: Fault?, lockLimit: Duration = .seconds(10)
  ) throws -> DirectoryStore<Ledger> {
    try fault?.open(fixture, lockLimit: lockLimit) ?? fixture.open(lockLimit: lockLimit)
  }

  /// The log is written and synchronized before the data file is replaced.
  private func order(_ fixture: Fixture, _ fault: Fault?) throws -> [String] {
    try FileManager.default.createDirectory(
      atPath: fixture.directory.path, withIntermediateDirectories: true)
    let recorder = StepRecorder(root: fixture.directory.path)
    let options = StoreOptions(
      system: SystemCalls(intercept: recorder.intercept(asking: fault?.intercept)))
    let store = try DirectoryStore<Ledger>(fixture.directory, options: options)
    try store.commit("a")
    let start = recorder.recording.steps.count
    try store.commit("b")
    var isSynchronized = false
    for step in recorder.recording.steps.dropFirst(start) {
      if case .synchronize = step { isSynchronized = true }
      if case .names(let names) = step, names["/data.json"] != nil, !isSynchronized {
        return ["data.json was replaced before the log was synchronized"]
      }
    }
    return []
  }

  private func crowd(_ fixture: Fixture, _ fault: Fault?) throws -> [String] {
    let stores = try (0..<4).map { _ in try open(fixture, fault, lockLimit: .seconds(2)) }
    try stores[0].recover()
    let confirmed = Recorder<String>()
    inThreads(8) { thread in
      for index in 0..<15 {
        let key = "\(thread)-\(index)"
        if (try? stores[thread % 4].commit(.row(key))) != nil { confirmed.append(key) }
      }
    }
    try fixture.open().recover()
    let all = (0..<8).flatMap { thread in (0..<15).map { "\(thread)-\($0)" } }
    return fixture.violations(required: confirmed.all, allowed: all)
  }

  /// A writer gives up while another process's leader holds its entry.
  private func withdrawal(_ fixture: Fixture, _ fault: Fault?) throws -> [String] {
    try fixture.open().commit("a")
    let store = try open(fixture, fault, lockLimit: .milliseconds(300))
    let lock = fixture.holdLock()
    defer { giveBack(lock) }
    let outcomes = Recorder<TransactionError.Outcome>()
    inThreads(2) { thread in
      if thread == 0 {
        do throws(TransactionError) { _ = try store.commit(.row("b")) } catch {
          outcomes.append(error.outcome)
        }
        return
      }
      guard let name = fixture.firstPending() else { return }
      let entry = Glibc.open(fixture.path(".wal/" + name), O_RDWR)
      flock(entry, LOCK_EX)
      for _ in 0..<3000 where outcomes.all.isEmpty { usleep(1000) }
      giveBack(entry)
    }
    return outcomes.all == [.unknown] ? [] : ["withdrawn, though a leader held it"]
  }

  private func slowReader(_ fixture: Fixture, _ fault: Fault?) throws -> [String] {
    let store = try open(fixture, fault)
    for index in 0..<13 { try store.commit("k\(index)") }
    guard let oldest = try fixture.names("backups").first,
      let reader = FileHandle(forReadingAtPath: fixture.path("backups/" + oldest))
    else { return ["no backup"] }
    let before = try contents(of: fixture.path("backups/" + oldest))
    for index in 0..<3 { try store.commit("m\(index)") }
    return Array(try reader.readToEnd() ?? Data()) == before ? [] : ["a reader saw it change"]
  }

  private func damage(_ fixture: Fixture, _ fault: Fault?) throws -> [String] {
    try fixture.open().commit("a")
    try write("damage", to: fixture.path("data.json"))
    try? open(fixture, fault).recover()
    let kept = try fixture.names("quarantine").map {
      try contents(of: fixture.path("quarantine/" + $0))
    }
    return kept.contains(Array("damage".utf8)) ? [] : ["damaged bytes are gone"]
  }

  /// The log cannot be written, so no commit may be confirmed.
  private func fullDisk(_ fixture: Fixture, _ fault: Fault?) throws -> [String] {
    try fixture.open().commit("a")
    let broken = fault?.intercept
    let options = StoreOptions(
      system: SystemCalls { call, moment in
        if moment == .before, call.name == .write, call.path.contains("completed-") {
          return .fail(ENOSPC)
        }
        return broken?(call, moment) ?? .proceed
      })
    let store = try DirectoryStore<Ledger>(fixture.directory, options: options)
    let isConfirmed = (try? store.commit("b")) != nil
    let isThere = try fixture.open().keys.contains("b")
    return isConfirmed && !isThere ? ["confirmed, but the next reader does not see it"] : []
  }

  /// The entry of a transaction that was committed long ago comes back.
  private func oldEntry(_ fixture: Fixture, _ fault: Fault?) throws -> [String] {
    let store = try fixture.open()
    try store.commit("first")
    _ = try store.restore(try contents(of: fixture.path("data.json")))
    guard let restore = try fixture.log.last else { return ["no line"] }
    try store.commit("second")
    try write(
      PendingEntry(restore.transaction, baseGeneration: 1).serialized,
      to: fixture.path(".wal/wal-1-00000001.json"))
    try open(fixture, fault).recover()
    return fixture.violations(required: ["first", "second"])
  }

  private func failedSynchronization(_ fixture: Fixture, _ fault: Fault?) throws -> [String] {
    try fixture.open().commit("a")
    let calls = Recorder<String>()
    let options = StoreOptions(
      system: SystemCalls { call, moment in
        guard moment == .before, call.name == .synchronize, call.path.contains("completed-") else {
          return .proceed
        }
        calls.append(call.path)
        return calls.all.count == 1 ? .fail(EIO) : .proceed
      })
    try DirectoryStore<Ledger>(fixture.directory, options: options).commit("b")
    return Set(calls.all).count == calls.all.count ? [] : ["synchronized again after a failure"]
  }
}
