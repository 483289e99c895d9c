import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// The end of an event, and what stands against it.
extension Router {
  /// `POST /api/event/finalize {"comment"}`: nothing changes any more.
  ///
  /// 409 `blocked` with the list, while something is undecided.
  static let finalizeEvent: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let comment = try comment(in: try JSONBody.objectIfAny(of: request))
    let contest = try site.contest().state
    guard let event = contest.event, event.state == .live else {
      throw APIError(.badState(contest.event?.state) as Refusal)
    }
    let now = site.surroundings.nowMilliseconds()
    let blockers = contest.blockersOfEnd(atMilliseconds: now)
    guard blockers.isEmpty else {
      throw APIError(.blocked(blockers.map(\.sentence)) as Refusal)
        .with("blocked", .array(blockers.map(\.json)))
    }
    let ending = EventEnding.finalize(eventID: event.id, comment: comment, atMilliseconds: now)
    return try commit(.ending(ending), site)
  }

  /// `POST /api/event/reopen {"reason"}`: a finalized event is live again.
  static let reopenEvent: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let reason = try reason(
      in: try JSONBody.objectIfAny(of: request), of: "opening an event again")
    guard let event = try site.contest().state.event else {
      throw APIError(.badState(nil) as Refusal)
    }
    let ending = EventEnding.reopen(
      eventID: event.id, reason: reason, atMilliseconds: site.surroundings.nowMilliseconds())
    return try commit(.ending(ending), site)
  }

  private static func comment(in body: JSONObject?) throws(APIError) -> String {
    guard let value = body?["comment"], value != .null else { return "" }
    guard let comment = value.string, Writing.problem(of: comment) == nil,
      comment.utf8.count <= 1000
    else {
      throw .badRequest(
        "malformed", "The comment is a text of at most 1000 bytes without control characters.")
    }
    return comment
  }
}
