public import Contest
import Crypto
import FoundationEssentials
import JSON

extension SealKey {
  /// Makes a new key.
  public static func random() -> SealKey? {
    SealKey(bytes: Array(Curve25519.KeyAgreement.PrivateKey().rawRepresentation))
  }
}

extension VoteSeal {
  /// How much of a sealed text is for each choice, so that its length does not tell how many there are.
  private static let bytesPerChoice = 48

  /// Seals the choices of a ballot; they can be opened in that ballot only.
  ///
  /// - Parameters:
  ///   - ballot: The ballot, in clear.
  ///   - maxChoices: How many choices there may be.
  /// - Returns: The sealed ballot.
  /// - Throws: The cryptographic library's error when it has no memory.
  public func sealed(_ ballot: Ballot, maxChoices: Int) throws -> Ballot {
    let key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
    var sender = try HPKE.Sender(
      recipientKey: key, ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Data(SealKey.purpose))
    let text = Self.padded(ballot.choices, maxChoices: maxChoices)
    let sealed = try sender.seal(text, authenticating: ballot.sealContext)
    return ballot.sealed((sender.encapsulatedKey + sealed).base64EncodedString(), by: self)
  }

  private static func padded(_ choices: [String], maxChoices: Int) -> [UInt8] {
    let text = JSONValue.array(choices.map(JSONValue.string)).serialized
    let unit = bytesPerChoice * maxChoices
    return text + [UInt8](repeating: 0x20, count: unit - text.count % unit)
  }
}
