import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DurableStore

/// Ends the process at one system call of many.
enum Kill {
  /// Kills with SIGKILL at the call of a number, before it is made or after it has succeeded.
  static func at(_ number: Int, _ moment: SystemCall.Moment) -> SystemCalls.Intercept {
    let counter = Counter()
    return { _, current in
      if current == moment, counter.next() == number { kill(getpid(), SIGKILL) }
      return .proceed
    }
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
      count.withLock { count in
        defer { count += 1 }
        return count
      }
    }
  }
}

struct `A process killed at any system call` {
  /// How many calls a commit makes, counted once for each kind of it.
  private static func callCount(_ body: (SystemCalls.Intercept?, Fixture) throws -> Void) throws
    -> Int
  {
    let calls = Recorder<SystemCall>()
    let fixture = try Fixture()
    try prepare(fixture)
    try body(
      { call, moment in
        if moment == .before { calls.append(call) }
        return .proceed
      }, fixture)
    return calls.all.count
  }

  private static func prepare(_ fixture: Fixture) throws {
    let store = try fixture.open()
    for index in 0..<13 { try store.commit("k\(index)") }
  }

  private static let before = (0..<13).map { "k\($0)" }

  @Test(.timeLimit(.minutes(5)), arguments: [false, true])
  func `of a commit leaves the state before it or after it, and nothing half (I1, I2, I10)`(
    _ isAfter: Bool
  ) async throws {
    let count = try Self.callCount { intercept, fixture in try fixture.open(intercept).commit("new")
    }
    #expect(count > 40)
    for number in 0..<count {
      let fixture = try Fixture()
      try Self.prepare(fixture)
      await #expect(processExitsWith: .signal(SIGKILL), "call \(number)") {
        [path = fixture.directory.path as String, number = number as Int, isAfter = isAfter as Bool]
        in
        let system = SystemCalls(intercept: Kill.at(number, isAfter ? .after : .before))
        let store = try Store<Ledger>(DataDirectory(path), options: StoreOptions(system: system))
        try store.commit("new")
        // A call that is never made again (it failed, say) has no moment after it.
        kill(getpid(), SIGKILL)
      }
      try fixture.open().recover()
      let keys = try fixture.open().keys
      #expect(keys == Self.before || keys == Self.before + ["new"], "call \(number)")
      try fixture.open().commit("next")
      try fixture.check(keys + ["next"])
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `of a recovery recovers the next time, to the same state (I10)`() async throws {
    func damage(_ fixture: Fixture) throws {
      try Self.prepare(fixture)
      let line = CompletedLine(sequence: 14, .row("logged"), status: .completed, completedAt: 1)
      let log = fixture.path(".wal/completed-000000000001.jsonl")
      try write(try contents(of: log) + line.text + Array("torn".utf8), to: log)
      let entry = PendingEntry(.row("pending"), baseGeneration: 13)
      try write(entry.serialized, to: fixture.path(".wal/wal-1-00000001.json"))
      try write("damage", to: fixture.path("data.json"))
    }
    let calls = Recorder<SystemCall>()
    let counted = try Fixture()
    try damage(counted)
    try counted.open { call, moment in
      if moment == .before { calls.append(call) }
      return .proceed
    }.recover()
    #expect(calls.all.count > 60)
    for number in 0..<calls.all.count {
      let fixture = try Fixture()
      try damage(fixture)
      await #expect(processExitsWith: .signal(SIGKILL), "call \(number)") {
        [path = fixture.directory.path as String, number = number as Int] in
        let system = SystemCalls(intercept: Kill.at(number, .after))
        let store = try Store<Ledger>(DataDirectory(path), options: StoreOptions(system: system))
        try store.recover()
        kill(getpid(), SIGKILL)
      }
      try fixture.open().recover()
      try fixture.check(Self.before + ["logged", "pending"])
      let names = try fixture.names("quarantine")
      #expect(!names.isEmpty, "call \(number): the damaged file is gone")
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `while it holds the lock does not hold up the others (I6)`() async throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = fixture.directory.path as String] in
      let system = SystemCalls { call, moment in
        if moment == .before, call.name == .exchange { kill(getpid(), SIGKILL) }
        return .proceed
      }
      try Store<Ledger>(DataDirectory(path), options: StoreOptions(system: system)).commit("b")
    }
    let start = ContinuousClock.now
    try fixture.open().commit("c")
    #expect(ContinuousClock.now - start < .seconds(5))
    try fixture.open().recover()
    try fixture.check(["a", "b", "c"])
  }
}
