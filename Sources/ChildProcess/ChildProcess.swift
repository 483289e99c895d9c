import Glibc
import SystemPackage

/// Another program, run to completion under limits and outside our address space.
///
/// `sh` and `timeout` set the limits (POSIX.1-2024, `ulimit` and `timeout`); the program's output goes
/// to an unlinked file.
public struct ChildProcess: Sendable {
  /// The limits of one run.
  public struct Limits: Sendable {
    /// How long it may take, in seconds.
    public var seconds: Int
    /// How much address space it may have, in bytes.
    public var memoryBytes: Int
    /// How much it may write, in bytes; rounded up to 512.
    public var outputBytes: Int

    /// Names the limits.
    public init(seconds: Int, memoryBytes: Int = 1 << 30, outputBytes: Int) {
      self.seconds = seconds
      self.memoryBytes = memoryBytes
      self.outputBytes = outputBytes
    }
  }

  /// The program's standard input.
  public enum Input: Sendable {
    /// A file, by its path.
    case file(String)
    /// Bytes in memory.
    case bytes([UInt8])
  }

  /// The program's path.
  public let path: String

  /// Looks for a program in `PATH`; `nil` when it is not installed.
  ///
  /// - Parameter program: Its name.
  public init?(_ program: String) {
    let folders = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
    let paths = folders.split(separator: ":").map { "\($0)/\(program)" }
    guard let path = paths.first(where: { unsafe access($0, X_OK) == 0 }) else { return nil }
    self.path = path
  }

  /// Runs the program to completion; blocks until then.
  ///
  /// - Parameters:
  ///   - arguments: Without the program's name. Every user of the machine can see them.
  ///   - input: Its standard input.
  ///   - environment: Its whole environment except `PATH`, which it inherits.
  ///   - limits: What it may use.
  /// - Returns: What it wrote to its standard output.
  /// - Throws: `ChildProcessError`; the program has then ended.
  public func run(
    _ arguments: [String], input: Input, environment: [String: String] = [:], limits: Limits
  ) throws(ChildProcessError) -> [UInt8] {
    let output: ScratchFile
    let errors: ScratchFile
    let status: Int32
    do throws(Errno) {
      output = try ScratchFile()
      errors = try ScratchFile()
      status = try run(
        limited(arguments, limits), input: try open(input), output: output, errors: errors,
        environment: environment)
    } catch {
      throw .system(path, error)
    }
    guard status == 0 else {
      throw .failed(path, status: status, said: errors.text(maxBytes: 300))
    }
    return output.bytes
  }

  /// The command that sets the limits and then becomes the program.
  private func limited(_ arguments: [String], _ limits: Limits) -> [String] {
    let script = """
      ulimit -c 0 && ulimit -v \(limits.memoryBytes / 1024) \
      && ulimit -f \((limits.outputBytes + 511) / 512) \
      && exec timeout -s KILL \(limits.seconds) "$0" "$@"
      """
    return ["/bin/sh", "-c", script, path] + arguments
  }

  private func open(_ input: Input) throws(Errno) -> ScratchFile {
    switch input {
    case .file(let path): try ScratchFile(opening: path)
    case .bytes(let bytes): try ScratchFile(holding: bytes)
    }
  }

  /// Starts the command and waits for it; see `posix_spawn(3)`.
  private func run(
    _ words: [String], input: ScratchFile, output: ScratchFile, errors: ScratchFile,
    environment: [String: String]
  ) throws(Errno) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (place, file) in [input, output, errors].enumerated() {
      unsafe posix_spawn_file_actions_adddup2(&actions, file.descriptor, Int32(place))
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    Self.resetSignals(&attributes)
    let values = environment.map { "\($0)=\($1)" }
    let search = unsafe getenv("PATH").map { unsafe ["PATH=" + String(cString: $0)] } ?? []
    var child = pid_t()
    let failure = unsafe withPointers(to: words) { words in
      unsafe withPointers(to: values + search) { values in
        unsafe posix_spawn(&child, "/bin/sh", &actions, &attributes, words, values)
      }
    }
    guard failure == 0 else { throw Errno(rawValue: failure) }
    return try Self.wait(for: child)
  }

  /// Unblocks all signals and resets them to their defaults; the program would inherit ours.
  private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
    var (none, all) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
  }

  /// Returns the exit status, or 128 plus the signal's number as a shell does; see `waitpid(2)`.
  private static func wait(for child: pid_t) throws(Errno) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw Errno(rawValue: errno) }
    }
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }
}

/// Calls a function with a null-terminated array of strings, as `execve(2)` takes them.
private func withPointers<Result>(
  to strings: [String],
  _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
  defer {
    for index in unsafe pointers.indices { unsafe free(pointers[index]) }
  }
  return unsafe body(&pointers)
}
