import Crypto

/// An account at Cloudinary, and how its requests are signed.
///
/// See https://cloudinary.com/documentation/authentication_signatures.
public struct CloudinaryAccount: Sendable, Equatable {
  /// How a request is signed, as the account is set.
  public enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case sha1, sha256
  }

  /// The cloud's name.
  public let cloudName: String
  /// The key; it is sent with each request.
  public let apiKey: String
  /// The secret; it is never sent, only signed with.
  let apiSecret: String
  /// How requests are signed.
  public var algorithm = SignatureAlgorithm.sha1
  /// Where requests go, such as `https://api.cloudinary.com`.
  public var uploadPrefix = "https://api.cloudinary.com"
  /// What the addresses of pictures begin with, such as `https://res.cloudinary.com`.
  public var deliveryPrefix = "https://res.cloudinary.com"

  /// Names an account.
  public init(cloudName: String, apiKey: String, apiSecret: String) {
    (self.cloudName, self.apiKey, self.apiSecret) = (cloudName, apiKey, apiSecret)
  }

  /// The fields of a request with `api_key`, `timestamp` and `signature`.
  ///
  /// What is signed are the fields, sorted, as `name=value&name=value`, and the secret.
  /// - Parameters:
  ///   - fields: The fields that are signed.
  ///   - seconds: The time, in seconds since 1970 UTC; it is good for an hour.
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
