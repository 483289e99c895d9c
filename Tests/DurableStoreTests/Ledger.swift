import Foundation
import JSON
import Synchronization
import TestSupport
import Testing

@testable import DurableStore

/// A list of texts, each with a key that counts once: the smallest state with every kind of outcome.
///
/// The newest comes first in the file, as what is inserted does.
struct Ledger: DurableState, Equatable {
  var rows: [[String]] = []
  var foreign = JSONObject()

  static let initial = Ledger()
  static let publicFileNames = ["rows.json"]

  init() {}

  init(members: JSONObject) throws {
    guard let rows = members["rows"]?.array else { throw Rejection(code: "bad", reason: "no rows") }
    self.rows = rows.reversed().map { row in row.array?.compactMap(\.string) ?? [] }
    foreign = members
    foreign["rows"] = nil
  }

  func appendMembers(to text: inout [UInt8], room: (ListPlace) -> Int) {
    let start = text.count
    let items = rows.reversed().map(Self.item)
    text += Array("\"rows\":[\n".utf8)
    let itemBytes = items.reduce(0) { $0 + $1.count + 2 }
    let count = room(ListPlace(list: "rows", itemBytes: itemBytes, offset: text.count - start))
    text += repeatElement(0x20, count: count)
    text += items.joined(separator: Array(",\n".utf8))
    text += Array("\n]".utf8)
    for member in foreign.members {
      text += Array(",\n".utf8)
      JSONValue.string(member.name).append(to: &text)
      text += Array(":".utf8)
      member.value.append(to: &text)
    }
    text.append(0x0A)
  }

  private static func item(_ row: [String]) -> [UInt8] {
    JSONValue.array(row.map(JSONValue.string)).serialized
  }

  mutating func apply(_ transaction: Transaction) throws(Rejection) -> Effect {
    let key = transaction.data["key"]?.string ?? ""
    if let row = rows.first(where: { $0[0] == key }) {
      return .alreadyApplied(transactionID: row[1])
    }
    if key == "refused" { throw Rejection(code: "refused", reason: "This key is refused.") }
    if key == "deadly" { fatalError("an entry that ends every leader") }
    rows.append([key, transaction.id])
    // One kind of change may make anything different, as most do in the field.
    if key.hasPrefix("whole") { return .applied }
    return .inserted(
      Insertion(
        list: "rows", item: Self.item([key, transaction.id])[...], publicFileNames: ["rows.json"]))
  }

  func publicFile(_ name: String) -> [UInt8] {
    JSONValue.array(rows.map { .string($0[0]) }).serialized
  }

  var keys: [String] { rows.map { $0[0] } }
}

extension Store<Ledger> {
  /// Commits a row.
  @discardableResult
  func commit(_ key: String) throws -> CommitReceipt { try commit(.row(key)) }

  var keys: [String] { get throws { try read().state.keys } }
}

extension Transaction {
  static func row(_ key: String) -> Transaction {
    Transaction(
      id: "txn-" + Surroundings.machine.identifier(), operation: "row-" + key,
      timestampMilliseconds: Surroundings.machine.nowMilliseconds(),
      data: JSONObject([.init(name: "key", value: .string(key))]))
  }
}

/// A store in a fresh directory, with what its tests need.
final class Fixture: Sendable {
  let home: TemporaryDirectory
  let directory: DataDirectory
  let events = EventList()

  init() throws {
    home = try TemporaryDirectory()
    directory = DataDirectory(home.file("data"))
  }

  /// Another process's view of the store: nothing in memory is shared.
  func open(
    _ intercept: SystemCalls.Intercept? = nil, lockLimit: Duration = .seconds(10)
  ) throws -> Store<Ledger> {
    try Store(
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

  /// Waits for a pending entry, at most ten seconds.
  func firstPending() -> String? {
    for _ in 0..<10_000 {
      if let name = try? pending.first { return name }
      usleep(1000)
    }
    return nil
  }

  /// Takes the store's lock as another process would; closing the descriptor gives it back.
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
  private let events = Mutex<[StoreEvent]>([])
  var all: [StoreEvent] { events.withLock { $0 } }
  func append(_ event: StoreEvent) { events.withLock { $0.append(event) } }
}

/// A list that threads append to.
final class Recorder<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  var all: [Element] { elements.withLock { $0 } }
  func append(_ element: Element) { elements.withLock { $0.append(element) } }
}
