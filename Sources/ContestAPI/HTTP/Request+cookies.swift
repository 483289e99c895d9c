import CGI
import HTTPTypes

extension Request {
  /// The name of a cookie of this site: `<name>_<port>`.
  ///
  /// Cookies ignore ports (RFC 6265, section 8.5): two sites on one host need two names.
  func cookieName(_ name: String) -> String {
    name + "_" + (metaVariables["SERVER_PORT"] ?? "").filter(\.isNumber)
  }

  /// What the browser has sent for a cookie of this site; there may be several.
  func cookies(_ name: String) -> [String] {
    fields[.cookie].map { Cookie.values(of: cookieName(name), in: $0) } ?? []
  }
}
