import ASCII
public import JSON

/// What a voter has chosen; a later ballot of the same voter counts instead of it.
///
/// ```json
/// {"ballot":"03F7","choices":["<entry id>"],"at":1793000000000,"via":"phone","transactionId":"txn-…"}
/// ```
/// The ballot of a browser also has its `network`, as a keyed hash, and how many `seconds` it came after the first look.
/// While ballots are sealed, it has `seal` and `sealed` instead of `choices`.
/// What was sent with an identifier has it as `id`.
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

  /// Where the ballot of a browser came from.
  public struct Origin: Sendable, Equatable {
    /// Its network, as a keyed hash.
    public let network: String
    /// How long after the browser's first look at the list, in seconds.
    public let seconds: Int

    /// Says where a ballot came from.
    public init(network: String, seconds: Int) {
      (self.network, self.seconds) = (network, seconds)
    }
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
  ///   - id: What tells it apart from others that the voter's phone sends, if the phone has said so.
  ///   - origin: Where it came from, if it is a browser's.
  public init(
    of voter: String, choices: [String], atMilliseconds: Int, way: Way, transactionID: String,
    id: String? = nil, origin: Origin? = nil
  ) {
    var object = JSONObject([
      .init(name: "ballot", value: .string(voter)),
      .init(name: "choices", value: .array(choices.map(JSONValue.string))),
      .init(name: "at", value: .int(atMilliseconds)),
      .init(name: "via", value: .string(way.rawValue)),
      .init(name: "transactionId", value: .string(transactionID)),
    ])
    object["id"] = id.map(JSONValue.string)
    if let origin {
      object["network"] = .string(origin.network)
      object["seconds"] = .int(origin.seconds)
    }
    self.init(object, of: voter)
  }

  private init(_ object: JSONObject, of voter: String) {
    (self.voter, text) = (voter, JSONValue.object(object).serialized[...])
  }

  /// Takes the compact text of a ballot as written earlier; `nil` when it does not say whose it is.
  public init?(written text: ArraySlice<UInt8>) {
    guard let voter = JSONMembers(scanning: text)?.string("ballot") else { return nil }
    (self.voter, self.text) = (voter, text)
  }

  /// The identifiers of the entries that were chosen; empty while it is sealed.
  public var choices: [String] { json.object?["choices"]?.array?.compactMap(\.string) ?? [] }
  /// When it arrived, in milliseconds since 1970 UTC.
  public var atMilliseconds: Int { JSONMembers(scanning: text)?.int("at") ?? 0 }
  /// How it came.
  public var way: Way {
    (JSONMembers(scanning: text)?.string("via")).flatMap(Way.init) ?? .phone
  }
  /// Where it came from; `nil` for that of a card.
  public var origin: Origin? {
    guard let members = JSONMembers(scanning: text), let network = members.string("network"),
      let seconds = members.int("seconds")
    else { return nil }
    return Origin(network: network, seconds: seconds)
  }
  /// The transaction that keeps it.
  public var transactionID: String { JSONMembers(scanning: text)?.string("transactionId") ?? "" }
  /// What tells it apart from others that the voter's phone sends; `nil` if the phone has not said so.
  public var id: String? { JSONMembers(scanning: text)?.string("id") }

  /// Whether it is the other one sent again.
  func isSame(as other: Ballot) -> Bool {
    if isSealed || other.isSealed { return id != nil && id == other.id }
    return choices == other.choices
  }

  // MARK: Seals

  /// The name of the key that it is sealed with; `nil` if it is in clear.
  public var sealName: String? { JSONMembers(scanning: text)?.string("seal") }
  /// Whether nobody can tell what it says.
  public var isSealed: Bool { sealName != nil }

  /// What sealed choices belong to: a ballot of a voter.
  public var sealContext: [UInt8] { Array("\(voter) \(transactionID)".utf8) }

  /// The ballot with its choices as they were sealed, in base64.
  public func sealed(_ choices: String, by seal: VoteSeal) -> Ballot {
    replacing(
      "choices",
      by: [
        .init(name: "seal", value: .string(seal.name)),
        .init(name: "sealed", value: .string(choices)),
      ])
  }

  /// The ballot with its choices in clear; as it is if it is not sealed, or none of the keys opens it.
  func opened(with keys: [SealKey]) -> Ballot {
    guard let sealed = JSONMembers(scanning: text)?.string("sealed") else { return self }
    let name = sealName
    for key in keys where key.seal.name == name {
      guard let opened = key.opened(sealed, of: sealContext) else { continue }
      guard let choices = try? JSONValue(parsing: opened), let array = choices.array,
        array.count <= Voting.maxChoices
      else { break }
      return replacing("sealed", by: [.init(name: "choices", value: choices)]).replacing(
        "seal", by: [])
    }
    return self
  }

  private func replacing(_ name: String, by members: [JSONObject.Member]) -> Ballot {
    let all = json.object?.members ?? []
    return Ballot(JSONObject(all.flatMap { $0.name == name ? members : [$0] }), of: voter)
  }

  /// The ballot with all its members.
  public var json: JSONValue {
    // The text was serialized from a value, so it parses.
    (try? JSONValue(parsing: Array(text))) ?? .null
  }
}
