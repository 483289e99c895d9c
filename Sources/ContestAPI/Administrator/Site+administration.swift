import CGI
import Crypto
import DurableStore
import Files
import HTTPTypes
import JSON
import Logging

/// Authentication of administrators.
extension Site {
  /// Checks a password, unless there were too many failures recently.
  ///
  /// - Returns: The key to sign a session with.
  /// - Throws: `APIError` with 401, or 429 and `Retry-After`.
  func checkPassword(_ text: String, from address: String) throws(APIError) -> SymmetricKey {
    try admit(address)
    switch matches(text) {
    case true?: break
    case false?:
      // docs/operations.md and the packages' fail2ban filter know this line.
      logger.warning("login failed")
      throw APIError(.unauthorized, code: "wrong_password", "The password is wrong.")
    case nil:
      throw APIError(
        .unauthorized, code: "password_not_set",
        "No administrator password is set yet. Set one with contestctl password.")
    }
    throttle.forgive(address)
    let key = try attempt { () throws(FileError) in try password.sessionKey() }
    guard let key else { throw .unauthorized }
    return key
  }

  /// Creates the files that a login needs while there is space: an administrator has to be able to log
  /// in on a full disk.
  public func prepareForAdministrators() {
    // A file that cannot be created now is created on first use.
    _ = try? password.sessionKey()
    throttle.prepare()
    judgeThrottle.prepare()
    voteThrottle.prepare()
  }

  /// Counts an attempt to guess; refuses it after too many.
  func admit(_ address: String) throws(APIError) {
    guard let seconds = throttle.admit(address) else { return }
    throw .tooManyAttempts("Too many wrong passwords. Wait a moment.", seconds)
  }

  /// Returns whether a request carries a valid session.
  func isAdministrator(_ request: Request) throws(APIError) -> Bool {
    let now = surroundings.nowMilliseconds()
    return try attempt { () throws(FileError) in
      try password.hasSession(request, nowMilliseconds: now)
    }
  }

  /// Returns the issuer and verifier of this site's sessions; `nil` when no password is set.
  func adminSession() throws(APIError) -> AdminSession? {
    let key = try attempt { () throws(FileError) in try password.sessionKey() }
    return key.map(AdminSession.init)
  }

  /// Refuses a request without a session.
  func requireAdministrator(_ request: Request) throws(APIError) {
    guard try isAdministrator(request) else { throw .unauthorized }
  }

  /// Refuses an administrator's write that a page of another site sent (RFC 6454; Fetch Metadata).
  ///
  /// Clients other than browsers send none of the three header fields, and are not refused.
  func requireSameOrigin(_ request: Request) throws(APIError) {
    let foreign = APIError(
      .forbidden, code: "foreign_origin", "This request came from another site.")
    if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.fields[$0] }),
      site != "same-origin", site != "none"
    {
      throw foreign
    }
    let host = request.metaVariables["HTTP_HOST"].map(Self.authority)
    for name in [HTTPField.Name.origin, .referer] {
      guard let value = request.fields[name] else { continue }
      guard let host, Self.authority(ofURL: value) == host else { throw foreign }
    }
  }

  /// Runs an operation on the store or on a file beside it, and logs its failure.
  func attempt<Result, Failure: AnsweredError>(
    _ body: () throws(Failure) -> Result
  ) throws(APIError) -> Result {
    do throws(Failure) {
      return try body()
    } catch {
      logger.error("\(error)")
      throw error.answer
    }
  }

  private func matches(_ text: String) -> Bool? {
    do {
      return try password.matches(text)
    } catch {
      // Without memory or a readable file nobody is let in; the log says why.
      logger.error("check password: \(error)")
      return false
    }
  }

  private static func authority(ofURL url: String) -> String? {
    for (scheme, port) in [("http://", ":80"), ("https://", ":443")] where url.hasPrefix(scheme) {
      let text = authority(String(url.dropFirst(scheme.count).prefix { $0 != "/" }))
      return text.hasSuffix(port) ? String(text.dropLast(port.count)) : text
    }
    return nil
  }

  private static func authority(_ text: String) -> String { text.lowercased() }
}

extension APIError {
  static func tooManyAttempts(_ message: String, _ seconds: Int) -> APIError {
    APIError(.tooManyRequests, code: "too_many_attempts", message)
      .with(.retryAfter, String(seconds))
  }
}

/// A message-body that is a JSON object.
enum JSONBody {
  private static let maxBytes = 1 << 20

  /// Reads the whole body.
  ///
  /// - Throws: `APIError` when it is too long, incomplete, or not a JSON object.
  static func object(of request: Request) throws(APIError) -> JSONObject {
    guard let object = try objectIfAny(of: request) else {
      throw .badRequest("bad_json", "The request is not JSON: it is empty.")
    }
    return object
  }

  /// Reads the whole body, which may be empty; `nil` then.
  static func objectIfAny(of request: Request) throws(APIError) -> JSONObject? {
    let bytes = try request.wholeBody(upTo: maxBytes)
    if bytes.isEmpty { return nil }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw .badRequest("bad_json", "The request is not JSON: \(error).")
    }
    guard let object = value.object else {
      throw .badRequest("bad_json", "The request is not a JSON object.")
    }
    return object
  }
}

extension Request {
  /// Reads the whole body.
  ///
  /// - Throws: `APIError` when it is incomplete, or longer than a number of bytes.
  func wholeBody(upTo maxBytes: Int) throws(APIError) -> [UInt8] {
    let bytes: [UInt8]?
    do throws(MessageBodyError) {
      bytes = try body.readAll(upTo: maxBytes)
    } catch {
      throw APIError(error)
    }
    guard let bytes else {
      throw APIError(
        .contentTooLarge, code: "too_large", "The request is larger than \(maxBytes) bytes.")
    }
    return bytes
  }
}
