public import SystemPackage

/// Why a program could not be run, or failed.
public enum ChildProcessError: Error, Equatable, CustomStringConvertible {
  /// It could not be started or waited for.
  case system(String, Errno)
  /// Its exit status was not 0. A signal counts as 128 plus its number: 137 (SIGKILL) means the time
  /// limit, 153 (SIGXFSZ) the output limit.
  case failed(String, status: Int32, said: String)

  /// Whether it was killed because it took too long.
  public var isTimeout: Bool {
    if case .failed(_, status: 137, _) = self { return true }
    return false
  }

  /// Whether it did not even start: the machine lacked the resources.
  public var couldNotStart: Bool {
    if case .system = self { return true }
    return false
  }

  /// What was attempted, on what, and why it failed.
  public var description: String {
    switch self {
    case .system(let program, let errno): "run \(program): \(errno)"
    case .failed(let program, let status, let said):
      "run \(program): exit status \(status)\(said.isEmpty ? "" : ", " + said)"
    }
  }
}
