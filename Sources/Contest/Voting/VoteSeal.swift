import Crypto
import FoundationEssentials

/// What ballots are sealed with until the vote is over: the public half of a key pair.
///
/// HPKE in its base mode (RFC 9180): X25519, HKDF-SHA256, ChaCha20-Poly1305. The site does not keep the private half,
/// so whoever reads the data directory cannot count. `ContestAPI` seals, because that takes random numbers.
public struct VoteSeal: Sendable, Equatable {
  /// The public half: 32 bytes.
  public let publicKey: [UInt8]
  /// A short name by which people tell keys apart: five digits of base 32.
  public let name: String

  fileprivate init(_ key: Curve25519.KeyAgreement.PublicKey) {
    publicKey = Array(key.rawRepresentation)
    name = String(Base32.digits(of: Array(SHA256.hash(data: publicKey))).prefix(5))
  }

  /// Reads a seal of a data file; `nil` if it is none.
  init?(base64 text: String) {
    guard let data = Data(base64Encoded: text),
      let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: data)
    else { return nil }
    self.init(key)
  }

  /// The public half in base64, as the data file has it.
  var base64: String { Data(publicKey).base64EncodedString() }
}

/// The private half, which opens what was sealed: 52 digits of base 32, on paper until the vote is over.
public struct SealKey: Sendable {
  /// What the key is for, as HPKE's `info`.
  public static let purpose = Array("tattoo-contest ballot".utf8)
  private static let encapsulatedBytes = 32
  private static let digitsOfGroup = 4

  private let key: Curve25519.KeyAgreement.PrivateKey

  /// Takes 32 bytes; `nil` if they are fewer or more.
  public init?(bytes: [UInt8]) {
    guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes) else {
      return nil
    }
    self.key = key
  }

  /// Reads what somebody has typed; `nil` if it is no key.
  public init?(typed text: String) {
    guard let bytes = Base32.bytes(of: Base32.read(text)) else { return nil }
    self.init(bytes: bytes)
  }

  /// The key as it is printed, in groups of four digits.
  public var text: String {
    let digits = Array(Base32.digits(of: Array(key.rawRepresentation)))
    return stride(from: 0, to: digits.count, by: Self.digitsOfGroup)
      .map { String(digits[$0..<min($0 + Self.digitsOfGroup, digits.count)]) }
      .joined(separator: "-")
  }

  /// What it opens.
  public var seal: VoteSeal { VoteSeal(key.publicKey) }

  /// Opens an encapsulated key with its ciphertext, in base64.
  ///
  /// - Returns: The text; `nil` if it was sealed with another key, belongs elsewhere, or was changed.
  func opened(_ base64: String, of context: [UInt8]) -> [UInt8]? {
    guard let data = Data(base64Encoded: base64), data.count > Self.encapsulatedBytes,
      var recipient = try? HPKE.Recipient(
        privateKey: key, ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Data(Self.purpose),
        encapsulatedKey: Data(data.prefix(Self.encapsulatedBytes))),
      let text = try? recipient.open(
        data.dropFirst(Self.encapsulatedBytes), authenticating: context)
    else { return nil }
    return Array(text)
  }
}
