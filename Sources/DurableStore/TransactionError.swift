public import SystemPackage

/// Why a transaction was not confirmed: what was attempted, on what, and why it failed.
public struct TransactionError: Error, Equatable, CustomStringConvertible {
  /// A step of the protocol; the raw value is how a log line names it.
  public enum Step: String, Sendable {
    case prepareDirectory = "prepare directory"
    case lock
    case logPending = "log pending entry"
    case collect = "collect pending entries"
    case read = "read data file"
    case writeTemporary = "write temporary file"
    case verifyTemporary = "verify temporary file"
    case logCompleted = "log completed entry"
    case replace = "replace data file"
    case verifyDataFile = "verify data file"
    case synchronize
    case recover
    case apply
  }

  /// The reason.
  public enum Cause: Error, Sendable, Equatable {
    /// The operating system said so.
    case system(Errno)
    /// Nobody gave the lock within the limit.
    case contention
    /// The state refused the transaction by its own rules.
    case rejected(Rejection)
    /// What was read is not what was written or expected.
    case damaged(String)
    /// There is evidence of data, but nothing to rebuild it from.
    case unrecoverable(String)
  }

  /// What is known about the transaction afterwards.
  public enum Outcome: Sendable {
    /// It is not there and will not be.
    case notCommitted
    /// It may be there, now or after recovery; the receipt tells.
    case unknown
  }

  /// What was attempted.
  public let step: Step
  /// On which file or directory.
  public let path: String
  /// Why it failed.
  public let cause: Cause
  /// What is true afterwards.
  public internal(set) var outcome = Outcome.notCommitted

  /// The step, the object and the system's words, such as
  /// `replace data file /d/data.json: No space left on device`.
  public var description: String {
    switch cause {
    case .system(let errno): "\(step.rawValue) \(path): \(errno)"
    case .contention: "\(step.rawValue) \(path): not obtained in time"
    case .rejected(let rejection): "\(step.rawValue): \(rejection.reason)"
    case .damaged(let reason), .unrecoverable(let reason): "\(step.rawValue) \(path): \(reason)"
    }
  }

  /// Whether there is no room for it: ENOSPC or EDQUOT.
  public var isOfFullDisk: Bool {
    if case .system(let errno) = cause {
      [.noSpace, .diskQuotaExceeded].contains(errno)
    } else {
      false
    }
  }

  /// Whether trying again soon may help: not for a full or read-only disk (ENOSPC, EDQUOT, EROFS).
  var isTransient: Bool {
    switch cause {
    case .system(let errno): ![.noSpace, .diskQuotaExceeded, .readOnlyFileSystem].contains(errno)
    case .damaged: true
    case .contention, .rejected, .unrecoverable: false
    }
  }

  var withUnknownOutcome: TransactionError {
    var error = self
    error.outcome = .unknown
    return error
  }
}

/// A transaction that the state refuses by its own rules.
public struct Rejection: Error, Sendable, Equatable {
  /// A word for programs, such as `unknown_category`.
  public let code: String
  /// A sentence for people.
  public let reason: String

  /// Makes a rejection.
  public init(code: String, reason: String) {
    self.code = code
    self.reason = reason
  }
}

/// Runs a step of system calls and says which it was when one fails.
func attempting<Result>(
  _ step: TransactionError.Step, on path: String, _ body: () throws(Errno) -> Result
) throws(TransactionError) -> Result {
  do throws(Errno) {
    return try body()
  } catch {
    throw TransactionError(step: step, path: path, cause: .system(error))
  }
}
