public import DirectoryStore
import DurableStore
public import Files
import Glibc
import Threads

/// Commits and reads in several threads, and records when each operation began and ended, and its result.
///
/// Lines of the file: `<thread> begin <ns> commit <key>`, `<thread> begin <ns> read`,
/// `<thread> end <ns> committed`, `<thread> end <ns> failed <outcome>`,
/// `<thread> end <ns> read <count>`. The nanoseconds are those of the monotonic clock, which all
/// processes share.
public struct HistoryWriter: Sendable {
  private let directory: DataDirectory
  private let system: SystemCalls
  private let file: Int32
  private let seed: UInt64

  /// Begins a history.
  ///
  /// - Parameters:
  ///   - directory: The store's directory.
  ///   - path: The file that lines are appended to.
  ///   - seed: Bounds how far the clock steps back.
  ///   - system: The system calls.
  public init(_ directory: DataDirectory, path: String, seed: UInt64, _ system: SystemCalls) {
    self.directory = directory
    self.system = system
    self.seed = seed
    file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o640)
  }

  /// Commits and reads for a time.
  ///
  /// - Throws: What the store throws when it is opened.
  public func run(threads: Int, milliseconds: Int) throws {
    let machine = Surroundings.machine
    let name = "\(getpid())"
    let seed = seed
    // A clock that steps back by up to a minute, differently in each process.
    let surroundings = Surroundings(
      nowMilliseconds: {
        machine.nowMilliseconds() - Int(machine.randomBits() % (seed * 97 % 60_000 + 1))
      },
      randomBits: machine.randomBits)
    var options = StoreOptions(system: system, surroundings: surroundings)
    options.lockLimit = .milliseconds(300)
    let store = try DirectoryStore<Ledger>(directory, options: options)
    let end = Self.now() + milliseconds * 1_000_000
    inThreads(threads) { (thread: Int) in
      var count = 0
      while Self.now() < end {
        let actor = "\(name)-\(thread)"
        count += 1
        if count % 3 == 0 {
          read(store, actor)
        } else {
          commit("\(actor)-\(count)", store, actor)
        }
      }
    }
  }

  private func commit(_ key: String, _ store: DirectoryStore<Ledger>, _ actor: String) {
    append("\(actor) begin \(Self.now()) commit \(key)")
    do throws(TransactionError) {
      _ = try store.commit(.row(key))
      append("\(actor) end \(Self.now()) committed")
    } catch {
      append("\(actor) end \(Self.now()) failed \(error.outcome)")
    }
  }

  private func read(_ store: DirectoryStore<Ledger>, _ actor: String) {
    append("\(actor) begin \(Self.now()) read")
    do throws(TransactionError) {
      let count = try store.read().state.rows.count
      append("\(actor) end \(Self.now()) read \(count)")
    } catch {
      append("\(actor) end \(Self.now()) failed unread")
    }
  }

  private func append(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    // One write to a file opened for appending is atomic; see open(2), O_APPEND.
    _ = write(file, bytes, bytes.count)
  }

  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
