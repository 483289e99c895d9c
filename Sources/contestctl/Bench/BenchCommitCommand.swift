import ArgumentParser
import ContestAPI
import DurableStore
import FoundationEssentials
import JSON

/// Measures how many entries several processes and threads commit per second.
struct BenchCommitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit",
    abstract: "Commits small entries as fast as possible, and reports the rate and the latencies.",
    discussion: "The entries stay in the data directory: do not use that of a real contest.")

  @Option(help: "The data directory; created if it is missing.") var dataDir: String
  @Option(help: "How many processes commit.") var processes = 1
  @Option(help: "How many threads each process has.") var threads = 1
  @Option(help: "How long they commit, in seconds.") var seconds = 5.0
  @Option(help: "How many entries the store is filled to before the measurement.") var prefill = 0
  @Option(
    help: "How much longer each fsync takes, in microseconds, to imitate a disk without a cache.")
  var flushDelay = 0
  @Flag(help: "Commit judges' scorecards instead of entries, into a directory without any.")
  var scorecards = false
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard !scorecards || prefill > 0 else {
      throw ValidationError("Scorecards need entries: for example --prefill 1000")
    }
    guard (1...256).contains(processes), (1...256).contains(threads), prefill >= 0,
      (0...1_000_000).contains(flushDelay),
      seconds > 0, seconds <= 3600
    else {
      throw ValidationError(
        "1 to 256 processes and threads, up to 3600 seconds; for example --processes 2 --threads 16"
      )
    }
  }

  func run() throws {
    let benchmark = try Benchmark(dataDirectory: dataDir, flushDelayMicroseconds: flushDelay)
    try benchmark.fill(to: prefill)
    if scorecards { try BenchJury.make(in: benchmark.store, judges: processes * threads) }
    // The writers open the store and read its state before the clock starts.
    let start = Benchmark.monotonicNanoseconds() + 300_000_000 + processes * 20_000_000
    let writers = try (0..<processes).map { index in
      try BenchProcess(
        Settings.executablePath,
        [
          "bench", "writer", "--data-dir", dataDir, "--threads", String(threads),
          "--start", String(start), "--nanoseconds", String(Int(seconds * 1e9)),
          "--flush-delay", String(flushDelay),
        ] + (scorecards ? ["--first-judge", String(index * threads)] : []))
    }
    var latencies = LatencyHistogram()
    for writer in writers {
      let output = try writer.output()
      guard let part = LatencyHistogram(text: output) else {
        throw ValidationError("A writer failed; its error is printed above.")
      }
      latencies.add(part)
    }
    report(latencies)
  }

  private func report(_ latencies: LatencyHistogram) {
    let rows: [(String, Double)] = [
      ("commitsPerSecond", Double(latencies.count) / seconds),
      ("p50Ms", latencies.milliseconds(quantile: 0.5)),
      ("p99Ms", latencies.milliseconds(quantile: 0.99)),
      ("maxMs", latencies.maxMilliseconds),
    ]
    Benchmark.report(rows, asJSON: json)
  }
}

/// One writing process of the measurement; `commit` starts it.
struct BenchWriterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "writer", shouldDisplay: false)

  @Option var dataDir: String
  @Option var threads: Int
  @Option var start: Int
  @Option var nanoseconds: Int
  @Option var flushDelay: Int
  @Option var firstJudge: Int?

  func run() throws {
    let benchmark = try Benchmark(dataDirectory: dataDir, flushDelayMicroseconds: flushDelay)
    let latencies = try benchmark.commit(
      threads: threads, firstJudge: firstJudge, from: start, to: start + nanoseconds)
    print(latencies.text)
  }
}
