import DirectoryStore
import Files
import StoreProof

/// A way to break an invariant: some system calls only report success, as on a file system that lies.
enum Fault: String, CaseIterable, Sendable {
  case noLogSynchronization, noDirectorySynchronization, noLock, noEntryLock, noLease, noQuarantine
  case noBackup

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
    }
  }

  /// Lets the omitted calls only pretend to succeed.
  var intercept: SystemCalls.Intercept {
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
    }
  }

  /// Opens a store that is broken in this way.
  func open(_ fixture: Fixture, lockLimit: Duration = .seconds(10)) throws -> DirectoryStore<Ledger>
  {
    try fixture.open(intercept, lockLimit: lockLimit)
  }
}
