import DirectoryStore
import Foundation
import StoreProof
import TestSupport

/// A process that performs one operation on a store.
struct Victim {
  private static let executable: String = {
    let runner =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = (runner as NSString).deletingLastPathComponent + "/store-victim"
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    // The tests run in a program of the toolchain; the path of their bundle is among its arguments.
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

  /// Returns a process that is not started yet.
  static func program(_ arguments: [String]) -> Program { Program(executable, arguments) }

  /// Waits until the process has ended.
  ///
  /// - Returns: Whether it was killed, and whether it reported success.
  func wait() -> (isKilled: Bool, isDone: Bool) {
    let output = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
    process.wait()
    return (
      process.signal == SIGKILL,
      String(decoding: output, as: UTF8.self) == "done\n"
    )
  }

  /// Whether a signal has stopped the process; see `proc(5)`, `/proc/PID/stat`.
  var isStopped: Bool {
    let path = "/proc/\(process.identifier)/stat"
    let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return status.split(separator: ")").last?.hasPrefix(" T") ?? false
  }

  /// Kills the process, stopped or not.
  func end() {
    process.send(SIGKILL)
    process.wait()
  }
}
