import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// Cards that organizers write: recusals, and what judges wrote on paper.
extension Router {
  /// `POST /api/rounds/{id}/recuse {"judge","entry","reason"}`: the judge does not mark the entry, and what
  /// was marked does not count; with `"lift":true` the judge may mark it after all.
  static let recuse: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let (round, contest) = try round(of: request, in: site, beingIn: [.open, .locked])
    let body = try JSONBody.object(of: request)
    guard let judge = body["judge"]?.string, let entry = body["entry"]?.string else {
      throw .badRequest("malformed", "Send the judge and the entry, by their ids, and the reason.")
    }
    let isLifted = body["lift"] == true
    let place = Scorecard.Place(round: round.id, judge: judge, entry: entry)
    guard !isLifted || contest.jury.card(at: place)?.state == .recused else {
      throw APIError(
        .conflict, code: "not_recused", "This judge has not been recused, or is no longer.")
    }
    let content = Scorecard.Content(
      state: isLifted ? .draft : .recused, reason: try reason(in: body, of: "a recusal"))
    guard contest.jury.judge(id: judge) != nil else {
      throw .notFound("There is no judge “\(judge)”.")
    }
    return try keep(organizers: content, at: place, of: contest, site)
  }

  /// `PUT /api/rounds/{id}/scorecards/{judge}/{entry} {"scores","state","reason"}`: a sheet of paper; as a
  /// draft by who keys it in, then as final with the same marks by who confirms it.
  static let keyInCard: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let (round, contest) = try round(of: request, in: site, beingIn: [.open, .locked])
    let body = try JSONBody.object(of: request)
    let segments = request.pathSegments
    let content = try content(of: body)
    return try keep(
      organizers: content,
      at: Scorecard.Place(round: round.id, judge: segments[4], entry: segments[5]), of: contest,
      site)
  }

  private static func keep(
    organizers content: Scorecard.Content, at place: Scorecard.Place, of contest: Contest,
    _ site: Site
  ) throws(APIError) -> Response {
    let newest = contest.jury.card(at: place)
    let transactionID = site.committer.newTransactionID()
    let card = Scorecard(
      place, revision: newest.map { $0.revision + 1 } ?? 1, content: content,
      atMilliseconds: site.surroundings.nowMilliseconds(), clientAt: nil, author: .organizer,
      transactionID: transactionID)
    let kept = try CardKeeper(site: site).keep(card, transactionID: transactionID)
    return .json(kept.receipt(isLate: kept.card.isLate))
  }

  /// What a request writes on a card.
  static func content(of body: JSONObject) throws(APIError) -> Scorecard.Content {
    let scores =
      body["scores"] == nil || body["scores"] == .null ? JSONObject() : body["scores"]?.object
    guard let scores, Set(scores.members.map(\.name)).count == scores.members.count else {
      throw .badRequest("malformed", "Send the marks as {\"scores\":{\"<criterion>\":8}}.")
    }
    guard let state = (body["state"]?.string).flatMap(Scorecard.State.init) else {
      throw .badRequest("malformed", "A card's state is draft, final, recused or absent.")
    }
    let reason = body["reason"] == nil || body["reason"] == .null ? "" : body["reason"]?.string
    guard let reason else { throw .badRequest("malformed", "The reason is a text.") }
    return Scorecard.Content(scores: scores, state: state, reason: reason)
  }
}
