/// The members of an object in compact JSON, as spans of its text.
///
/// Use it only for text that this program wrote itself, as a checksum or the text's origin shows: it
/// builds no values and checks nothing except the bounds of the text. Names are compared as written,
/// so a name that contains an escape is not found.
public struct JSONMembers {
  private let text: ArraySlice<UInt8>
  private var members: [(name: Range<Int>, value: Range<Int>)] = []

  /// Scans an object's text; `nil` if it is not an object in compact form.
  public init?(scanning text: ArraySlice<UInt8>) {
    self.text = text
    var scanner = Scanner(text: text, position: text.startIndex)
    guard scanner.skip(UInt8(ascii: "{")) else { return nil }
    members.reserveCapacity(10)
    let isEmpty = scanner.peek == UInt8(ascii: "}")
    repeat {
      if isEmpty { break }
      guard let name = scanner.string(), scanner.skip(UInt8(ascii: ":")),
        let value = scanner.value()
      else { return nil }
      members.append(((name.lowerBound + 1)..<(name.upperBound - 1), value))
    } while scanner.skip(UInt8(ascii: ","))
    guard scanner.skip(UInt8(ascii: "}")), scanner.isAtEnd else { return nil }
  }

  /// Scans the members of an object's text that precede a given one, and leaves the rest unread.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - name: The member's name.
  /// - Returns: The members, and where the value of that member begins; `nil` if it is not there.
  public static func scan(
    _ text: ArraySlice<UInt8>, upTo name: String
  ) -> (members: JSONMembers, valueStart: Int)? {
    var members = JSONMembers(text: text)
    var scanner = Scanner(text: text, position: text.startIndex)
    guard scanner.skip(UInt8(ascii: "{")) else { return nil }
    repeat {
      guard let found = scanner.string(), scanner.skip(UInt8(ascii: ":")) else { return nil }
      let content = (found.lowerBound + 1)..<(found.upperBound - 1)
      if text[content].elementsEqual(name.utf8) { return (members, scanner.position) }
      guard let value = scanner.value() else { return nil }
      members.members.append((content, value))
    } while scanner.skip(UInt8(ascii: ","))
    return nil
  }

  private init(text: ArraySlice<UInt8>) {
    self.text = text
    members.reserveCapacity(8)
  }

  /// The text of a member's value; if a name occurs twice, the last one counts.
  public subscript(name: String) -> ArraySlice<UInt8>? {
    let count = name.utf8.count
    let member = members.last { member in
      member.name.count == count && text[member.name].elementsEqual(name.utf8)
    }
    return member.map { text[$0.value] }
  }

  /// A member's value, if it is a string.
  public func string(_ name: String) -> String? {
    guard let value = self[name], value.first == UInt8(ascii: "\"") else { return nil }
    let content = value.dropFirst().dropLast()
    guard content.contains(UInt8(ascii: "\\")) else {
      return String(decoding: content, as: UTF8.self)
    }
    return (try? JSONValue(parsing: Array(value)))?.string
  }

  /// A member's value, if it is a whole number that fits.
  public func int(_ name: String) -> Int? {
    guard let value = self[name], value.count < 20 else { return nil }
    return Int(String(decoding: value, as: UTF8.self))
  }
}

/// A position in a compact text.
private struct Scanner {
  let text: ArraySlice<UInt8>
  var position: Int

  var isAtEnd: Bool { position == text.endIndex }

  var peek: UInt8? { isAtEnd ? nil : text[position] }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < text.endIndex, text[position] == byte else { return false }
    position += 1
    return true
  }

  /// A string with its quotation marks.
  mutating func string() -> Range<Int>? {
    let start = position
    guard skip(UInt8(ascii: "\"")) else { return nil }
    while position < text.endIndex {
      let byte = text[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return start..<position }
      if byte == UInt8(ascii: "\\") { position += 1 }
    }
    return nil
  }

  mutating func value() -> Range<Int>? {
    let start = position
    var depth = 0
    while position < text.endIndex {
      switch text[position] {
      case UInt8(ascii: "\""):
        guard string() != nil else { return nil }
        if depth == 0 { return start..<position }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // The end of the object around it.
        guard depth > 0 else { return start..<position }
        depth -= 1
        if depth == 0 {
          position += 1
          return start..<position
        }
      case UInt8(ascii: ","):
        if depth == 0 { return start..<position }
      default: break
      }
      position += 1
    }
    return nil
  }
}
