import Contest
import Crypto

/// Somebody who votes, with a card or with a browser.
struct Voter {
  private static let trackerDigits = 10

  /// Whose ballots they are: the serial of a card, or the identifier of a device.
  let id: String
  private let key: SymmetricKey

  /// Somebody whose tracker and order a key gives.
  init(id: String, key: SymmetricKey) { (self.id, self.key) = (id, key) }

  /// What tells the voter, and nobody else, which of the published ballots is the voter's: `XXXXX-XXXXX`.
  var tracker: String {
    let digits = digits(of: "vote tracker", count: Self.trackerDigits)
    return "\(digits.prefix(5))-\(digits.suffix(5))"
  }

  /// Where an entry stands on this voter's list: no entry is first for everybody.
  func rank(of entryID: String) -> [UInt8] { Array(code(of: "vote order \(entryID)")) }

  /// Digits that only who has the key can tell, as many as eleven.
  func digits(of purpose: String, count: Int) -> String {
    let bits = code(of: purpose).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Base32.digits(of: bits >> 8, count: count)
  }

  private func code(of purpose: String) -> HMAC<SHA256>.MAC {
    HMAC<SHA256>.authenticationCode(for: Array("\(purpose) \(id)".utf8), using: key)
  }
}
