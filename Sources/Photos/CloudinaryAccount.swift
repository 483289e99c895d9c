import Crypto

/// An account at Cloudinary, and how its requests are signed.
///
/// See https://cloudinary.com/documentation/authentication_signatures.
public struct CloudinaryAccount: Sendable, Equatable {
  /// The signature algorithm; it has to match the account's configuration.
  public enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case sha1, sha256
  }

  /// The cloud's name.
  public let cloudName: String
  /// The key; it is sent with each request.
  public let apiKey: String
  /// The secret; it signs requests and is never sent.
  let apiSecret: String
  /// How requests are signed.
  public var algorithm = SignatureAlgorithm.sha1
  /// Where requests go, such as `https://api.cloudinary.com`.
  public var uploadPrefix = "https://api.cloudinary.com"
  /// The prefix of picture URLs, such as `https://res.cloudinary.com`.
  public var deliveryPrefix = "https://res.cloudinary.com"

  /// Names an account.
  public init(cloudName: String, apiKey: String, apiSecret: String) {
    (self.cloudName, self.apiKey, self.apiSecret) = (cloudName, apiKey, apiSecret)
  }

  /// Returns the fields of a request with `api_key`, `timestamp` and `signature` added.
  ///
  /// The signature covers the sorted fields as `name=value&name=value`, followed by the secret.
  /// - Parameters:
  ///   - fields: The fields to sign.
  ///   - seconds: The time, in seconds since 1970 UTC; the signature is valid for an hour.
  /// - Returns: The fields, sorted by name.
  func signed(_ fields: [String: String], at seconds: Int) -> [(name: String, value: String)] {
    let signed = fields.merging(["timestamp": String(seconds)]) { $1 }.sorted { $0.key < $1.key }
    let text = signed.map { "\($0.key)=\($0.value)" }.joined(separator: "&") + apiSecret
    let digest: [UInt8] =
      switch algorithm {
      case .sha1: Array(Insecure.SHA1.hash(data: Array(text.utf8)))
      case .sha256: Array(SHA256.hash(data: Array(text.utf8)))
      }
    return signed.map { ($0.key, $0.value) }
      + [("api_key", apiKey), ("signature", digest.map(Self.hexadecimal).joined())]
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
