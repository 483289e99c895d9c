import CGI
import Contest
import HTTPTypes

extension Request {
  /// Returns the mark of what a write replaces, if `If-Match` says that the client has seen it; `nil` without
  /// that field (RFC 9110, section 13.1.1).
  ///
  /// - Parameter mark: The mark of what is there.
  /// - Returns: The mark.
  /// - Throws: `APIError` with 412 when the client has seen another version.
  func seen(_ mark: ListMark) throws(APIError) -> ListMark? {
    guard let field = fields[.ifMatch] else { return nil }
    // A web server that compresses makes a strong tag weak; what it names is the same.
    let isSeen = field.split(separator: ",").contains { element in
      let tag = element.drop { $0 == " " }.prefix { $0 != " " }
      // Apache's mod_deflate appends to it.
      let names = ["\(mark.text)", "\(mark.text)-gzip"].flatMap { ["\"\($0)\"", "W/\"\($0)\""] }
      return tag == "*" || names.contains(String(tag))
    }
    guard isSeen else { throw APIError(.changedMeanwhile as Refusal) }
    return mark
  }

  /// The path's segments, such as `api`, `rounds`, `<id>`, `open`.
  var pathSegments: [String] { path.split(separator: "/").map(String.init) }
}

extension ListMark {
  /// As an entity tag.
  var tag: String { "\"\(text)\"" }
}
