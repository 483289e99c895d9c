import CGI
import Contest
import DurableStore
import HTTPTypes
import JSON

/// Who is called to the stage.
extension Router {
  /// `GET /api/call`: who is there, who is next, and who was absent; for everybody.
  static let stage: Endpoint = { (site, request) throws(APIError) in
    .json(try site.contest().state.stage.map(JSONValue.object) ?? emptyStage)
  }

  /// What is said before the first call.
  private static let emptyStage: JSONValue = [
    "round": .null, "entry": .null, "next": .null, "absent": [], "called": 0, "of": 0,
  ]

  /// `POST /api/rounds/{id}/call` with `{"entry":"<id>"}`, `{"next":true}`, `{"absent":true}` or
  /// `{"absent":"<id>"}`: who is absent goes last, and the next is called.
  static let callToStage: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.object(of: request)
    // When somebody else calls at the same time, the next one is another.
    return try basedOnLatest(request) { () throws(APIError) in
      let (round, contest) = try round(of: request, in: site, beingIn: [.open, .locked, .decided])
      let call = try call(body, round, among: contest.entries(of: round).map(\.id))
      var answer = contest.stage(round, call)
      let receipt = try site.commit(
        .jury(
          .call(round: round.id, call, shown: answer, replacing: ListMark(of: contest.jury.rounds)))
      )
      answer["success"] = true
      answer["transactionId"] = .string(receipt.transactionID)
      return .json(.object(answer))
    }
  }

  private static func call(
    _ body: JSONObject, _ round: Round, among present: [String]
  ) throws(APIError) -> Call {
    let call = round.call
    if let id = body["entry"]?.string {
      return call.calling(try member(id, of: round, among: present))
    }
    if body["next"] == true { return call.calling(call.next(of: present)) }
    guard let absent = body["absent"], let id = absent == true ? call.entry : absent.string else {
      throw .badRequest(
        "malformed",
        "Send {\"entry\":\"<id>\"}, {\"next\":true}, or {\"absent\":true} while somebody is called."
      )
    }
    let missing = call.missing(try member(id, of: round, among: round.entries))
    guard call.entry == id else { return missing }
    // Whoever was just absent is not called again at once.
    let next = missing.next(of: present)
    return missing.calling(next == id ? nil : next)
  }

  private static func member(
    _ id: String, of round: Round, among entries: [String]
  ) throws(APIError) -> String {
    guard entries.contains(id) else {
      throw .notFound("“\(round.name)” has no entry “\(id)”.")
    }
    return id
  }
}
