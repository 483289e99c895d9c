/// Cookies, as a browser sends them and as a script sets them (RFC 6265).
public enum Cookie {
  /// The value of a name in a `Cookie` header field (RFC 6265, section 5.4).
  public static func value(of name: String, in field: String) -> String? {
    for pair in field.split(separator: ";") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2, halves[0].trimmingSpaces == name else { continue }
      return String(halves[1].trimmingSpaces)
    }
    return nil
  }

  /// A `Set-Cookie` value for the whole site that no script of a page can read
  /// (RFC 6265, section 4.1), with `SameSite=Strict`.
  ///
  /// - Parameters:
  ///   - name: A token.
  ///   - value: Characters of a cookie-octet only.
  ///   - maxAgeSeconds: How long the browser keeps it; 0 removes it.
  ///   - secure: Whether it is for https alone.
  /// - Returns: The field's value.
  public static func setting(
    _ name: String, to value: String, maxAgeSeconds: Int, secure: Bool
  ) -> String {
    "\(name)=\(value); Path=/; Max-Age=\(maxAgeSeconds); HttpOnly; SameSite=Strict"
      + (secure ? "; Secure" : "")
  }
}

extension Substring {
  var trimmingSpaces: Substring {
    let start = drop { $0 == " " || $0 == "\t" }
    let end = start.lastIndex { $0 != " " && $0 != "\t" }
    return end.map { start[...$0] } ?? ""
  }
}
