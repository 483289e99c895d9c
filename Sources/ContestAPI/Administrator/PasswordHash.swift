import Crypto
import CryptoExtras
import FoundationEssentials

/// A password's scrypt hash (RFC 7914), as `$scrypt$ln=14,r=8,p=5$<salt>$<hash>` in base64.
public struct PasswordHash: Sendable, Equatable {
  /// N = 2^14, r = 8, p = 5: 16 MiB of memory, as OWASP's password storage cheat sheet recommends.
  private static let usual = (costExponent: 14, blockSize: 8, parallelism: 5)
  private static let hashBytes = 32

  private let costExponent: Int
  private let blockSize: Int
  private let parallelism: Int
  private let salt: [UInt8]
  private var hash: [UInt8]

  /// Hashes a password with a new salt; it takes about a tenth of a second.
  ///
  /// - Throws: The cryptographic library's error when there is no memory for it.
  public init(of password: String) throws {
    var generator = SystemRandomNumberGenerator()
    (costExponent, blockSize, parallelism) = Self.usual
    salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    hash = []
    hash = try derived(from: password)
  }

  /// Reads a hash's text; `nil` when it is malformed or its cost is out of bounds.
  public init?(_ text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { return nil }
    let costs = parts[2].split(separator: ",").map { $0.split(separator: "=") }
    guard costs.map(\.first) == ["ln", "r", "p"], costs.allSatisfy({ $0.count == 2 }),
      let costExponent = Int(costs[0][1]), (10...20).contains(costExponent),
      let blockSize = Int(costs[1][1]), (1...32).contains(blockSize),
      let parallelism = Int(costs[2][1]), (1...16).contains(parallelism),
      let salt = Data(base64Encoded: String(parts[3])), salt.count >= 8,
      let hash = Data(base64Encoded: String(parts[4])), hash.count == Self.hashBytes
    else { return nil }
    (self.costExponent, self.blockSize, self.parallelism) = (costExponent, blockSize, parallelism)
    (self.salt, self.hash) = (Array(salt), Array(hash))
  }

  /// The hash as text.
  public var text: String {
    "$scrypt$ln=\(costExponent),r=\(blockSize),p=\(parallelism)$"
      + "\(Data(salt).base64EncodedString())$\(Data(hash).base64EncodedString())"
  }

  /// Whether it is the hash of a password; compares in constant time.
  ///
  /// - Throws: The cryptographic library's error when there is no memory for it.
  public func matches(_ password: String) throws -> Bool {
    try derived(from: password).isSame(as: Array(hash))
  }

  private func derived(from password: String) throws -> [UInt8] {
    let key = try KDF.Scrypt.deriveKey(
      from: Array(password.utf8), salt: salt, outputByteCount: Self.hashBytes,
      rounds: 1 << costExponent, blockSize: blockSize, parallelism: parallelism)
    // The bytes are copied before the key goes away.
    return unsafe key.withUnsafeBytes { unsafe Array($0) }
  }
}
