import DirectoryStore
import DurableStore
import Files
import Foundation
import StoreProof
import TestSupport
import Testing

/// A store in a fresh directory, with helpers for its tests.
final class Fixture: Sendable {
  let home: TemporaryDirectory
  let directory: DataDirectory
  let events = EventList()

  init() throws {
    home = try TemporaryDirectory.inMemory()
    directory = DataDirectory(home.file("data"))
  }

  /// Opens the store as another process would: nothing in memory is shared.
  func open(
    _ intercept: SystemCalls.Intercept? = nil, lockLimit: Duration = .seconds(10)
  ) throws -> DirectoryStore<Ledger> {
    try DirectoryStore(
      directory,
      options: StoreOptions(
        system: SystemCalls(intercept: intercept), lockLimit: lockLimit,
        report: { [events] event in events.append(event) }))
  }

  func path(_ name: String) -> String { directory.path + "/" + name }

  var log: [CompletedLine] {
    get throws {
      try CompletedLog(directory: directory, system: SystemCalls()).tail(after: 0).lines
    }
  }

  func names(_ folder: String) throws -> [String] { try TestSupport.names(in: path(folder)) }

  var pending: [String] { get throws { try names(".wal").filter { $0.hasPrefix("wal-") } } }

  /// Waits at most ten seconds for a pending entry and returns its name.
  func firstPending() -> String? {
    for _ in 0..<10_000 {
      if let name = try? pending.first { return name }
      usleep(1000)
    }
    return nil
  }

  /// Takes the store's lock as another process would; see `giveBack`.
  func holdLock() -> Int32 {
    let descriptor = Glibc.open(path(".lock"), O_RDWR | O_CLOEXEC)
    precondition(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    return descriptor
  }

  /// Checks what must be true of every store at rest (I4, I5, contract section 5).
  func check(_ keys: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let store = try open()
    #expect(try store.keys.sorted() == keys.sorted(), sourceLocation: sourceLocation)
    #expect(try pending.isEmpty, "pending entries", sourceLocation: sourceLocation)
    #expect(try names(".temp").isEmpty, "temporary files", sourceLocation: sourceLocation)
    #expect(try names("backups").count <= 10, sourceLocation: sourceLocation)
    let lines = try log
    #expect(lines.map(\.sequence) == Array(1..<(lines.count + 1)), sourceLocation: sourceLocation)
    var replayed = Version<Ledger>.initial
    replayed.replay(lines) { _ in }
    let snapshot = try store.read()
    #expect(replayed.generation == snapshot.generation, sourceLocation: sourceLocation)
    #expect(replayed.state == snapshot.state, "log and data file", sourceLocation: sourceLocation)
    let rows = try contents(of: path("public/rows.json"))
    #expect(
      rows == snapshot.state.publicFile("rows.json"), "public", sourceLocation: sourceLocation)
  }
}

/// The events of a store, from any thread.
final class EventList: Sendable {
  private let events = Monitor<[StoreEvent]>([])
  var all: [StoreEvent] { events.withLock { $0 } }
  func append(_ event: StoreEvent) { events.withLock { $0.append(event) } }
}

/// A list that threads append to.
final class Recorder<Element: Sendable>: Sendable {
  private let elements = Monitor<[Element]>([])
  var all: [Element] { elements.withLock { $0 } }
  func append(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// Releases a lock explicitly: a child process that is being started may have a copy of the descriptor.
func giveBack(_ lock: Int32) {
  flock(lock, LOCK_UN)
  close(lock)
}
