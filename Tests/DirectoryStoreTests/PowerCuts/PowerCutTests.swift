import DirectoryStore
import DurableStore
import Files
import Foundation
import StoreProof
import TestSupport
import Testing

/// Simulates a power cut at every step of a recorded run, and checks whether the store keeps its promises.
struct PowerCutProof {
  /// How many random states of each kind are built for each step.
  let seedCount: Int
  /// The fault that breaks an invariant on purpose, if any.
  let fault: Fault?
  /// Whether to stop at the first violation.
  var stopsEarly = false

  private(set) var stateCount = 0
  private(set) var violations: [String] = []
  /// The keys that were reported to callers as not committed, and the step after which they were.
  private var denied: [(key: String, step: Int)] = []

  init(seedCount: Int, breaking fault: Fault? = nil, stopsEarly: Bool = false) {
    self.seedCount = seedCount
    self.fault = fault
    self.stopsEarly = stopsEarly
  }

  mutating func run() throws {
    let recording = try record()
    var seen: Set<Int> = []
    for cut in 0...recording.steps.count {
      let state = PowerCut(recording, after: cut)
      var choices: [PowerCut.Choice] = [.nothing, .everything]
      for seed in 0..<UInt64(seedCount) { choices += [.posix(seed: seed), .ext4(seed: seed)] }
      for choice in choices {
        let fixture = try Fixture()
        let identity = try state.build(choice, in: fixture.directory.path)
        // A state that was seen with fewer acknowledgements must be checked again with these.
        guard seen.insert(identity &+ state.acknowledged.count).inserted else { continue }
        stateCount += 1
        for problem in check(fixture, state, cut) {
          violations.append("step \(cut) of \(recording.steps.count), \(choice): \(problem)")
        }
        if stopsEarly, !violations.isEmpty { return }
      }
    }
  }

  private func check(_ fixture: Fixture, _ state: PowerCut, _ cut: Int) -> [String] {
    do {
      try fixture.open().recover()
      let excluded = denied.filter { $0.step <= cut }.map(\.key)
      let allowed = Set(Self.keys + denied.map(\.key)).subtracting(excluded)
      var found = fixture.violations(required: state.acknowledged, allowed: Array(allowed))
      try fixture.open().commit("next")
      found += fixture.violations(
        required: state.acknowledged + ["next"], allowed: Array(allowed))
      return found + (try secretsLeft(in: fixture, state))
    } catch {
      return ["cannot be recovered: \(error)"]
    }
  }

  /// Once the erasure is over, no file has the secret; until then, it is over when it is repeated.
  private func secretsLeft(in fixture: Fixture, _ state: PowerCut) throws -> [String] {
    let store = try fixture.open()
    guard try store.read().state.keys.contains(Ledger.erasure) else { return [] }
    if !state.acknowledged.contains("erased-1") {
      _ = try store.redactHistory(SecretRedaction(), isRehearsal: false)
    }
    let paths =
      FileManager.default.enumerator(atPath: fixture.directory.path)?
      .compactMap { $0 as? String } ?? []
    return paths.filter { path in
      let text = FileManager.default.contents(atPath: fixture.directory.path + "/" + path)
      return !path.hasPrefix("quarantine/") && text?.range(of: Data("\"secret-".utf8)) != nil
    }.map { "the secret is left in \($0)" }
  }

  // MARK: The run

  private static let keys =
    (0..<16).map { "k\($0)" } + [
      "whole-1", "pending-1", "pending-2", "after-1", "left", "other-1", "other-2", "secret-1",
      "erased-1", Ledger.erasure,
    ]

  /// Records a run with everything in it: a new store, reused inodes, a new layout, two processes,
  /// entries of others, a failed commit, a new segment, checkpoints, an erasure.
  mutating func record() throws -> Recording {
    let fixture = try Fixture()
    try FileManager.default.createDirectory(
      atPath: fixture.directory.path, withIntermediateDirectories: true)
    let recorder = StepRecorder(root: fixture.directory.path)
    let (failing, leaving) = (CallSwitch(), CallSwitch())
    var options = StoreOptions(system: system(recorder, failing: failing, leaving: leaving))
    options.maxSegmentBytes = 2500
    options.retryPause = .milliseconds(1)
    let store = try DirectoryStore<Ledger>(fixture.directory, options: options)
    func commit(_ key: String, by store: DirectoryStore<Ledger>) throws {
      try store.commit(key)
      recorder.acknowledge(key)
    }
    for index in 0..<13 { try commit("k\(index)", by: store) }
    try store.commit("secret-1")
    store.checkpoint()
    let other = try DirectoryStore<Ledger>(fixture.directory, options: options)
    try commit("other-1", by: other)
    failing.isOn = true
    do { try store.commit("denied") } catch is TransactionError {
      denied.append(("denied", recorder.recording.steps.count))
    }
    failing.isOn = false
    leaving.isOn = true
    try commit("left", by: store)
    for key in ["pending-1", "pending-2"] { try fixture.plant(key, after: 15) }
    try commit("after-1", by: store)
    try commit("whole-1", by: other)
    for index in 13..<16 { try commit("k\(index)", by: store) }
    store.checkpoint()
    try commit("other-2", by: other)
    try commit(Ledger.erasure, by: other)
    _ = try store.redactHistory(SecretRedaction(), isRehearsal: false)
    recorder.acknowledge("erased-1")
    return recorder.recording
  }

  /// Returns a table of system calls that is recorded; while a switch is on, writing to the log fails.
  private func system(
    _ recorder: StepRecorder, failing: CallSwitch, leaving: CallSwitch
  ) -> SystemCalls {
    let breaking = fault?.intercept
    return SystemCalls(
      intercept: recorder.intercept { call, moment in
        if failing.isOn, call.name == .write, call.path.contains("completed-") {
          return .fail(ENOSPC)
        }
        // The leader can neither synchronize its lines nor cut them off again.
        if leaving.isOn, [.synchronize, .truncate].contains(call.name),
          call.path.contains("completed-")
        {
          if call.name == .truncate { leaving.isOn = false }
          return .fail(EIO)
        }
        return breaking?(call, moment) ?? .proceed
      })
  }
}

/// A switch that any thread can turn on and off.
final class CallSwitch: Sendable {
  private let value = Recorder<Bool>()

  var isOn: Bool {
    get { value.all.last ?? false }
    set { value.append(newValue) }
  }
}

@Suite(.blocking) struct `A power cut at any step` {
  @Test(.timeLimit(.minutes(20)))
  func `loses nothing that was confirmed, and leaves nothing half or twice`() throws {
    var proof = PowerCutProof(seedCount: LongSweep.isWanted ? 40 : 3)
    try proof.run()
    print("recovered \(proof.stateCount) states of power cuts")
    #expect(proof.stateCount > 1000)
    #expect(proof.violations.isEmpty, "\(proof.violations.prefix(10).joined(separator: "\n"))")
  }
}
