public import SystemPackage

/// Why a program did not do what it was started for.
public enum ChildProcessError: Error, Equatable, CustomStringConvertible {
  /// It could not be started, or not be waited for.
  case system(String, Errno)
  /// Its exit status was not 0. A signal is 128 and its number: 137 is a limit of time, 153 one of
  /// output.
  case failed(String, status: Int32, said: String)

  /// Whether it was killed because it took too long.
  public var isTimeout: Bool {
    if case .failed(_, status: 137, _) = self { return true }
    return false
  }

  /// Whether it did not even begin: this machine had no room for it.
  public var isOfMachine: Bool {
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
