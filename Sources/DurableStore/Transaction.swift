public import JSON

/// One change that is to be made durable, as the write-ahead log records it.
public struct Transaction: Sendable, Equatable {
  /// `txn-<ms>-<6 base36>`.
  public let id: String
  /// The operation and its object, such as `submission-sleeve-1731023456789-abc123`.
  public let operation: String
  /// When it was requested, in milliseconds since 1970 UTC.
  public let timestampMilliseconds: Int
  /// Everything needed to apply and to replay it: a JSON object in compact form.
  public let dataText: [UInt8]

  /// Makes a transaction.
  public init(id: String, operation: String, timestampMilliseconds: Int, data: JSONObject) {
    self.init(
      id: id, operation: operation, timestampMilliseconds: timestampMilliseconds,
      dataText: JSONValue.object(data).serialized)
  }

  /// Makes a transaction of data that is serialized already.
  public init(id: String, operation: String, timestampMilliseconds: Int, dataText: [UInt8]) {
    self.id = id
    self.operation = operation
    self.timestampMilliseconds = timestampMilliseconds
    self.dataText = dataText
  }

  /// The members of `dataText`.
  public var data: JSONObject {
    // A text that was serialized from an object always parses.
    (try? JSONValue(parsing: dataText))?.object ?? JSONObject()
  }

  /// Whether it takes over a data file that another program changed or made.
  package var isAcceptance: Bool {
    operation.hasPrefix("external-edit-") || operation.hasPrefix("import-")
  }

  /// Whether it replaces the whole state; its data then holds the object of a data file as `contents`.
  public var isReplacement: Bool {
    isAcceptance || operation.hasPrefix("restore-") || operation.hasPrefix("recovery-")
  }
}

/// Proof that a transaction is on the device; nothing but a commit can make one.
public struct CommitReceipt: Sendable, Equatable {
  /// The identifier of the transaction that made the change: `txn-<ms>-<6 base36>`.
  public let transactionID: String
  /// Whether an earlier transaction had already made the change, so that this one changed nothing.
  public let isReplayed: Bool
  /// The transaction as it was committed; `nil` when it was committed earlier.
  public let committed: Transaction?

  package init(transactionID: String, isReplayed: Bool = false) {
    self.transactionID = transactionID
    self.isReplayed = isReplayed
    committed = nil
  }

  package init(_ committed: Transaction) {
    transactionID = committed.id
    isReplayed = false
    self.committed = committed
  }
}
