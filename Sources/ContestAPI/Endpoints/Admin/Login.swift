import CGI
import DurableStore
import Files
import HTTPTypes
import JSON
import Logging

/// The administrator's session.
extension Router {
  /// `POST /api/login`: a session cookie for the password.
  static let logIn: Endpoint = { (site, request) throws(APIError) in
    try site.requireSameOrigin(request)
    guard let password = try JSONBody.object(of: request)["password"]?.string else {
      throw .badRequest("no_password", "Send the password as {\"password\":\"…\"}.")
    }
    let now = site.surroundings.nowMilliseconds()
    let address = request.metaVariables["REMOTE_ADDR"] ?? "unknown"
    let key = try site.checkPassword(password, from: address)
    site.logger.info("login")
    return cookie(AdminSession(key: key), from: now, request)
  }

  /// `POST /api/logout`: takes the cookie away.
  static let logOut: Endpoint = { (site, request) throws(APIError) in
    try site.requireSameOrigin(request)
    // A client without a session must not learn the cookie's name.
    guard try site.isAdministrator(request), let session = try site.adminSession() else {
      return .json(["success": true])
    }
    return cookie(session, from: nil, request)
  }

  /// `GET /api/session`: whether the cookie is a session.
  static let session: Endpoint = { (site, request) throws(APIError) in
    .json(["loggedIn": .bool(try site.isAdministrator(request))])
  }

  /// The answer that begins a session at a time, or ends it.
  static func cookie(
    _ session: AdminSession, from nowMilliseconds: Int?, _ request: Request
  ) -> Response {
    var response = Response.json(["success": true])
    let value = nowMilliseconds.map { session.issue(nowMilliseconds: $0) }
    response.fields[.setCookie] = Cookie.setting(
      session.cookieName, to: value ?? "",
      maxAgeSeconds: value == nil ? 0 : AdminSession.lifetimeSeconds, secure: request.isSecure)
    return response
  }
}

extension Request {
  /// Whether the client speaks https, to this server or to a proxy in front of it.
  var isSecure: Bool {
    let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { fields[$0] }
    return metaVariables["HTTPS"].map { $0 != "off" } ?? (forwarded == "https")
  }
}
