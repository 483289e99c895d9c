import CGI
import Crypto
import Files
import FoundationEssentials
import HTTPTypes

/// An administrator's login, in a cookie that every process can check: `<expiry ms>.<nonce>.<code>`.
///
/// The code is the HMAC-SHA256 of what precedes it, in hexadecimal digits.
struct AdminSession {
  static let lifetimeSeconds = 12 * 60 * 60

  private let key: SymmetricKey
  /// Unique to the site: cookies ignore ports (RFC 6265, section 8.5), so two sites on one host would
  /// otherwise log each other out.
  let cookieName: String

  init(key: SymmetricKey) {
    self.key = key
    cookieName = "contest_session_" + Self.hex(Array("cookie".utf8), key).prefix(8)
  }

  /// A new session's cookie value.
  func issue(nowMilliseconds: Int) -> String {
    let expiry = nowMilliseconds + Self.lifetimeSeconds * 1000
    var generator = SystemRandomNumberGenerator()
    let signed =
      "\(expiry).\(String(UInt64.random(in: .min ... .max, using: &generator), radix: 16))"
    return "\(signed).\(code(of: signed))"
  }

  /// Returns whether a cookie's value is a valid session that has not expired.
  func isValid(_ value: String, nowMilliseconds: Int) -> Bool {
    let parts = value.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let expiry = Int(parts[0]), expiry > nowMilliseconds,
      let code = Self.bytes(ofHex: parts[2])
    else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(
      code, authenticating: Array("\(parts[0]).\(parts[1])".utf8), using: key)
  }

  private func code(of text: String) -> String { Self.hex(Array(text.utf8), key) }

  private static func hex(_ bytes: [UInt8], _ key: SymmetricKey) -> String {
    HMAC<SHA256>.authenticationCode(for: bytes, using: key).hexadecimalDigits
  }

  private static func bytes(ofHex text: Substring) -> [UInt8]? {
    let digits = Array(text)
    guard digits.count == 64, digits.allSatisfy("0123456789abcdef".contains) else { return nil }
    let bytes = stride(from: 0, to: 64, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
    return bytes.count == 32 ? bytes : nil
  }
}

extension AdminPassword {
  /// Returns whether a request carries a valid session.
  ///
  /// - Throws: `FileError` when the password or the site's secret cannot be read.
  func hasSession(_ request: Request, nowMilliseconds now: Int) throws(FileError) -> Bool {
    guard let field = request.fields[.cookie],
      let session = try sessionKey().map(AdminSession.init)
    else { return false }
    // A stale cookie of the same name, say for another path, must not mask a valid session.
    return Cookie.values(of: session.cookieName, in: field).contains {
      session.isValid($0, nowMilliseconds: now)
    }
  }
}

extension Sequence<UInt8> {
  /// Two lower-case digits for each byte.
  var hexadecimalDigits: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
