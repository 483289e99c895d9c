import JSON

/// The status of a transaction in the write-ahead log.
enum LogStatus: String {
  case pending, completed, recovered, rejected
}

/// A pending transaction, as `.wal/wal-<ms>-<8 hex>.json` has it.
///
/// ```json
/// {"transactionId":"txn-…","operation":"…","timestamp":1,"status":"pending","after":12,"data":{}}
/// ```
struct PendingEntry {
  let transaction: Transaction
  /// The generation of the data file before the entry was written; 0 if unknown.
  ///
  /// The entry's completed line, if there is one, comes after it.
  let baseGeneration: Int

  init(_ transaction: Transaction, baseGeneration: Int) {
    self.transaction = transaction
    self.baseGeneration = baseGeneration
  }

  /// Reads an entry; `nil` if it is none.
  init?(parsing text: [UInt8]) {
    guard let object = (try? JSONValue(parsing: text))?.object,
      let transaction = Transaction(object)
    else { return nil }
    self.transaction = transaction
    baseGeneration = max(0, object["after"]?.int ?? 0)
  }

  var serialized: [UInt8] {
    var object = transaction.object(status: .pending)
    object["after"] = .int(baseGeneration)
    object["data"] = .object(transaction.data)
    return JSONValue.object(object).serialized
  }

  /// Reads a record of a refusal; `nil` if it is none.
  static func rejection(parsing text: [UInt8]) -> Rejection? {
    guard let object = (try? JSONValue(parsing: text))?.object,
      let code = object["code"]?.string, let reason = object["reason"]?.string
    else { return nil }
    return Rejection(code: code, reason: reason)
  }

  /// The record for a writer in another process whose transaction was refused.
  func rejection(_ rejection: Rejection) -> [UInt8] {
    var object = transaction.object(status: .rejected)
    object["code"] = .string(rejection.code)
    object["reason"] = .string(rejection.reason)
    return JSONValue.object(object).serialized
  }
}

/// A line of the completed log.
///
/// ```json
/// {"sequence":13,"transactionId":"txn-…","operation":"…","timestamp":1,"status":"completed","completedAt":2,"data":{},"checksum":"8f3a2b1c"}
/// ```
/// The checksum is the CRC-32C of all that precedes its member.
struct CompletedLine {
  /// The line's number, from 1; the data file's generation after it.
  let sequence: Int
  let transaction: Transaction
  /// With its line end.
  let text: [UInt8]

  private static let checksumBytes = #","checksum":"12345678"}"#.utf8.count

  init(sequence: Int, _ transaction: Transaction, status: LogStatus, completedAt: Int) {
    var object = JSONObject()
    object["sequence"] = .int(sequence)
    for member in transaction.object(status: status).members { object[member.name] = member.value }
    object["completedAt"] = .int(completedAt)
    object["data"] = .object(transaction.data)
    var text = JSONValue.object(object).serialized
    text.removeLast()
    let checksum = Checksum(of: text[...]).text
    text += Array(",\"checksum\":\"\(checksum)\"}\n".utf8)
    (self.sequence, self.transaction, self.text) = (sequence, transaction, text)
  }

  /// Reads a line without its line end; `nil` if it is damaged.
  init?(parsing line: ArraySlice<UInt8>) {
    guard line.count > Self.checksumBytes else { return nil }
    let checked = line.dropLast(Self.checksumBytes)
    let ending = Array(",\"checksum\":\"\(Checksum(of: checked).text)\"}".utf8)
    guard line.suffix(Self.checksumBytes).elementsEqual(ending),
      let object = (try? JSONValue(parsing: Array(line)))?.object,
      let sequence = object["sequence"]?.int, sequence > 0,
      DataFile.generations.contains(sequence),
      let transaction = Transaction(object)
    else { return nil }
    (self.sequence, self.transaction) = (sequence, transaction)
    text = line + [0x0A]
  }
}

extension Transaction {
  init?(_ object: JSONObject) {
    guard let id = object["transactionId"]?.string, !id.isEmpty,
      let operation = object["operation"]?.string,
      let data = object["data"]?.object
    else { return nil }
    self.init(
      id: id, operation: operation,
      timestampMilliseconds: object["timestamp"]?.int ?? 0, data: data)
  }

  fileprivate func object(status: LogStatus) -> JSONObject {
    var object = JSONObject()
    object["transactionId"] = .string(id)
    object["operation"] = .string(operation)
    object["timestamp"] = .int(timestampMilliseconds)
    object["status"] = .string(status.rawValue)
    return object
  }
}
