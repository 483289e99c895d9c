import CGI
import Contest
import DurableStore
import HTTPTypes
import JSON

/// Corrections of entries.
extension Router {
  /// `PATCH /api/submissions/{id}` with `caption`, `artist` or `studio`.
  static let editSubmission: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let entry = try entry(id: lastSegment(of: request), in: site)
    let members = try JSONBody.object(of: request)
    let edit = try refusing { () throws(Refusal) in try EntryEdit(entry, members: members) }
    return try commit(.edit(edit), site)
  }

  /// `POST /api/submissions/{id}/category` with `{"category"}`: moves an entry.
  static let moveSubmission: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let id = request.path.split(separator: "/").dropLast().last.map(String.init) ?? ""
    let entry = try entry(id: id, in: site)
    guard let category = try JSONBody.object(of: request)["category"]?.string else {
      throw .badRequest("malformed", "Send the new category as {\"category\":\"<id>\"}.")
    }
    guard try site.contest().state.category(id: category) != nil else {
      throw .badRequest("unknown_category", "There is no category “\(category)”.")
    }
    return try commit(.edit(EntryEdit(entry, to: category)), site)
  }

  private static func entry(id: String, in site: Site) throws(APIError) -> Entry {
    guard let entry = try site.contest().state.entry(id: id) else {
      throw .notFound("There is no entry “\(id)”.")
    }
    return entry
  }
}
