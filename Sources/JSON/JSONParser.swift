import ASCII

/// Why a text is not JSON, and where.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  /// The problem in lower case, such as `expected a value`.
  public let problem: String
  /// Where it was found, in bytes from the beginning.
  public let byteOffset: Int

  /// The problem and its place, for a log line.
  public var description: String { "\(problem) at byte \(byteOffset)" }
}

extension JSONValue {
  /// Parses a whole text (RFC 8259, section 2), which may have white space around it.
  ///
  /// Arrays and objects may be nested 128 deep. A lone surrogate becomes U+FFFD.
  /// - Throws: `JSONError` when the text is not one JSON value in UTF-8.
  public init(parsing text: [UInt8]) throws {
    var parser = JSONParser(text: text)
    self = try parser.wholeText()
  }
}

/// A recursive-descent parser over the bytes of one text.
private struct JSONParser {
  private static let maxDepth = 128

  private let text: [UInt8]
  private var position = 0
  private var depth = 0

  init(text: [UInt8]) {
    self.text = text
  }

  mutating func wholeText() throws(JSONError) -> JSONValue {
    let value = try value()
    skipWhiteSpace()
    guard position == text.count else { throw error("unexpected text after the value") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipWhiteSpace()
    switch current {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case let byte? where byte == UInt8(ascii: "-") || byte.isDigit: return .number(try number())
    case nil: throw error("the text ends early")
    default: throw error("expected a value")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    depth += 1
    guard depth <= Self.maxDepth else { throw error("nested too deeply") }
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var members: [JSONObject.Member] = []
    skipWhiteSpace()
    if skip(UInt8(ascii: "}")) { return .object(JSONObject(members)) }
    while true {
      skipWhiteSpace()
      guard current == UInt8(ascii: "\"") else { throw error("expected a member's name") }
      let name = try string()
      skipWhiteSpace()
      guard skip(UInt8(ascii: ":")) else { throw error("expected a colon") }
      members.append(JSONObject.Member(name: name, value: try value()))
      skipWhiteSpace()
      if skip(UInt8(ascii: "}")) { return .object(JSONObject(members)) }
      guard skip(UInt8(ascii: ",")) else { throw error("expected a comma or a brace") }
    }
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    skipWhiteSpace()
    if skip(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value())
      skipWhiteSpace()
      if skip(UInt8(ascii: "]")) { return .array(elements) }
      guard skip(UInt8(ascii: ",")) else { throw error("expected a comma or a bracket") }
    }
  }

  private mutating func literal(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    for byte in String(describing: word).utf8 {
      guard skip(byte) else { throw error("expected a value") }
    }
    return value
  }

  private mutating func number() throws(JSONError) -> String {
    let start = position
    _ = skip(UInt8(ascii: "-"))
    if !skip(UInt8(ascii: "0")) { try digits() }
    if skip(UInt8(ascii: ".")) { try digits() }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
      try digits()
    }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = current, byte.isDigit { position += 1 }
    guard position > start else { throw error("expected a digit") }
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    guard current == UInt8(ascii: "\"") else { return try escapedString(from: start) }
    position += 1
    return try utf8(text[start..<(position - 1)])
  }

  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var bytes = Array(text[start..<position])
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try utf8(bytes[...])
      case UInt8(ascii: "\\"): try appendEscape(to: &bytes)
      case 0..<0x20: throw error("a control character in a string")
      default: bytes.append(byte)
      }
    }
    throw error("the text ends in a string")
  }

  private mutating func appendEscape(to bytes: inout [UInt8]) throws(JSONError) {
    guard let byte = current else { throw error("the text ends in a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"): bytes.append(contentsOf: Array(String(try scalar()).utf8))
    default: throw error("an unknown escape")
    }
  }

  private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
    let first = try hexUnit()
    if UTF16.isLeadSurrogate(first), let second = try lookAheadTrailSurrogate() {
      return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }
    return Unicode.Scalar(first) ?? "\u{FFFD}"
  }

  private mutating func lookAheadTrailSurrogate() throws(JSONError) -> UInt16? {
    let start = position
    if skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) {
      let unit = try hexUnit()
      if UTF16.isTrailSurrogate(unit) { return unit }
    }
    position = start
    return nil
  }

  private mutating func hexUnit() throws(JSONError) -> UInt16 {
    guard position + 4 <= text.count else { throw error("the text ends in a string") }
    let digits = text[position..<(position + 4)]
    guard digits.allSatisfy(\.isHexDigit),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits") }
    position += 4
    return unit
  }

  private func utf8(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> String {
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw error("a string that is not UTF-8")
    }
    return string
  }

  private var current: UInt8? { position < text.count ? text[position] : nil }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipWhiteSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private func error(_ problem: String) -> JSONError {
    JSONError(problem: problem, byteOffset: position)
  }
}
