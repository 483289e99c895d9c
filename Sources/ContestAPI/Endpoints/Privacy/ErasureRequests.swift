import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Logging

/// Organizers who erase personal data.
extension Router {
  /// `GET /api/erasures`: what was erased, without what it was.
  static let erasures: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let entries = try site.attempt { () throws(FileError) in try site.erasures.ledger.entries() }
    return .json([
      "erasures": .array(
        entries.map { entry in
          [
            "id": .string(entry.erasure.id), "at": .int(entry.erasure.atMilliseconds),
            "scope": .string(entry.erasure.scope.rawValue),
            "count": .int(entry.erasure.entryIDs.count), "isDone": .bool(entry.isDone),
            "certificate": entry.certificate.map(JSONValue.object) ?? .null,
          ]
        })
    ])
  }

  /// `POST /api/erasures {"entries"|"phone"|"olderThan","scope":"contact"|"entry"}`: a plan, with a token.
  ///
  /// Nothing is erased yet; the token carries it out.
  static let planErasure: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.object(of: request)
    guard let scope = body["scope"]?.string.flatMap(ErasureScope.init),
      let selection = selection(in: body)
    else {
      throw .badRequest(
        "malformed",
        "Say whose data, as entries (a list of ids), phone or olderThan (milliseconds since 1970), and the "
          + "scope: contact or entry.")
    }
    let removesQuarantined = body["quarantine"] == true
    let plan = try carefully(site) {
      try site.erasures.plan(selection, scope, removesQuarantined: removesQuarantined)
    }
    guard case .object(var answer) = plan.json else { throw .notFound() }
    answer["success"] = true
    return .json(.object(answer))
  }

  private static func selection(in body: JSONObject) -> ErasureSelection? {
    let (entries, phone, time) = (body["entries"], body["phone"], body["olderThan"])
    guard [entries, phone, time].count(where: { $0 != nil }) == 1 else { return nil }
    if let values = entries?.array {
      let ids = values.compactMap(\.string)
      return ids.count == values.count ? .entries(Set(ids)) : nil
    }
    if let text = phone?.string, text.contains(where: \.isNumber) {
      return .phone(text)
    }
    return time?.int.map { .olderThan(milliseconds: $0) }
  }

  /// `POST /api/erasures/{token}`: carries a plan out, and answers with the certificate.
  static let carryOutErasure: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let token = lastSegment(of: request)
    let done = try site.attempt { () throws(FileError) in
      try site.erasures.certificate(token: token)
    }
    if let done {
      // The answer to the first time may have been lost.
      return .json(["success": true, "certificate": .object(done), "replayed": true])
    }
    guard let plan = site.erasures.plan(token: token) else {
      throw .notFound("There is no such plan, or it is older than an hour. Make it again.")
    }
    let certificate = try carefully(site) { try site.erasures.perform(plan) }
    return .json(["success": true, "certificate": .object(certificate)])
  }

  private static func carefully<Result>(
    _ site: Site, _ body: () throws -> Result
  ) throws(APIError) -> Result {
    do {
      return try body()
    } catch {
      site.logger.error("\(error)")
      throw (error as? any AnsweredError)?.answer
        ?? APIError(.internalServerError, code: "failed", "This failed. The log says why.")
    }
  }
}
