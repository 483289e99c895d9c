/// The parameters of a URL's query, as HTML forms write them (RFC 3875, section 4.1.7).
public struct QueryString: Sendable, Equatable {
  private let parameters: [(name: String, value: String)]

  /// Splits at `&` and the first `=`; decodes `%` and `+`.
  ///
  /// Accepts any text.
  public init(_ text: String) {
    parameters = text.utf8.split(separator: UInt8(ascii: "&")).map { pair in
      let halves = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      return (Self.decoded(halves[0]), halves.count > 1 ? Self.decoded(halves[1]) : "")
    }
  }

  /// The first value of a name.
  public subscript(name: String) -> String? {
    parameters.first { $0.name == name }?.value
  }

  /// All values of a name, in their order.
  public func values(of name: String) -> [String] {
    parameters.filter { $0.name == name }.map(\.value)
  }

  /// Whether both have the same parameters in the same order.
  public static func == (one: QueryString, other: QueryString) -> Bool {
    one.parameters.elementsEqual(other.parameters) { $0 == $1 }
  }

  private static func decoded(_ text: Substring.UTF8View) -> String {
    let spaced = text.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }
    return String(decoding: PercentEncoding.decoded(spaced), as: UTF8.self)
  }
}

/// Percent-encoding (RFC 3986, section 2.1).
enum PercentEncoding {
  /// Replaces each `%` and two hexadecimal digits with their byte; everything else stays as it is.
  static func decoded(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
        let high = hexValue(text[index + 1]), let low = hexValue(text[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
