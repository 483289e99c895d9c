extension JSONValue {
  /// The value as compact JSON in UTF-8, without white space.
  public var serialized: [UInt8] {
    var text: [UInt8] = []
    append(to: &text)
    return text
  }

  /// Appends the value as compact JSON.
  public func append(to text: inout [UInt8]) {
    switch self {
    case .null: text.append(contentsOf: "null".utf8)
    case .bool(let value): text.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let digits): text.append(contentsOf: digits.utf8)
    case .string(let string): text.appendQuoted(string)
    case .array(let elements):
      text.appendList(elements, opening: "[", closing: "]") { $0.append(to: &$1) }
    case .object(let object):
      text.appendList(object.members, opening: "{", closing: "}") { member, text in
        text.appendQuoted(member.name)
        text.append(UInt8(ascii: ":"))
        member.value.append(to: &text)
      }
    }
  }
}

extension [UInt8] {
  fileprivate mutating func appendList<Item>(
    _ elements: [Item], opening: Unicode.Scalar, closing: Unicode.Scalar,
    _ appendElement: (Item, inout [UInt8]) -> Void
  ) {
    append(UInt8(ascii: opening))
    for (index, element) in elements.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      appendElement(element, &self)
    }
    append(UInt8(ascii: closing))
  }

  fileprivate mutating func appendQuoted(_ string: String) {
    append(UInt8(ascii: "\""))
    defer { append(UInt8(ascii: "\"")) }
    let isPlain = string.utf8.allSatisfy { byte in
      byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
    if isPlain { return append(contentsOf: string.utf8) }
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append(contentsOf: #"\""#.utf8)
      case UInt8(ascii: "\\"): append(contentsOf: #"\\"#.utf8)
      case 0x0A: append(contentsOf: #"\n"#.utf8)
      case 0x0D: append(contentsOf: #"\r"#.utf8)
      case 0x09: append(contentsOf: #"\t"#.utf8)
      case 0..<0x20: append(contentsOf: #"\u00"#.utf8 + [hexDigit(byte >> 4), hexDigit(byte & 15)])
      default: append(byte)
      }
    }
  }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
