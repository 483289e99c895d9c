/// The header of one part of a form (RFC 7578, section 4.2).
public struct PartHeader: Sendable, Equatable {
  /// The form field's name.
  public let name: String
  /// The file's name as the client gave it, for messages only; `nil` for a field without one.
  ///
  /// `filename*` is not allowed in forms (RFC 7578, section 4.2), but some clients send it for
  /// non-ASCII names; it then takes precedence.
  public let fileName: String?

  /// Parses the header fields with their line ends, up to and including the empty line.
  ///
  /// - Throws: `MultipartError` when a line is malformed, the disposition is missing or has no
  ///   name, or a value holds CR, LF or NUL, raw or percent-encoded as browsers write them.
  init(parsing text: ArraySlice<UInt8>) throws(MultipartError) {
    var disposition: MediaType?
    for line in try Self.lines(of: text) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy(isToken)
      else { throw MultipartError("A part's header has a line that is no header field.") }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      guard name == "content-disposition" else { continue }
      guard disposition == nil,
        let value = String(validating: line[(colon + 1)...], as: UTF8.self),
        let parsed = MediaType(value)
      else { throw MultipartError("A part's Content-Disposition is malformed.") }
      disposition = parsed
    }
    guard let disposition, disposition.essence == "form-data" else {
      throw MultipartError("A part has no Content-Disposition of form-data.")
    }
    guard let name = disposition[parameter: "name"] else {
      throw MultipartError("A part has no name.")
    }
    self.name = name
    fileName = disposition.extended("filename") ?? disposition[parameter: "filename"]
    guard !Self.holdsControl(name), !Self.holdsControl(fileName ?? "") else {
      throw MultipartError("A part's name or file name holds a line break or a NUL.")
    }
  }

  private static func lines(
    of text: ArraySlice<UInt8>
  ) throws(MultipartError) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var rest = text
    while let end = rest.firstIndex(of: 0x0A) {
      guard end > rest.startIndex, rest[end - 1] == 0x0D else {
        throw MultipartError("A part's header lines must end with CRLF, not LF alone.")
      }
      let line = rest[..<(end - 1)]
      guard !line.contains(0x0D), !line.contains(0) else {
        throw MultipartError("A part's header holds a bare CR or a NUL.")
      }
      if !line.isEmpty { lines.append(line) }
      rest = rest[(end + 1)...]
    }
    return lines
  }

  /// Browsers write a line break in a name as `%0D%0A` (WHATWG HTML, "multipart form data").
  private static func holdsControl(_ text: String) -> Bool {
    let decoded = PercentEncoding.decoded(Array(text.utf8))
    return decoded.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
  }
}
