import ASCII
package import DurableStore
import JSON

/// The status of a transaction in the write-ahead log.
package enum LogStatus: String {
  case pending, completed, recovered, rejected
}

/// A pending transaction, as stored in `.wal/wal-<ms>-<8 hex>.json`.
///
/// ```json
/// {"transactionId":"txn-…","operation":"…","timestamp":1,"status":"pending","after":12,"data":{},"checksum":"8f3a2b1c"}
/// ```
package struct PendingEntry {
  package let transaction: Transaction
  /// The generation of the data file before the entry was written; 0 if unknown.
  ///
  /// The entry's completed line, if there is one, comes after it.
  package let baseGeneration: Int

  package init(_ transaction: Transaction, baseGeneration: Int) {
    self.transaction = transaction
    self.baseGeneration = baseGeneration
  }

  /// Parses an entry; `nil` if the text is not a complete one.
  ///
  /// An entry that another program wrote may have no checksum.
  package init?(parsing text: [UInt8]) {
    let text = text[..<((text.lastIndex { !$0.isWhiteSpace } ?? -1) + 1)]
    if ChecksumEnding.isThere(in: text) {
      guard ChecksumEnding.isRight(in: text),
        let (members, data) = ChecksumEnding.parts(of: text),
        let transaction = Transaction(members, data)
      else { return nil }
      self.transaction = transaction
      baseGeneration = max(0, members.int("after") ?? 0)
      return
    }
    guard let object = (try? JSONValue(parsing: Array(text)))?.object,
      let transaction = Transaction(object)
    else { return nil }
    self.transaction = transaction
    baseGeneration = max(0, object["after"]?.int ?? 0)
  }

  package var serialized: [UInt8] {
    var text = Array("{".utf8)
    transaction.appendMembers(status: .pending, to: &text)
    text += Array(",\"after\":\(baseGeneration),\"data\":".utf8)
    text += transaction.dataText
    text += ChecksumEnding.text(for: text)
    return text
  }

  /// Parses a rejection record; `nil` if the text is not one.
  package static func rejection(parsing text: [UInt8]) -> Rejection? {
    guard let object = (try? JSONValue(parsing: text))?.object,
      let code = object["code"]?.string, let reason = object["reason"]?.string
    else { return nil }
    return Rejection(code: code, reason: reason)
  }

  /// Returns the rejection record for a writer in another process.
  package func rejection(_ rejection: Rejection) -> [UInt8] {
    var text = Array("{".utf8)
    transaction.appendMembers(status: .rejected, to: &text)
    text += Array(",\"code\":".utf8)
    JSONValue.string(rejection.code).append(to: &text)
    text += Array(",\"reason\":".utf8)
    JSONValue.string(rejection.reason).append(to: &text)
    text.append(UInt8(ascii: "}"))
    return text
  }
}

/// A line of the completed log.
///
/// ```json
/// {"sequence":13,"transactionId":"txn-…","operation":"…","timestamp":1,"status":"completed","completedAt":2,"data":{},"checksum":"8f3a2b1c"}
/// ```
/// The checksum is the CRC-32C of all that precedes its member.
package final class CompletedLine: Sendable {
  /// The line's number, from 1; the data file's generation after it.
  package let sequence: Int
  package let transaction: Transaction
  package let status: LogStatus
  /// When it was committed, in milliseconds since 1970 UTC.
  package let completedAtMilliseconds: Int
  /// The line, including its line feed.
  package let text: ArraySlice<UInt8>

  package init(
    sequence: Int, _ transaction: Transaction, status: LogStatus, completedAt: Int,
    isRedacted: Bool = false
  ) {
    var text: [UInt8] = []
    text.reserveCapacity(transaction.dataText.count + 300)
    text += Array("{\"sequence\":\(sequence),".utf8)
    transaction.appendMembers(status: status, to: &text)
    text += Array(",\"completedAt\":\(completedAt)".utf8)
    if isRedacted { text += Array(#","redacted":true"#.utf8) }
    text += Array(",\"data\":".utf8)
    text += transaction.dataText
    text += ChecksumEnding.text(for: text)
    text.append(0x0A)
    (self.sequence, self.transaction, self.text) = (sequence, transaction, text[...])
    self.status = status
    completedAtMilliseconds = completedAt
  }

  /// Returns the sequence that a line begins with, whatever follows; `nil` if it begins otherwise.
  package static func sequence(of text: ArraySlice<UInt8>) -> Int? {
    guard text.starts(with: opening) else { return nil }
    var sequence = 0
    for byte in text.dropFirst(opening.count).prefix(17) {
      guard byte.isDigit else { return byte == UInt8(ascii: ",") ? sequence : nil }
      sequence = sequence * 10 + Int(byte - 0x30)
    }
    return nil
  }

  private static let opening = Array(#"{"sequence":"#.utf8)

  /// The same line with another transaction in its place, of which something was taken out.
  func redacted(_ transaction: Transaction) -> CompletedLine {
    CompletedLine(
      sequence: sequence, transaction, status: status, completedAt: completedAtMilliseconds,
      isRedacted: true)
  }

  /// Parses a line, including its line feed; `nil` if it is damaged.
  package init?(parsing text: ArraySlice<UInt8>) {
    let line = text.dropLast()
    guard ChecksumEnding.isRight(in: line), let (members, data) = ChecksumEnding.parts(of: line),
      let sequence = members.int("sequence"), sequence > 0,
      DataFile.generations.contains(sequence), let transaction = Transaction(members, data)
    else { return nil }
    self.sequence = sequence
    self.transaction = transaction
    status = members.string("status").flatMap(LogStatus.init(rawValue:)) ?? .completed
    completedAtMilliseconds = members.int("completedAt") ?? 0
    self.text = text
  }
}

/// The checksum of an entry or a line: its last member, with the closing brace.
private enum ChecksumEnding {
  private static let opening = Array(#","checksum":""#.utf8)
  private static let length = opening.count + 10

  /// Returns the ending to append to a text.
  static func text(for text: [UInt8]) -> [UInt8] {
    opening + Array("\(Checksum(of: text[...]).text)\"}".utf8)
  }

  static func isThere(in text: ArraySlice<UInt8>) -> Bool {
    text.suffix(length).starts(with: opening)
  }

  static func isRight(in text: ArraySlice<UInt8>) -> Bool {
    guard isThere(in: text), text.suffix(2).elementsEqual([UInt8(ascii: "\""), UInt8(ascii: "}")])
    else { return false }
    var value: UInt32 = 0
    for byte in text.suffix(10).dropLast(2) {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
      default: return false
      }
    }
    return value == Checksum(of: text.dropLast(length)).value
  }

  /// Returns the members before `data`, and the text of `data`, the last member before the checksum.
  static func parts(
    of text: ArraySlice<UInt8>
  ) -> (members: JSONMembers, data: ArraySlice<UInt8>)? {
    guard let (members, start) = JSONMembers.scan(text, upTo: "data"),
      start < text.endIndex - length
    else { return nil }
    return (members, text[start..<(text.endIndex - length)])
  }
}

extension UInt8 {
  fileprivate var isWhiteSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}

extension Transaction {
  fileprivate init?(_ members: JSONMembers, _ data: ArraySlice<UInt8>) {
    guard let id = members.string("transactionId"), !id.isEmpty,
      let operation = members.string("operation"), data.first == UInt8(ascii: "{")
    else { return nil }
    self.init(
      id: id, operation: operation, timestampMilliseconds: members.int("timestamp") ?? 0,
      dataText: Array(data))
  }

  init?(_ object: JSONObject) {
    guard let id = object["transactionId"]?.string, !id.isEmpty,
      let operation = object["operation"]?.string,
      let data = object["data"]?.object
    else { return nil }
    self.init(
      id: id, operation: operation,
      timestampMilliseconds: object["timestamp"]?.int ?? 0, data: data)
  }

  fileprivate func appendMembers(status: LogStatus, to text: inout [UInt8]) {
    text += Array("\"transactionId\":".utf8)
    JSONValue.string(id).append(to: &text)
    text += Array(",\"operation\":".utf8)
    JSONValue.string(operation).append(to: &text)
    text += Array(",\"timestamp\":\(timestampMilliseconds),\"status\":\"\(status.rawValue)\"".utf8)
  }
}
