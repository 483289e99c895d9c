import ASCII

/// A value with parameters, such as a media type (RFC 9110, section 8.3.1) or the disposition of
/// a part (RFC 2183, section 2).
public struct MediaType: Sendable, Equatable {
  /// What stands before the first semicolon, in lower case, such as `multipart/form-data`.
  public let essence: String
  private let parameters: [String: String]

  /// Parses `essence; name=token; name="quoted string"`.
  ///
  /// In a quoted string a backslash escapes a quote or a backslash; elsewhere it stands for itself:
  /// `curl` escapes this way, and browsers send the backslashes of a path unescaped.
  /// - Returns: `nil` when the text is malformed, or two parameters have the same name.
  public init?(_ text: String) {
    var scanner = Scanner(rest: Array(text.utf8)[...])
    let characters = scanner.take { $0 != UInt8(ascii: ";") }.filter { $0 != UInt8(ascii: " ") }
    essence = String(decoding: characters.map(\.lowercased), as: UTF8.self)
    guard !essence.isEmpty else { return nil }
    var parameters: [String: String] = [:]
    while scanner.skip(UInt8(ascii: ";")) {
      scanner.skipSpaces()
      if scanner.rest.isEmpty { break }
      guard let (name, value) = scanner.parameter(), parameters[name] == nil else { return nil }
      parameters[name] = value
    }
    guard scanner.rest.isEmpty else { return nil }
    self.parameters = parameters
  }

  /// The value of a parameter, unquoted; names are in lower case.
  public subscript(parameter parameter: String) -> String? { parameters[parameter] }

  /// The value of a parameter in its extended form, `name*=UTF-8''percent-encoded`, decoded
  /// (RFC 8187, section 3.2); `nil` if there is none or its charset is not UTF-8.
  public func extended(_ parameter: String) -> String? {
    guard let text = parameters[parameter + "*"] else { return nil }
    let parts = text.utf8.split(
      separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, String(Substring(parts[0])).lowercased() == "utf-8" else { return nil }
    return String(validating: PercentEncoding.decoded(Array(parts[2])), as: UTF8.self)
  }
}

private struct Scanner {
  var rest: ArraySlice<UInt8>

  mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let taken = rest.prefix(while: isWanted)
    rest = rest.dropFirst(taken.count)
    return taken
  }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }

  mutating func skipSpaces() {
    _ = take { $0 == 0x20 || $0 == 0x09 }
  }

  mutating func parameter() -> (name: String, value: String)? {
    let name = take(while: isToken)
    skipSpaces()
    guard !name.isEmpty, skip(UInt8(ascii: "=")) else { return nil }
    skipSpaces()
    guard let value = skip(UInt8(ascii: "\"")) ? quotedString() : Array(take(while: isUnquoted))
    else {
      return nil
    }
    skipSpaces()
    guard let text = String(validating: value, as: UTF8.self) else { return nil }
    return (String(decoding: name, as: UTF8.self).lowercased(), text)
  }

  private mutating func quotedString() -> [UInt8]? {
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return value
      case UInt8(ascii: "\\") where rest.first == byte || rest.first == UInt8(ascii: "\""):
        value.append(rest.removeFirst())
      default: value.append(byte)
      }
    }
    return nil
  }

  /// Also accepts what RFC 2045 requires to be quoted but clients write bare, as in `boundary=a/b:c`.
  private func isUnquoted(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: ";") && byte != UInt8(ascii: "\"")
  }
}

/// Whether a byte may stand in a token (RFC 9110, section 5.6.2).
func isToken(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"):
    true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
