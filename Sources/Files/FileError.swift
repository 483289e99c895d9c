public import SystemPackage

/// A failed operation on a file: what was attempted, on which path, and the system's reason.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// What was attempted; the raw value is its name in messages.
  public enum Attempt: String, Sendable {
    case lock
    case read
    case write
    case keep
    case list
    case link
    case remove
    case makeFolder = "make folder"
  }

  /// What was attempted.
  public let attempt: Attempt
  /// The file or directory it was attempted on.
  public let path: String
  /// The system's reason; see `errno(3)`.
  public let reason: Errno

  /// Makes an error.
  public init(_ attempt: Attempt, path: String, _ reason: Errno) {
    self.attempt = attempt
    self.path = path
    self.reason = reason
  }

  /// The attempt, the path and the system's words, such as
  /// `write /d/.temp/tmp-1.json: No space left on device`.
  public var description: String { "\(attempt.rawValue) \(path): \(reason)" }

  /// Whether the disk or a quota is full: ENOSPC or EDQUOT.
  public var isOfFullDisk: Bool { reason.isOfFullDisk }
}

extension Errno {
  /// Whether a disk or a quota is full: ENOSPC or EDQUOT.
  public var isOfFullDisk: Bool { [.noSpace, .diskQuotaExceeded].contains(self) }

  /// Whether trying again soon may help: not for a full or read-only disk (ENOSPC, EDQUOT, EROFS).
  public var isTransient: Bool { !isOfFullDisk && self != .readOnlyFileSystem }
}

/// Runs system calls; if one fails, throws an error that says what was attempted on which path.
func attempting<Result>(
  _ attempt: FileError.Attempt, on path: String, _ body: () throws(Errno) -> Result
) throws(FileError) -> Result {
  do throws(Errno) {
    return try body()
  } catch {
    throw FileError(attempt, path: path, error)
  }
}
