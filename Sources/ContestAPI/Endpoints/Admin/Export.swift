import ASCII
import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Photos

/// Everything that was entered, to take away.
extension Router {
  private static let separators = [",": ",", ";": ";", "tab": "\t"]

  /// `GET /api/export?format=csv|json|zip`; a table with `&separator=;` or `tab`, and with `&bom=1` a byte order
  /// mark.
  static let export: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let contest = try site.contest().state
    switch request.query["format"] {
    case "csv": return try table(contest, request)
    case "json":
      return attachment(
        "json", of: "application/json; charset=utf-8", event: contest.event, json(contest))
    case "zip": return archive(contest, site)
    default: throw .badRequest("bad_format", "Ask for format=csv, format=json or format=zip.")
    }
  }

  private static func table(
    _ contest: Contest, _ request: Request
  ) throws(APIError) -> Response {
    guard let separator = separators[request.query["separator"] ?? ","] else {
      throw .badRequest("bad_separator", "The separator is , or ; or the word tab.")
    }
    let mark = request.query["bom"] == "1" ? Spreadsheet.byteOrderMark : []
    return attachment(
      "csv", of: "text/csv; charset=utf-8", event: contest.event,
      mark + EntryTable(contest, separator: separator).text)
  }

  private static func archive(_ contest: Contest, _ site: Site) -> Response {
    var response = attachment("zip", of: "application/zip", event: contest.event, [])
    let (photos, now) = (site.photos, site.surroundings.nowMilliseconds())
    response.stream = { write in
      withoutActuallyEscaping(write) { write in
        // A client that has gone away gets no more.
        _ = try? PhotoArchive(of: contest, photos).write(
          json: json(contest), nowMilliseconds: now
        ) { part in
          guard write(part) else { throw ClientGone() }
        }
      }
    }
    return response
  }

  private struct ClientGone: Error {}

  /// Event, categories, entries and winners; nothing of the judges, whose marks nobody sees early.
  private static func json(_ contest: Contest) -> [UInt8] {
    let submissions = contest.allEntries.map { section in
      JSONObject.Member(
        name: section.category, value: .array(section.entries.map(\.json)))
    }
    let value: JSONValue = [
      "event": contest.event?.json ?? .null,
      "categories": .array(contest.categories.map(\.json)),
      "submissions": .object(JSONObject(submissions)), "winners": Change.json(contest.winners),
    ]
    return value.serialized + [0x0A]
  }

  private static func attachment(
    _ ending: String, of type: String, event: Event?, _ body: [UInt8]
  ) -> Response {
    var disposition = "attachment; filename=\"tattoo-contest.\(ending)\""
    if let event { disposition += "; filename*=UTF-8''\(encoded(event.name)).\(ending)" }
    return Response(
      status: .ok,
      fields: [
        .contentType: type, .cacheControl: "no-store", .contentDisposition: disposition,
      ], body: body)
  }

  /// A text as the value of an extended parameter (RFC 8187, section 3.2.1).
  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      byte.isLetterOrDigit
        ? String(UnicodeScalar(byte)) : "%" + [byte].hexadecimalDigits
    }.joined()
  }
}
