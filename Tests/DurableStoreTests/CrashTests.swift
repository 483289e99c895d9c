import Foundation
import JSON
import StoreProof
import TestSupport
import Testing

@testable import DurableStore

extension Scenario {
  private static let rows = (0..<13).map { "k\($0)" }

  /// Puts a store into the state that it begins with.
  ///
  /// - Returns: The keys that must be there afterwards whatever happens.
  func prepare(_ fixture: Fixture) throws -> [String] {
    if self == .firstCommit { return [] }
    let store = try Store<Ledger>(fixture.directory, options: options(SystemCalls()))
    for key in Self.rows { try store.commit(key) }
    switch self {
    case .batch:
      for index in 0..<7 { try fixture.plant("p\(index)", after: 13) }
      return Self.rows + (0..<7).map { "p\($0)" }
    case .rejectedEntry:
      for key in ["p0", "refused", "p1"] { try fixture.plant(key, after: 13) }
      return Self.rows + ["p0", "p1"]
    case .recovery:
      try fixture.damage()
      return Self.rows + ["logged", "pending"]
    case .pruning:
      // All have a second name: none is used again.
      for name in try fixture.names("backups") {
        try FileManager.default.linkItem(
          atPath: fixture.path("backups/" + name), toPath: fixture.home.file(name))
      }
    case .acceptedEdit:
      let text = String(decoding: try contents(of: fixture.path("data.json")), as: UTF8.self)
      try write(
        text.replacingOccurrences(of: "[\"k0\"", with: "[\"a key that somebody wrote by hand\""),
        to: fixture.path("data.json"))
      return Array(Self.rows.dropFirst())
    case .restore: return []
    default: break
    }
    return Self.rows
  }

  /// The keys that may be there afterwards besides.
  var allowed: [String] {
    switch self {
    case .restore: Self.rows + ["restored"]
    case .acceptedEdit: ["k0", "a key that somebody wrote by hand"]
    default: key.map { [$0] } ?? []
    }
  }

  /// How many system calls it makes.
  func callCount() throws -> Int {
    let fixture = try Fixture()
    _ = try prepare(fixture)
    let counter = CallCounter()
    try act(
      on: fixture.directory,
      SystemCalls { _, moment in
        if moment == .before { _ = counter.next() }
        return .proceed
      })
    return counter.value
  }
}

extension Fixture {
  /// Leaves an entry as a process that has died does.
  func plant(_ key: String, after generation: Int) throws {
    let stem = Surroundings.machine.fileStem()
    try write(
      PendingEntry(.row(key), baseGeneration: generation).serialized,
      to: path(".wal/wal-\(stem).json"))
  }

  /// Everything that a recovery may find at once: thirteen rows, a line beyond the data file, a torn
  /// line, a pending entry, and a data file that is none.
  func damage() throws {
    let line = CompletedLine(sequence: 14, .row("logged"), status: .completed, completedAt: 1)
    let log = path(".wal/completed-000000000001.jsonl")
    try write(try contents(of: log) + line.text + Array("torn".utf8), to: log)
    try plant("pending", after: 13)
    try write("damage", to: path("data.json"))
  }
}

struct `A process killed before and after each system call` {
  @Test(.timeLimit(.minutes(10)), arguments: Scenario.allCases)
  func `leaves a store that two others open at once (I1–I10)`(_ scenario: Scenario) throws {
    let count = try scenario.callCount()
    #expect(count > 10)
    var points = 0
    for number in 0..<count {
      for moment in ["before", "after"] {
        let point = "\(scenario) \(moment) call \(number) of \(count)"
        let fixture = try Fixture()
        let required = try scenario.prepare(fixture)
        let outcome = try Victim([
          fixture.directory.path, scenario.rawValue, String(number), moment,
        ]).wait()
        // A call that fails, as a look for a file that is not there does, has no moment after it;
        // then a later one may be the last.
        if !outcome.isKilled, moment == "before" { Issue.record("\(point): not killed") }
        points += 1
        let others = try (0..<2).map { _ in
          try Victim([fixture.directory.path, Scenario.recovery.rawValue])
        }
        for other in others where !other.wait().isDone { Issue.record("\(point): not opened") }
        try fixture.open().commit("next")
        let found = fixture.violations(
          required: required + ["next"], allowed: scenario.allowed,
          logStart: scenario == .logRotation ? .max : 1)
        #expect(found.isEmpty, "\(point)")
        if scenario == .recovery {
          #expect(try !fixture.names("quarantine").isEmpty, "\(point): the evidence is gone")
        }
      }
    }
    print("killed at \(points) points of \(scenario)")
  }

  @Test(.timeLimit(.minutes(2)))
  func `does not hold up the others while it holds the lock (I6)`() throws {
    let fixture = try Fixture()
    _ = try Scenario.commit.prepare(fixture)
    let last = try Scenario.commit.callCount() - 1
    _ = try Victim([fixture.directory.path, "commit", String(last / 2), "before"]).wait()
    let start = ContinuousClock.now
    try fixture.open().commit("c")
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}
