import Files
import StoreProof

@testable import DirectoryStore

/// An invariant that is broken on purpose.
enum Fault: String, CaseIterable, Sendable {
  // Calls that are only pretended.
  case noLogSynchronization, noDirectorySynchronization, noLock, noEntryLock, noLease, noQuarantine
  case noBackup
  // Steps that are done wrong.
  case acknowledgeEarly, applyTwice, keepSegment, repeatSynchronization, replaceEarly, restoreBackup

  /// What it breaks, and how.
  var text: String {
    switch self {
    case .noLogSynchronization: "I2: the log is not synchronized"
    case .noDirectorySynchronization: "I2: no directory is synchronized"
    case .noLock: "I6: nobody takes the lock"
    case .noEntryLock: "a withdrawing writer does not look whether a leader holds the entry"
    case .noLease: "I8: an inode is used again though somebody has it open"
    case .noQuarantine: "I8: what is damaged is not kept"
    case .noBackup: "I5: the former state does not become a backup"
    case .acknowledgeEarly: "I2: the caller is told before the log is written"
    case .applyTwice: "I3: the identifier is not looked up in the log"
    case .keepSegment: "I9: lines of a dead leader count without being copied"
    case .repeatSynchronization: "I9: a failed fsync is repeated"
    case .replaceEarly: "I2: the data file is replaced before the log is written"
    case .restoreBackup: "I10: an older backup is put over a good data file"
    }
  }

  var mutation: Mutation? { Mutation(rawValue: rawValue) }

  /// Pretends the calls that are left out.
  var intercept: SystemCalls.Intercept? {
    func pretending(_ isLeftOut: @escaping @Sendable (SystemCall) -> Bool) -> SystemCalls.Intercept
    {
      { call, moment in moment == .before && isLeftOut(call) ? .pretend : .proceed }
    }
    return switch self {
    case .noLogSynchronization:
      pretending { $0.name == .synchronize && $0.path.contains("/completed-") }
    case .noDirectorySynchronization:
      pretending { $0.name == .synchronize && !$0.path.contains(".json") }
    case .noLock: pretending { $0.name == .lock && $0.path.hasSuffix("/.lock") }
    case .noEntryLock: pretending { $0.name == .lock && $0.path.contains("/wal-") }
    case .noLease: pretending { $0.name == .takeLease }
    case .noQuarantine: pretending { $0.path.contains("/quarantine/") }
    case .noBackup: pretending { $0.name == .rename && $0.path.contains("/backups/") }
    default: nil
    }
  }

  /// A store that is broken like this.
  func open(_ fixture: Fixture, lockLimit: Duration = .seconds(10)) throws -> DirectoryStore<Ledger>
  {
    var options = StoreOptions(system: SystemCalls(intercept: intercept), lockLimit: lockLimit)
    #if DEBUG
    options.mutation = mutation
    #endif
    return try DirectoryStore(fixture.directory, options: options)
  }
}
