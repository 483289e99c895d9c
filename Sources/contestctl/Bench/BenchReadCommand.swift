import ArgumentParser
import ContestAPI
import DirectoryStore
import DurableStore
import FoundationEssentials

/// Measures opening a store, following another process's commits, and the memory of a process.
struct BenchReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Measures opening a store, catching up with another process, and memory.")

  @Option(help: "The data directory; created if it is missing.") var dataDir: String
  @Option(help: "How many entries the store is filled to before the measurement.") var prefill = 0
  @Option(help: "How many times each figure is measured; the median is reported.") var rounds = 51
  @Flag(help: "Print JSON.") var json = false
  /// The part of another process: it reads the store and prints its resident memory in bytes.
  @Flag(help: .hidden) var resident = false

  func run() throws {
    if resident {
      let reader = try Benchmark(dataDirectory: dataDir)
      _ = try reader.store.read()
      return print(try Benchmark.residentBytes())
    }
    let writer = try Benchmark(dataDirectory: dataDir)
    try writer.fill(to: prefill)
    writer.store.checkpoint()
    let reader = try Benchmark(dataDirectory: dataDir)
    _ = try reader.store.read()
    let residentBytes = try residentBytesOfAnother()
    let opening = try median { try Benchmark(dataDirectory: dataDir).store.read() }
    let following = try median(before: writer.commitOne) { try reader.store.read() }
    let unchanged = try median { try reader.store.read() }
    Benchmark.report(
      [
        ("openMs", opening), ("followMs", following), ("unchangedMs", unchanged),
        ("residentMB", Double(residentBytes) / 1e6),
      ], asJSON: json)
  }

  private func residentBytesOfAnother() throws -> Int {
    let process = try BenchProcess(
      Settings.executablePath, ["bench", "read", "--data-dir", dataDir, "--resident"])
    return Int(try process.output().split(separator: "\n").first ?? "") ?? 0
  }

  /// The median time of a body in milliseconds.
  private func median<Result>(
    before: () throws -> Void = {}, _ body: () throws -> Result
  ) throws -> Double {
    var times: [Int] = []
    for _ in 0..<max(1, rounds) {
      try before()
      let start = Benchmark.monotonicNanoseconds()
      _ = try body()
      times.append(Benchmark.monotonicNanoseconds() - start)
    }
    return Double(times.sorted()[times.count / 2]) / 1e6
  }
}
