/// What a byte is in ASCII (RFC 20), where locales and Unicode have no say.
extension UInt8 {
  /// `0-9`.
  package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  /// `A-Z`, `a-z`.
  package var isLetter: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
  }

  /// The small letter of a letter, any other byte as it is.
  package var lowercased: UInt8 { isLetter ? self | 0x20 : self }

  /// `0-9A-Fa-f`.
  package var isHexDigit: Bool {
    isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
  }

  /// `A-Za-z0-9`.
  package var isLetterOrDigit: Bool { isLetter || isDigit }

  /// `A-Za-z0-9_-`, as in identifiers and keys.
  package var isIdentifierByte: Bool {
    isLetterOrDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
  }
}
