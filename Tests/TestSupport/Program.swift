public import Foundation
import Synchronization

/// A program in a process of its own, without a run loop: Foundation's `Process` sometimes waits for ever
/// when many threads start programs.
///
/// The program inherits only what is named here, and no signal is blocked in it; see `posix_spawn(3)`.
public final class Program: Sendable {
  private let state = Mutex(State())

  private struct State {
    var executable = ""
    var arguments: [String] = []
    var environment = ProcessInfo.processInfo.environment
    var streams: [Int32: FileHandle] = [:]
    var identifier: pid_t = 0
    /// The status as `wait(2)` returns it; `nil` until the program has ended.
    var status: Int32?

    mutating func reap() {
      var found: Int32 = 0
      guard identifier != 0, status == nil, waitpid(identifier, &found, WNOHANG) == identifier
      else {
        return
      }
      status = found
    }
  }

  /// Prepares a program; `start` starts it.
  ///
  /// - Parameters:
  ///   - executable: The program's path.
  ///   - arguments: The arguments, without the program's name.
  ///   - environment: The whole environment; this process's environment by default.
  public init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil
  ) {
    state.withLock { state in
      (state.executable, state.arguments) = (executable, arguments)
      if let environment { state.environment = environment }
    }
  }

  /// Makes a file the program's standard input (0), output (1) or error output (2); call it before `start`.
  ///
  /// `start` closes the file in this process. Without an input, the program reads nothing.
  public func connect(_ stream: Int32, to file: FileHandle?) {
    state.withLock { $0.streams[stream] = file }
  }

  /// Starts the program.
  ///
  /// - Throws: `POSIXError` with the system's reason.
  public func start() throws {
    try state.withLock { state in
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
      posix_spawn_file_actions_init(&actions)
      posix_spawnattr_init(&attributes)
      defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
      }
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      for (stream, file) in state.streams {
        posix_spawn_file_actions_adddup2(&actions, file.fileDescriptor, stream)
      }
      addCloseFrom(&actions, 3)
      var none = sigset_t()
      sigemptyset(&none)
      posix_spawnattr_setsigmask(&attributes, &none)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
      let words = ([state.executable] + state.arguments).map { strdup($0) } + [nil]
      let variables = state.environment.map { strdup("\($0)=\($1)") } + [nil]
      defer { for text in words + variables { free(text) } }
      var error: Int32
      var patience = 200
      repeat {
        error = posix_spawn(
          &state.identifier, state.executable, &actions, &attributes, words, variables)
        patience -= 1
        // A program file that was just written may still be open in a child that another thread is starting.
      } while error == ETXTBSY && patience > 0 && usleep(10_000) == 0
      guard error == 0 else {
        throw POSIXError(POSIXErrorCode(rawValue: error) ?? .ENOENT)
      }
      // Only the child keeps its ends of the pipes, so that a reader sees the end of file.
      for file in state.streams.values { try? file.close() }
      state.streams = [:]
    }
  }

  /// Waits until it has ended.
  public func wait() {
    let identifier = self.identifier
    guard identifier != 0 else { return }
    var information = siginfo_t()
    // WNOWAIT leaves the status for `reap`, because two threads may wait.
    while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
    state.withLock { $0.reap() }
  }

  /// The process's identifier; 0 before the start.
  public var identifier: pid_t { state.withLock { $0.identifier } }

  /// Whether it was started and has not ended.
  public var isRunning: Bool {
    state.withLock { state in
      state.reap()
      return state.identifier != 0 && state.status == nil
    }
  }

  /// Its exit status, or the number of the signal that ended it; see `wait(2)`.
  public var status: Int32 {
    let status = state.withLock(\.status) ?? 0
    return signal ?? (status >> 8 & 0xFF)
  }

  /// The signal that ended it; `nil` when it ended by itself.
  public var signal: Int32? {
    let number = (state.withLock(\.status) ?? 0) & 0x7F
    return number == 0 ? nil : number
  }

  /// Sends the program a signal, if it is running.
  public func send(_ signal: Int32) {
    if isRunning { kill(identifier, signal) }
  }
}

/// Closes every descriptor from `first` on, including those that another thread is opening.
///
/// glibc has had it since 2.34, behind a feature macro that Swift does not set.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
@discardableResult
private func addCloseFrom(
  _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32
) -> Int32

/// Runs a program to its end, with nothing but the given environment.
public func run(
  _ path: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []
) throws -> (status: Int32, output: [UInt8], errors: String) {
  let program = Program(path, arguments, environment: environment)
  let home = try TemporaryDirectory()
  try write(input, to: home.file("input"))
  for name in ["output", "errors"] { try write([], to: home.file(name)) }
  program.connect(0, to: FileHandle(forReadingAtPath: home.file("input")))
  program.connect(1, to: FileHandle(forWritingAtPath: home.file("output")))
  program.connect(2, to: FileHandle(forWritingAtPath: home.file("errors")))
  try program.start()
  program.wait()
  return (
    program.status, try contents(of: home.file("output")),
    String(decoding: try contents(of: home.file("errors")), as: UTF8.self)
  )
}
