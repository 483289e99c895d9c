import ASCII
public import JSON

/// What a voter has chosen; a later ballot of the same voter counts instead of it.
///
/// ```json
/// {"ballot":"03F7","choices":["<entry id>"],"at":1793000000000,"via":"phone","transactionId":"txn-…"}
/// ```
///
/// It is immutable, and kept as its JSON text as an `Entry` is.
public struct Ballot: Sendable, Equatable {
  /// How it came.
  public enum Way: String, Sendable {
    /// The voter has sent it.
    case phone
    /// An organizer has keyed in a ballot of paper.
    case desk
  }

  /// The ballot as compact JSON, a line.
  public let text: ArraySlice<UInt8>
  /// Whose it is: the serial of a code, or the identifier of a device.
  public let voter: String

  /// Makes a ballot.
  ///
  /// - Parameters:
  ///   - voter: Whose it is.
  ///   - choices: The entries' identifiers.
  ///   - atMilliseconds: When it arrived.
  ///   - way: How it came.
  ///   - transactionID: The transaction that keeps it.
  public init(
    of voter: String, choices: [String], atMilliseconds: Int, way: Way, transactionID: String
  ) {
    let value: JSONValue = [
      "ballot": .string(voter), "choices": .array(choices.map(JSONValue.string)),
      "at": .int(atMilliseconds), "via": .string(way.rawValue),
      "transactionId": .string(transactionID),
    ]
    (self.voter, text) = (voter, value.serialized[...])
  }

  /// Takes the compact text of a ballot as written earlier; `nil` when it does not say whose it is.
  public init?(written text: ArraySlice<UInt8>) {
    guard let voter = JSONMembers(scanning: text)?.string("ballot") else { return nil }
    (self.voter, self.text) = (voter, text)
  }

  /// The identifiers of the entries that were chosen.
  public var choices: [String] { json.object?["choices"]?.array?.compactMap(\.string) ?? [] }
  /// When it arrived, in milliseconds since 1970 UTC.
  public var atMilliseconds: Int { JSONMembers(scanning: text)?.int("at") ?? 0 }
  /// How it came.
  public var way: Way {
    (JSONMembers(scanning: text)?.string("via")).flatMap(Way.init) ?? .phone
  }
  /// The transaction that keeps it.
  public var transactionID: String { JSONMembers(scanning: text)?.string("transactionId") ?? "" }

  /// The ballot with all its members.
  public var json: JSONValue {
    // The text was serialized from a value, so it parses.
    (try? JSONValue(parsing: Array(text))) ?? .null
  }
}
