import DirectoryStore
import Foundation
import JSON
import StoreProof
import TestSupport
import Testing

@Suite(.blocking) struct `A process killed before and after each system call` {
  @Test(.timeLimit(.minutes(20)), arguments: Scenario.allCases)
  func `leaves a store that two others open at once (I1–I10)`(_ scenario: Scenario) throws {
    let count = try scenario.callCount()
    #expect(count > 10)
    var points = 0
    for number in 0..<count {
      for moment in ["before", "after"] {
        let point = "\(scenario) \(moment) call \(number) of \(count)"
        let (fixture, required) = try scenario.prepared()
        let outcome = try Victim([
          fixture.directory.path, scenario.rawValue, String(number), moment,
        ]).wait()
        // A call that fails, such as opening a missing file, has no moment after it; the process is
        // then killed at a later call. Work that is due by the clock may take a call more or less, so
        // that only the last few points may be missed.
        if !outcome.isKilled, moment == "before", number < count - 3 {
          Issue.record("\(point): not killed")
        }
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

  @Test(.timeLimit(.minutes(20)))
  func `does not hold up the others while it holds the lock (I6)`() throws {
    let (fixture, _) = try Scenario.commit.prepared()
    let last = try Scenario.commit.callCount() - 1
    _ = try Victim([fixture.directory.path, "commit", String(last / 2), "before"]).wait()
    let start = ContinuousClock.now
    try fixture.open().commit("c")
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}
