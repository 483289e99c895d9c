import CGI
import Contest
import Crypto
import HTTPTypes

/// The secret in a judge's link, and what is made of it: `/judge#<token>`.
///
/// A phone shows the token once and gets the session's secret as a cookie: a hash of the token. The data
/// file has the hash of that secret. So neither the data file nor a copy of it opens a session, and a new
/// link ends the sessions of the former one.
struct JudgeToken {
  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")

  /// 26 characters of Crockford's base 32: 130 random bits.
  let text: String

  /// Makes a new token.
  static func random() -> JudgeToken {
    var generator = SystemRandomNumberGenerator()
    return JudgeToken(
      text: String((0..<26).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] }))
  }

  /// What the cookie holds, 64 hexadecimal digits.
  var sessionSecret: String { Self.hash("judge session " + text) }

  /// What the data file holds of a session's secret.
  static func stored(ofSecret secret: String) -> String { hash("judge " + secret) }

  /// Whether a hash is that of a secret, in the same time wherever they differ.
  static func matches(_ hash: String, secret: String) -> Bool {
    Array(hash.utf8).isSame(as: Array(stored(ofSecret: secret).utf8))
  }

  private static func hash(_ text: String) -> String {
    SHA256.hash(data: Array(text.utf8)).hexadecimalDigits
  }
}

/// A judge's session: a cookie that pages below `/api/judge` get.
enum JudgeSession {
  static let lifetimeSeconds = 30 * 24 * 60 * 60

  /// The name of the cookie, before the port.
  static let cookieName = "contest_judge"

  /// The judge whose session a request carries; `nil` if there is none.
  static func judge(of request: Request, in jury: Jury) -> Judge? {
    request.cookies(cookieName).lazy.compactMap { secret in
      judge(ofSecret: secret, in: jury)
    }.first
  }

  /// The judge whose session has a secret; `nil` if the link was renewed or taken away.
  static func judge(ofSecret secret: String, in jury: Jury) -> Judge? {
    jury.judges.first { judge in
      guard !judge.isRevoked, let hash = judge.tokenHash else { return false }
      return JudgeToken.matches(hash, secret: secret)
    }
  }
}
