/// Cookies, as a browser sends them and as a script sets them (RFC 6265).
public enum Cookie {
  /// The values of a name in a `Cookie` header field, in its order (RFC 6265, section 5.4).
  ///
  /// There may be several: from other paths, or from a site that used this address before. The field is
  /// read as bytes, not characters, so that a combining mark cannot hide a semicolon.
  public static func values(of name: String, in field: String) -> [String] {
    field.utf8.split(separator: UInt8(ascii: ";")).compactMap { pair in
      guard let separator = pair.firstIndex(of: UInt8(ascii: "=")),
        trimmed(pair[..<separator]).elementsEqual(name.utf8)
      else { return nil }
      return String(decoding: trimmed(pair[pair.index(after: separator)...]), as: UTF8.self)
    }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    let start = text.drop { $0 == 0x20 || $0 == 0x09 }
    let end = start.lastIndex { $0 != 0x20 && $0 != 0x09 }
    return end.map { start[...$0] } ?? start.prefix(0)
  }

  /// A `Set-Cookie` value, unreadable for page scripts (RFC 6265, section 4.1), with `SameSite=Strict`.
  ///
  /// - Parameters:
  ///   - name: A token.
  ///   - value: Cookie-octets only.
  ///   - path: The path below which the browser sends it; usually the whole site.
  ///   - maxAgeSeconds: How long the browser keeps it; 0 removes it.
  ///   - secure: Whether the browser sends it over https only.
  /// - Returns: The field's value.
  public static func setting(
    _ name: String, to value: String, path: String = "/", maxAgeSeconds: Int, secure: Bool
  ) -> String {
    "\(name)=\(value); Path=\(path); Max-Age=\(maxAgeSeconds); HttpOnly; SameSite=Strict"
      + (secure ? "; Secure" : "")
  }
}
