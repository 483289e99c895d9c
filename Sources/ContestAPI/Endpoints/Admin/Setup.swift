import CGI
import DurableStore
import Files
import HTTPTypes
import JSON
import Logging

/// The first run of a site on which no password is set: where there is no shell, only a browser and
/// a way to read one's own files.
extension Router {
  private static let minPasswordLength = 10

  /// `GET /api/setup`: `{"needed":true,"codeFile"}`, the file whose code proves ownership of the
  /// site; 404 once a password is set.
  static let setupState: Endpoint = { (site, _) throws(APIError) in
    try site.requireNoPassword()
    _ = try site.attempt { () throws(FileError) in try SetupCode(site).value() }
    return .json(["needed": true, "codeFile": .string(SetupCode(site).place)])
  }

  /// `POST /api/setup` with `{"code","password"}`.
  ///
  /// It sets the password and gives a session; without a password it only examines the host. The
  /// answer has what `/api/doctor` has.
  static let setUp: Endpoint = { (site, request) throws(APIError) in
    try site.requireSameOrigin(request)
    try site.requireNoPassword()
    let object = try JSONBody.object(of: request)
    let address = request.metaVariables["REMOTE_ADDR"] ?? "unknown"
    let now = site.surroundings.nowMilliseconds()
    try site.check(code: object["code"]?.string ?? "", from: address)
    guard let password = object["password"]?.string else {
      return .json(confirmed(json(site.examine())))
    }
    guard password.count >= minPasswordLength else {
      throw .badRequest(
        "short_password", "Choose a password of at least \(minPasswordLength) characters.")
    }
    try site.keep(password)
    site.logger.info("set up")
    let key = try site.checkPassword(password, from: address)
    var response = cookie(AdminSession(key: key), from: now, request)
    response.body = confirmed(json(site.examine())).serialized + [0x0A]
    return response
  }

  /// Adds `success`, which shows that the site itself answered.
  private static func confirmed(_ report: JSONValue) -> JSONValue {
    var object = report.object ?? JSONObject()
    object["success"] = true
    return .object(object)
  }
}

extension Site {
  /// Keeps the first password; the code is then of no use.
  fileprivate func keep(_ text: String) throws(APIError) {
    guard let hash = try? PasswordHash(of: text) else {
      throw APIError(
        .serviceUnavailable, code: "unavailable",
        "The server is out of memory. Try again in a moment.")
    }
    // Of two concurrent requests only the first sets the password.
    let isFirst = try attempt { () throws(FileError) in
      try SetupCode(self).whileLocked { () throws(FileError) in
        guard try !password.isSet() else { return false }
        try password.set(hash)
        return true
      }
    }
    guard isFirst else { throw .notFound("The site is set up.") }
    SetupCode(self).remove()
  }

  fileprivate func requireNoPassword() throws(APIError) {
    if try attempt({ () throws(FileError) in try password.isSet() }) {
      throw .notFound("The site is set up.")
    }
  }

  /// Guessing is slowed like that of a password.
  fileprivate func check(code: String, from address: String) throws(APIError) {
    try admit(address)
    let isRight = try attempt { () throws(FileError) in try SetupCode(self).matches(code) }
    guard isRight else {
      logger.warning("login failed")
      throw APIError(.unauthorized, code: "wrong_code", "That is not what the file says.")
    }
    throttle.forgive(address)
  }
}
