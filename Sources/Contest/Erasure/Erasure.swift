public import JSON

/// The erasure of entries' personal data: as a transaction, which has none of it.
///
/// ```json
/// {"erasure":{"id":"…","at":1793000000000,"scope":"entry","entries":["…"]}}
/// ```
public struct Erasure: Sendable, Equatable {
  /// Identifies it in the ledger.
  public let id: String
  /// When it was decided, in milliseconds since 1970 UTC.
  public let atMilliseconds: Int
  /// What goes.
  public let scope: ErasureScope
  /// The identifiers of the entries.
  public let entryIDs: [String]

  /// Makes an erasure.
  public init(id: String, atMilliseconds: Int, scope: ErasureScope, entryIDs: [String]) {
    (self.id, self.atMilliseconds) = (id, atMilliseconds)
    (self.scope, self.entryIDs) = (scope, entryIDs)
  }

  /// How many entries one transaction erases: commits of others must not wait for longer.
  private static let entriesOfPart = 1000

  /// The erasure in parts, a transaction each.
  public var parts: [Erasure] {
    stride(from: 0, to: entryIDs.count, by: Self.entriesOfPart).map { start in
      Erasure(
        id: id, atMilliseconds: atMilliseconds, scope: scope,
        entryIDs: Array(entryIDs[start...].prefix(Self.entriesOfPart)))
    }
  }

  /// The erasure's end, as a transaction that changes nothing: it tells that the past was redacted.
  public var end: Erasure {
    Erasure(id: id, atMilliseconds: atMilliseconds, scope: scope, entryIDs: [])
  }

  /// Reads an erasure; `nil` when it is none.
  public init?(_ value: JSONValue) {
    guard let object = value.object, let id = object["id"]?.string, let now = object["at"]?.int,
      let scope = object["scope"]?.string.flatMap(ErasureScope.init),
      let values = object["entries"]?.array
    else { return nil }
    self.init(
      id: id, atMilliseconds: now, scope: scope, entryIDs: values.compactMap(\.string))
  }

  /// `{"id","at","scope","entries"}`.
  public var json: JSONValue {
    [
      "id": .string(id), "at": .int(atMilliseconds), "scope": .string(scope.rawValue),
      "entries": .array(entryIDs.map(JSONValue.string)),
    ]
  }
}

/// An entrant's withdrawal of an entry, or its end.
public struct Withdrawal: Sendable, Equatable {
  /// How long an entry can be had back, in milliseconds: an hour.
  public static let graceMilliseconds = 3_600_000
  /// How often an entry can be had back.
  static let maxTakenBack = 3

  /// The entry's identifier.
  public let entryID: String
  /// The entry's category.
  public let category: String
  /// When that was, in milliseconds since 1970 UTC.
  public let atMilliseconds: Int
  /// Whether the withdrawal is taken back.
  public let isTakenBack: Bool

  /// Withdraws an entry, or takes that back.
  public init(_ entry: Entry, atMilliseconds: Int, isTakenBack: Bool) {
    (entryID, category, self.atMilliseconds) = (entry.id, entry.category, atMilliseconds)
    self.isTakenBack = isTakenBack
  }

  /// Whether it changes an entry.
  public func changes(_ entry: Entry) -> Bool {
    isTakenBack == (entry.withdrawnAtMilliseconds != nil)
  }

  /// Reads `{"withdrawnEntryId","category","at","isTakenBack"}`; `nil` when it is none.
  init?(data: JSONObject) {
    guard let entryID = data["withdrawnEntryId"]?.string, let category = data["category"]?.string,
      let now = data["at"]?.int
    else { return nil }
    (self.entryID, self.category, atMilliseconds) = (entryID, category, now)
    isTakenBack = data["isTakenBack"] == true
  }

  /// The withdrawal as the write-ahead log has it.
  var data: JSONObject {
    JSONObject([
      .init(name: "withdrawnEntryId", value: .string(entryID)),
      .init(name: "category", value: .string(category)),
      .init(name: "at", value: .int(atMilliseconds)),
      .init(name: "isTakenBack", value: .bool(isTakenBack)),
    ])
  }
}
