import CGI
import Contest
import DurableStore
import HTTPTypes
import JSON

/// What everybody may read; the web server answers most of these from `public/`.
extension Router {
  private static let defaultPage = 60
  private static let maxPage = 200

  /// `GET /categories.json`: `[{"id","name"}]`.
  static let categories: Endpoint = { (site, request) throws(APIError) in
    let snapshot = try site.contest()
    return document(snapshot.state.categoriesJSON, generation: snapshot.generation, for: request)
  }

  /// `GET /api/winners`: the published winners.
  static let winners: Endpoint = { (site, request) throws(APIError) in
    let snapshot = try site.contest()
    return document(snapshot.state.winnersJSON, generation: snapshot.generation, for: request)
  }

  /// `GET /api/feed`: all of it, or with `category`, `limit` and `before` one page of a category.
  static let feed: Endpoint = { (site, request) throws(APIError) in
    let snapshot = try site.contest()
    guard let category = request.query["category"] else {
      guard request.query["limit"] == nil, request.query["before"] == nil else {
        throw .badRequest("no_category", "A page of the feed needs a category.")
      }
      site.store.refreshPublicFiles()
      return document(snapshot.state.feedJSON, generation: snapshot.generation, for: request)
    }
    let limit = request.query["limit"].map { Int($0) ?? 0 } ?? defaultPage
    guard (1...maxPage).contains(limit) else {
      throw .badRequest("bad_limit", "The limit is a number from 1 to \(maxPage).")
    }
    do throws(Refusal) {
      let page = try snapshot.state.feedPage(
        of: category, before: request.query["before"], limit: limit)
      return document(page.json.serialized + [0x0A], generation: snapshot.generation, for: request)
    } catch {
      // 400, not 404: the path exists, but what the query names does not.
      throw .badRequest(error.code, error.reason)
    }
  }

  /// JSON with an entity tag like that of the file in `public/`: time and length.
  ///
  /// The file's time is a generation that the content has been at (RFC 9110, section 8.8.3).
  private static func document(_ body: [UInt8], generation: Int, for request: Request) -> Response {
    let tag = "\"\(String(generation, radix: 16))-\(String(body.count, radix: 16))\""
    var fields: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
    if let wanted = request.fields[.ifNoneMatch], matches(tag, wanted) {
      return Response(status: .notModified, fields: fields)
    }
    fields[.contentType] = "application/json; charset=utf-8"
    return Response(status: .ok, fields: fields, body: body)
  }

  /// The generation that an entity tag of a public file begins with, strong or weak; `nil` if it is none.
  static func generation(ofTag text: Substring) -> Int? {
    var tag = text.drop { $0 == " " }.prefix { $0 != " " }
    if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
    guard tag.hasPrefix("\""), let end = tag.firstIndex(of: "-") else { return nil }
    return Int(tag[tag.index(after: tag.startIndex)..<end], radix: 16)
  }

  /// Compares weakly (RFC 9110, section 13.1.2), also with the tag as Apache's mod_deflate changes it
  /// (https://httpd.apache.org/docs/2.4/mod/mod_deflate.html#deflatealteretag).
  private static func matches(_ tag: String, _ list: String) -> Bool {
    let compressed = String(tag.dropLast()) + "-gzip\""
    return list.split(separator: ",").contains { element in
      let element = element.drop { $0 == " " }.prefix { $0 != " " }
      return ["*", tag, "W/\(tag)", compressed].contains(String(element))
    }
  }
}
