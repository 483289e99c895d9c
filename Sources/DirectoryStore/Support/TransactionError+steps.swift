package import DurableStore
import Files
package import SystemPackage

/// The steps of this store's protocol.
extension TransactionError.Step {
  static let prepareDirectory = Self(rawValue: "prepare directory")
  static let lock = Self(rawValue: "lock")
  static let logPending = Self(rawValue: "log pending entry")
  static let collect = Self(rawValue: "collect pending entries")
  static let read = Self(rawValue: "read data file")
  static let writeTemporary = Self(rawValue: "write temporary file")
  static let verifyTemporary = Self(rawValue: "verify temporary file")
  static let logCompleted = Self(rawValue: "log completed entry")
  static let replace = Self(rawValue: "replace data file")
  static let verifyDataFile = Self(rawValue: "verify data file")
  static let synchronize = Self(rawValue: "synchronize")
  static let recover = Self(rawValue: "recover")
}

extension TransactionError.Cause {
  /// A system call failed; see `errno(3)`.
  package static func system(_ errno: Errno) -> Self {
    let kind: SystemFailure.Kind =
      switch errno {
      case .noSpace, .diskQuotaExceeded: .full
      case .readOnlyFileSystem: .readOnly
      case .noSuchFileOrDirectory: .missing
      default: .passing
      }
    return .system(SystemFailure(kind, reason: "\(errno)"))
  }
}

/// Runs a step of system calls; if one fails, throws an error that names the step.
func attempting<Result>(
  _ step: TransactionError.Step, on path: String, _ body: () throws(Errno) -> Result
) throws(TransactionError) -> Result {
  do throws(Errno) {
    return try body()
  } catch {
    throw TransactionError(step: step, object: path, cause: .system(error))
  }
}

/// Runs a step with a file of its own; if it fails, throws an error that names the step.
func attempting<Result>(
  _ step: TransactionError.Step, _ body: () throws(FileError) -> Result
) throws(TransactionError) -> Result {
  do throws(FileError) {
    return try body()
  } catch {
    throw TransactionError(
      step: error.attempt == .keep ? .synchronize : step, object: error.path,
      cause: .system(error.reason))
  }
}
