public import Foundation

extension Process {
  /// Starts the program with no signal blocked: the threads of tests block them, and a program
  /// inherits that (see `pthread_sigmask(3)`).
  public func runWithSignals() throws {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}

/// Runs a program to its end, with nothing but the given environment.
public func run(
  _ path: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []
) throws -> (status: Int32, output: [UInt8], errors: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = arguments
  process.environment = environment
  let home = try TemporaryDirectory()
  try write(input, to: home.file("input"))
  for name in ["output", "errors"] { try write([], to: home.file(name)) }
  process.standardInput = FileHandle(forReadingAtPath: home.file("input"))
  process.standardOutput = FileHandle(forWritingAtPath: home.file("output"))
  process.standardError = FileHandle(forWritingAtPath: home.file("errors"))
  try process.runWithSignals()
  process.waitUntilExit()
  return (
    process.terminationStatus, try contents(of: home.file("output")),
    String(decoding: try contents(of: home.file("errors")), as: UTF8.self)
  )
}
