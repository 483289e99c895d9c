import DirectoryStore
import DurableStore
import Foundation
import JSON
import StoreProof
import TestSupport

extension Fixture {
  /// Checks whether a store at rest upholds I1, I3, I4 and I5 and has the expected keys.
  ///
  /// - Parameters:
  ///   - required: Keys that must be there.
  ///   - allowed: Further keys that may be there.
  ///   - logStart: The log has to begin with this line or an earlier one.
  /// - Returns: One sentence for each violation.
  func violations(
    required: [String], allowed: [String] = [], logStart: Int = 1
  ) -> [String] {
    do {
      return try findViolations(Set(required), Set(allowed), logStart)
    } catch {
      return ["cannot be checked: \(error)"]
    }
  }

  private func findViolations(
    _ required: Set<String>, _ allowed: Set<String>, _ logStart: Int
  ) throws -> [String] {
    let snapshot = try open().read()
    let keys = snapshot.state.keys
    var found: [String] = []
    let missing = required.subtracting(keys)
    if !missing.isEmpty { found.append("lost: \(missing.sorted())") }
    let foreign = Set(keys).subtracting(required).subtracting(allowed)
    if !foreign.isEmpty { found.append("there without reason: \(foreign.sorted())") }
    if Set(keys).count != keys.count { found.append("twice (I3): \(keys)") }
    if try !pending.isEmpty { found.append("pending: \(try pending)") }
    if try !names(".temp").isEmpty { found.append("temporary: \(try names(".temp"))") }
    found += try violationsOfFiles(snapshot)
    found += try violationsOfLog(snapshot, logStart)
    return found
  }

  private func violationsOfFiles(_ snapshot: Snapshot<Ledger>) throws -> [String] {
    var found: [String] = []
    let automatic = try names("backups").filter { BackupName($0)?.isAutomatic == true }
    if automatic.count > StoreLimits.automaticBackups { found.append("\(automatic.count) backups") }
    let text = try contents(of: path("data.json"))
    guard case .intact(let version) = DataFile.reading(text) as DataFile.Reading<Ledger>,
      version.state == snapshot.state
    else { return found + ["data.json is not intact (I1)"] }
    let lines = try log
    for path in try names("backups").map({ path("backups/" + $0) })
      + [path(".wal/checkpoint.json")]
    where FileManager.default.fileExists(atPath: path) {
      let reading = DataFile.reading(try contents(of: path)) as DataFile.Reading<Ledger>
      // A file that somebody edited is kept as it was.
      if case .edited = reading { continue }
      guard case .intact(var backup) = reading else {
        found.append("\(path) is not intact")
        continue
      }
      backup.replay(lines.filter { $0.sequence > backup.generation }) { _ in }
      if backup.state != snapshot.state || backup.generation != snapshot.generation {
        found.append("\(path) and the log do not give data.json (I5)")
      }
    }
    if let rows = try? contents(of: path("public/rows.json")),
      rows != snapshot.state.publicFile("rows.json")
    {
      found.append("public/rows.json is not data.json's")
    }
    return found
  }

  private func violationsOfLog(
    _ snapshot: Snapshot<Ledger>, _ logStart: Int
  ) throws -> [String] {
    let lines = try log
    var found: [String] = []
    let sequences = lines.map(\.sequence)
    let first = sequences.first ?? snapshot.generation + 1
    // A line that carries the whole state needs none before it.
    let hasGap = zip(lines, lines.dropFirst()).contains { line, next in
      next.sequence != line.sequence + 1 && !next.transaction.isReplacement
    }
    if first > logStart || hasGap { found.append("the log has gaps (I4): \(sequences)") }
    if let last = sequences.last, last != snapshot.generation {
      found.append("the log ends at \(last), data.json at \(snapshot.generation)")
    }
    let identifiers = lines.map(\.transaction.id)
    if Set(identifiers).count != identifiers.count { found.append("twice in the log (I3)") }
    return found
  }
}
