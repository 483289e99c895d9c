import DirectoryStore
import Foundation
import StoreProof
import TestSupport
import Testing

@Suite(.blocking) struct `A history of many threads in many processes` {
  @Test(.timeLimit(.minutes(20)), arguments: [1, 2, 3])
  func `is linearizable, though leaders are killed and stopped and clocks step back`(
    _ seed: Int
  ) throws {
    let fixture = try Fixture()
    try fixture.open().recover()
    let path = fixture.home.file("history")
    let milliseconds = LongSweep.isWanted ? 20_000 : 3000
    var crowd = Crowd(seed: UInt64(seed)) { seed in
      Victim.program([
        fixture.directory.path, "history", path, String(seed), String(milliseconds),
      ])
    }
    try crowd.start()
    let deadline = Date() + Double(milliseconds) / 1000
    while Date() < deadline { try crowd.disturb() }
    crowd.end()
    try fixture.open().recover()
    let rows = try fixture.open().keys
    let history = History(parsing: try String(contentsOfFile: path, encoding: .utf8))
    let found = history.violations(rows: rows)
    #expect(found.isEmpty, "seed \(seed): \(found.prefix(10))")
    #expect(history.operations.count > 500)
    #expect(fixture.violations(required: [], allowed: rows).isEmpty)
    print(
      "checked a history of \(history.operations.count) operations with \(crowd.kills) kills, \(crowd.stops) stops"
    )
  }

  @Test(arguments: [
    // A read that does not see what was confirmed before it began.
    "a begin 1 commit x\na end 2 committed\nb begin 3 read\nb end 4 read 0\n",
    // A read that sees less than one before it.
    "a begin 1 read\na end 2 read 1\nb begin 3 read\nb end 4 read 0\nc begin 0 commit x\n",
    // A commit that was confirmed and is not there.
    "a begin 1 commit y\na end 2 committed\n",
    // Two commits one after the other in the wrong order.
    "a begin 1 commit z\na end 2 committed\nb begin 3 commit x\nb end 4 committed\n",
    // A commit that was refused and is there.
    "a begin 1 commit x\na end 2 failed notCommitted\n",
  ])
  func `is refused by the checker when it cannot be explained`(_ text: String) {
    #expect(!History(parsing: text).violations(rows: ["x", "z"]).isEmpty)
  }
}

/// Four processes that are killed and stopped at random.
private struct Crowd {
  private var generator: SeededGenerator
  private let program: (UInt64) -> Program
  private var processes: [Program] = []
  private(set) var (kills, stops) = (0, 0)

  init(seed: UInt64, _ program: @escaping (UInt64) -> Program) {
    generator = SeededGenerator(seed: seed)
    self.program = program
  }

  mutating func start() throws {
    for _ in 0..<4 { processes.append(try startOne()) }
  }

  /// Kills one and starts another, or stops one for longer than the others wait for the lock.
  mutating func disturb() throws {
    usleep(UInt32.random(in: 20_000..<150_000, using: &generator))
    let index = Int.random(in: 0..<processes.count, using: &generator)
    let identifier = processes[index].identifier
    if Int.random(in: 0..<4, using: &generator) > 0 {
      kill(identifier, SIGKILL)
      processes[index].wait()
      processes[index] = try startOne()
      kills += 1
    } else {
      kill(identifier, SIGSTOP)
      usleep(450_000)
      kill(identifier, SIGCONT)
      stops += 1
    }
  }

  /// Waits until all have ended.
  func end() {
    for process in processes {
      kill(process.identifier, SIGCONT)
      process.wait()
    }
  }

  private mutating func startOne() throws -> Program {
    let process = program(generator.next() % 1000)
    try process.start()
    return process
  }
}
