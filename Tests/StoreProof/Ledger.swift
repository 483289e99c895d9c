public import DirectoryStore
public import DurableStore
import Files
public import JSON

/// A list of keys, each of which counts once: the smallest state with every kind of outcome.
///
/// The file has the newest row first, because an inserted item goes to the front of its list.
public struct Ledger: DurableState, Equatable {
  /// The rows, the oldest first: a key and the transaction that made it.
  public private(set) var rows: [[String]] = []
  private var foreign = JSONObject()

  /// No rows.
  public static let initial = Ledger()
  /// `rows.json`.
  public static let publicFileNames = ["rows.json"]

  /// No rows.
  public init() {}

  /// Reads `rows`, the newest first: each row is a list of a key and a transaction's id.
  public init(members: JSONObject) throws {
    guard let rows = members["rows"]?.array else { throw Rejection(code: "bad", reason: "no rows") }
    self.rows = rows.reversed().map { row in row.array?.compactMap(\.string) ?? [] }
    foreign = members
    foreign["rows"] = nil
  }

  /// Appends the rows, one on each line.
  public func appendMembers(to text: inout [UInt8], room: (ListPlace) -> Int) {
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

  /// Adds the row of a transaction's key, once.
  public mutating func apply(_ transaction: Transaction) throws(Rejection) -> Effect {
    let key = transaction.data["key"]?.string ?? ""
    if let row = rows.first(where: { $0[0] == key }) {
      // Some changes cannot be made twice, as the removal of an entry.
      if key.hasPrefix("strict-") { throw Rejection(code: "twice", reason: "It is there.") }
      return .alreadyApplied(transactionID: row[1])
    }
    if key == "refused" { throw Rejection(code: "refused", reason: "This key is refused.") }
    if key == "deadly" { fatalError("an entry that ends every leader") }
    if key == Self.erasure { rows = rows.map { [Self.erased($0[0]), $0[1]] } }
    rows.append([key, transaction.id])
    // This kind of change may alter any part of the state, as most changes of a contest do.
    if key.hasPrefix("whole") { return .applied }
    return .inserted(
      Insertion(
        list: "rows", item: Self.item([key, transaction.id])[...], publicFileNames: ["rows.json"]))
  }

  /// The keys, the oldest first.
  public func publicFile(_ name: String) -> [UInt8] {
    JSONValue.array(rows.map { .string($0[0]) }).serialized
  }

  /// The keys, the oldest first.
  public var keys: [String] { rows.map { $0[0] } }

  /// The key of the transaction that erases secrets: keys that begin with `secret-`.
  public static let erasure = "whole-erasure"

  fileprivate static func erased(_ key: String) -> String {
    key.hasPrefix("secret-") ? "erased-" + key.dropFirst("secret-".count) : key
  }

  fileprivate func erased() -> Ledger {
    var ledger = self
    ledger.rows = rows.map { [Self.erased($0[0]), $0[1]] }
    return ledger
  }
}

/// Takes the secrets out of a ledger's history.
public struct SecretRedaction: Redaction {
  /// A redaction of all secrets.
  public init() {}

  /// Whether a text has `secret-`.
  public func mayConcern(_ text: ArraySlice<UInt8>) -> Bool {
    text.firstRange(of: Array("secret-".utf8)) != nil
  }

  /// The same.
  public func isHeld(by text: ArraySlice<UInt8>) -> Bool { mayConcern(text) }

  /// The transaction with another key.
  public func redacted(_ transaction: Transaction) -> Transaction? {
    var data = transaction.data
    guard let key = data["key"]?.string, Ledger.erased(key) != key else { return nil }
    data["key"] = .string(Ledger.erased(key))
    return Transaction(
      id: transaction.id, operation: transaction.operation,
      timestampMilliseconds: transaction.timestampMilliseconds, data: data)
  }

  /// The ledger with other keys.
  public func redacted(_ state: Ledger) -> Ledger? {
    let erased = state.erased()
    return erased == state ? nil : erased
  }
}

extension DirectoryStore<Ledger> {
  /// Commits a row.
  @discardableResult
  public func commit(_ key: String) throws -> CommitReceipt { try commit(.row(key)) }

  /// The keys that a reader sees.
  public var keys: [String] { get throws { try read().state.keys } }
}

extension Transaction {
  /// The transaction that adds a row.
  public static func row(_ key: String) -> Transaction {
    Transaction(
      id: "txn-" + Surroundings.machine.identifier(), operation: "row-" + key,
      timestampMilliseconds: Surroundings.machine.nowMilliseconds(),
      data: JSONObject([.init(name: "key", value: .string(key))]))
  }
}
