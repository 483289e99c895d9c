import Contest
import ContestAPI
import DirectoryStore
import DurableStore
import Files
import FoundationEssentials
import Glibc
import JSON
import Synchronization
import SystemPackage
import Threads

/// A store of a contest that is filled with small entries.
struct Benchmark {
  let store: DirectoryStore<Contest>
  private let surroundings = Surroundings.machine

  /// Opens the store; each `fsync(2)` takes longer by the given delay.
  init(dataDirectory: String, flushDelayMicroseconds: Int = 0) throws {
    let delay = UInt32(flushDelayMicroseconds)
    let intercept: SystemCalls.Intercept = { call, moment in
      if call.name == .synchronize, moment == .after { usleep(delay) }
      return .proceed
    }
    store = try DirectoryStore(
      DataDirectory(dataDirectory),
      options: StoreOptions(system: SystemCalls(intercept: delay > 0 ? intercept : nil)) { event in
        // Nothing should fail during a measurement.
        if case .failed(let what) = event { Self.complain(what) }
      })
  }

  /// Fills the store until it has `count` entries.
  func fill(to count: Int) throws {
    let present = try store.read().state.allEntries.reduce(0) { $0 + $1.entries.count }
    guard present < count else { return }
    let remaining = Mutex(count - present)
    inThreads(64) { _ in
      while remaining.withLock({ rest in
        rest -= 1
        return rest >= 0
      }) {
        do { try commitOne() } catch { Self.complain("\(error)") }
      }
    }
  }

  /// Commits on several threads, from one moment of the monotonic clock to another.
  ///
  /// - Parameters:
  ///   - threads: How many threads.
  ///   - firstJudge: The judge whose cards the first thread commits; `nil` to commit entries.
  ///   - start: When they begin, in nanoseconds.
  ///   - end: When they end.
  /// - Returns: How long each commit took.
  /// - Throws: `TransactionError` when the store cannot be read.
  func commit(
    threads: Int, firstJudge: Int?, from start: Int, to end: Int
  ) throws -> LatencyHistogram {
    let jury = try BenchJury(store)
    let latencies = Mutex(LatencyHistogram())
    inThreads(threads) { thread in
      var own = LatencyHistogram()
      while Self.monotonicNanoseconds() < start { usleep(200) }
      var before = Self.monotonicNanoseconds()
      var turn = 0
      while before < end {
        do {
          if let firstJudge {
            try jury.commitOne(judge: firstJudge + thread, turn: turn)
          } else {
            try commitOne()
          }
        } catch {
          Self.complain("\(error)")
        }
        turn += 1
        let after = Self.monotonicNanoseconds()
        own.add(nanoseconds: after - before)
        before = after
      }
      latencies.withLock { $0.add(own) }
    }
    return latencies.withLock { $0 }
  }

  /// Commits an entry without text; with its identifiers it is as long as a short real one.
  func commitOne() throws {
    let now = surroundings.nowMilliseconds()
    let transactionID = "txn-" + surroundings.identifier()
    let submission = Entry.Submission(
      category: "sleeve", caption: "", name: "", phone: "",
      submissionID: "sub-" + surroundings.identifier())
    let entry = Entry(
      submission, id: surroundings.identifier(), transactionID: transactionID,
      createdAtMilliseconds: now, imageURL: nil, storageMethod: .none)
    let change = Change.submit(entry)
    _ = try store.commit(
      Transaction(
        id: transactionID, operation: change.operation(identifier: ""),
        timestampMilliseconds: now, data: change.data))
  }

  // MARK: The machine

  /// See `clock_gettime(2)`, CLOCK_MONOTONIC.
  static func monotonicNanoseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// The resident memory of this process, in bytes; see `proc(5)`, VmRSS.
  static func residentBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    let kilobytes = line?.split(separator: " ").compactMap { Int($0) }.first
    return (kilobytes ?? 0) * 1024
  }

  static func report(_ rows: [(name: String, value: Double)], asJSON: Bool) {
    if asJSON {
      let members = rows.map {
        JSONObject.Member(name: $0.name, value: .number(rounded($0.value)))
      }
      print(String(decoding: JSONValue.object(JSONObject(members)).serialized, as: UTF8.self))
    } else {
      for row in rows { print("\(row.name): \(rounded(row.value))") }
    }
  }

  /// A value to three decimal places.
  private static func rounded(_ value: Double) -> String {
    String((value * 1000).rounded() / 1000)
  }

  private static func complain(_ what: String) {
    // If this cannot be written, there is nowhere to report it.
    _ = try? FileDescriptor.standardError.writeAll("bench: \(what)\n".utf8)
  }
}
