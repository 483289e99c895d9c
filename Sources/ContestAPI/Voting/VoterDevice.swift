import CGI
import Contest
import Crypto
import HTTPTypes

/// A browser that votes: a cookie with an identifier, when it was given out, and proof that it was.
struct VoterDevice {
  private static let cookieName = "contest_voter"
  private static let lifetimeSeconds = 30 * 24 * 60 * 60
  private static let proofDigits = 10

  /// Who votes with it.
  let voter: Voter
  /// When the browser first asked for the list, in seconds since 1970 UTC.
  let issuedAtSeconds: Int

  /// Makes one for a browser that has none.
  init(key: SymmetricKey, nowMilliseconds now: Int) {
    var generator = SystemRandomNumberGenerator()
    let digits = Base32.digits(of: generator.next(), count: 12)
    self.init(Voter(id: "d" + digits, key: key), issuedAtSeconds: now / 1000)
  }

  private init(_ voter: Voter, issuedAtSeconds: Int) {
    (self.voter, self.issuedAtSeconds) = (voter, issuedAtSeconds)
  }

  /// The browser that a request comes from; `nil` if it has no cookie, or not one of this site.
  init?(_ request: Request, key: SymmetricKey) {
    let values = request.cookies(Self.cookieName)
    guard let found = values.lazy.compactMap({ Self.device(of: $0, key: key) }).first else {
      return nil
    }
    self = found
  }

  private static func device(of value: String, key: SymmetricKey) -> VoterDevice? {
    let parts = value.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 13, parts[0].first == "d",
      let seconds = Int(parts[1])
    else { return nil }
    let device = VoterDevice(Voter(id: String(parts[0]), key: key), issuedAtSeconds: seconds)
    return Array(device.proof.utf8).isSame(as: Array(parts[2].utf8)) ? device : nil
  }

  /// The `Set-Cookie` field that gives it to a browser.
  func cookie(for request: Request) -> String {
    Cookie.setting(
      request.cookieName(Self.cookieName), to: "\(voter.id).\(issuedAtSeconds).\(proof)",
      maxAgeSeconds: Self.lifetimeSeconds, secure: request.isSecure)
  }

  private var proof: String {
    voter.digits(of: "vote device \(issuedAtSeconds)", count: Self.proofDigits)
  }
}
