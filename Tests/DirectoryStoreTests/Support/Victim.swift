import DirectoryStore
import Foundation
import StoreProof
import TestSupport

/// A process that does one thing to a store.
struct Victim {
  private static let executable: String = {
    let runner =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = (runner as NSString).deletingLastPathComponent + "/store-victim"
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    // The tests run in a program of the toolchain: what they are built into is among its arguments.
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
    return String(
      bundle[..<(bundle.range(of: "/", options: .backwards)?.lowerBound ?? bundle.endIndex)])
      + "/store-victim"
  }()

  private let process: Program
  private let pipe = Pipe()

  /// Starts it.
  init(_ arguments: [String]) throws {
    process = Self.program(arguments)
    process.connect(1, to: pipe.fileHandleForWriting)
    try process.start()
  }

  /// One that is not started yet.
  static func program(_ arguments: [String]) -> Program { Program(executable, arguments) }

  /// Waits for its end.
  ///
  /// - Returns: Whether it was killed, and whether it said that it succeeded.
  func wait() -> (isKilled: Bool, isDone: Bool) {
    let output = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
    process.wait()
    return (
      process.signal == SIGKILL,
      String(decoding: output, as: UTF8.self) == "done\n"
    )
  }

  /// Whether it is stopped by a signal; see `proc(5)`, `/proc/PID/stat`.
  var isStopped: Bool {
    let path = "/proc/\(process.identifier)/stat"
    let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return status.split(separator: ")").last?.hasPrefix(" T") ?? false
  }

  /// Ends it, stopped or not.
  func end() {
    process.send(SIGKILL)
    process.wait()
  }
}
