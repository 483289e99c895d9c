import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// What happens to a round, from its opening to the decision.
extension Router {
  /// `POST /api/rounds/{id}/open`: judges see the round from now on.
  static let openRound: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let (round, contest) = try round(of: request, in: site, beingIn: [.setup])
    let entries = contest.openingEntries(of: round, places: site.settings.placesPerCategory)
    guard !entries.isEmpty else {
      throw APIError(
        .conflict, code: "blocked", "“\(round.name)” has no entries that everybody may see."
      ).with("blocked", [["id": "entries", "kind": "no_entries"]])
    }
    return try commitRound(.open(round: round.id, entries: entries), of: round.id, site)
  }

  /// `POST /api/rounds/{id}/lock`: cards that arrive from now on do not count.
  static let lockRound: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let (round, _) = try round(of: request, in: site, beingIn: [.open])
    return try commitRound(.lock(round: round.id), of: round.id, site)
  }

  /// `POST /api/rounds/{id}/reopen {"reason"}`: cards that came late count, and others may follow.
  static let reopenRound: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let (round, _) = try round(of: request, in: site, beingIn: [.locked, .decided])
    let reason = try reason(in: try JSONBody.objectIfAny(of: request), of: "opening a round again")
    let now = site.surroundings.nowMilliseconds()
    return try commitRound(
      .reopen(round: round.id, reason: reason, atMilliseconds: now), of: round.id, site)
  }

  /// `POST /api/rounds/{id}/decide {"reasons":{"<blocker id>":"…"},"order":[entry ids]}`: makes the places
  /// final, and the first of them the winners draft.
  static let decideRound: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.objectIfAny(of: request) ?? JSONObject()
    let (reasons, order) = (try reasons(in: body), try order(in: body))
    return try basedOnLatest(request) { () throws(APIError) in
      let (round, contest) = try round(of: request, in: site, beingIn: [.locked])
      let result = try decided(round, in: contest, site, by: (reasons, order))
      let winners = round.award.map { WinnerList(category: $0, entryIDs: result.winners) }
      let decision = JSONObject([
        .init(name: "at", value: .int(site.surroundings.nowMilliseconds())),
        .init(
          name: "places", value: .array(result.order.map { .array($0.map(JSONValue.string)) })),
        .init(name: "reasons", value: .object(reasons)),
        .init(name: "order", value: .array(order.map(JSONValue.string))),
      ])
      return try commitRound(
        .decide(
          round: round.id, decision: decision, winners: winners,
          replacing: contest.jury.markOfResult(ofRound: round.id)), of: round.id, site)
    }
  }

  /// The result with the order by hand, if a reason was given for all that stands against it.
  private static func decided(
    _ round: Round, in contest: Contest, _ site: Site,
    by given: (reasons: JSONObject, order: [String])
  ) throws(APIError) -> RoundResult {
    var result = try result(of: round, contest, site)
    let blockers = result.blockers
    result.breakTies(by: given.order.map { [$0] }, because: "Decided by the organizers.")
    // A tie across the last awarded place needs an order: a reason alone would leave it to the numbers.
    let blocked = (blockers + result.blockers).filter { given.reasons[$0.id] == nil }
      .reduce(into: result.undecided) { if !$0.contains($1) { $0.append($1) } }
    guard blocked.isEmpty else {
      throw APIError(
        .conflict, code: "blocked",
        "“\(round.name)” cannot be decided yet: " + blocked.map(\.sentence).joined(separator: " ")
      ).with("blocked", .array(blocked.map(\.json)))
    }
    return result
  }

  /// The result of a round, with as many places as are awarded.
  static func result(
    of round: Round, _ contest: Contest, _ site: Site
  ) throws(APIError) -> RoundResult {
    let marks = try refusing { () throws(Refusal) in try contest.marks(ofRound: round.id) }
    return RoundResult(marks, in: contest, awardedPlaces: site.settings.placesPerCategory)
  }

  /// The round that a path such as `/api/rounds/<id>/open` names.
  ///
  /// - Throws: `APIError` with 404 for another, 409 `bad_state` when it is in none of the states.
  static func round(
    of request: Request, in site: Site,
    beingIn states: [Round.State] = [.setup, .open, .locked, .decided]
  ) throws(APIError) -> (Round, Contest) {
    let id = request.pathSegments[2]
    let contest = try site.contest().state
    guard let round = contest.jury.round(id: id) else {
      throw .notFound("There is no round “\(id)”.")
    }
    guard states.contains(round.state) else {
      throw APIError(.roundState(round.state) as Refusal)
        .with("state", .string(round.state.rawValue))
    }
    return (round, contest)
  }

  /// Commits a change of a round, and answers with the round as it is then.
  private static func commitRound(
    _ change: JuryChange, of id: String, _ site: Site
  ) throws(APIError) -> Response {
    do throws(APIError) {
      let receipt = try site.commit(.jury(change))
      let round = try site.contest().state.jury.round(id: id)
      return .json([
        "success": true, "transactionId": .string(receipt.transactionID),
        "round": round?.json ?? .null,
      ])
    } catch {
      guard error.code == "bad_state" else { throw error }
      let state = try site.contest().state.jury.round(id: id)?.state
      throw error.with("state", state.map { .string($0.rawValue) } ?? .null)
    }
  }

  /// The reason that a request has to give.
  static func reason(in body: JSONObject?, of what: String) throws(APIError) -> String {
    guard let reason = body?["reason"]?.string, Writing.isVisible(reason),
      Writing.problem(of: reason) == nil, reason.utf8.count <= 1000
    else {
      throw .badRequest(
        "no_reason", "Say why, as {\"reason\":\"…\"} of at most 1000 bytes: \(what) is on record.")
    }
    return reason
  }

  private static func reasons(in body: JSONObject) throws(APIError) -> JSONObject {
    let reasons = body["reasons"] == nil ? JSONObject() : body["reasons"]?.object
    guard let reasons, reasons.members.count <= 2000,
      reasons.members.allSatisfy({ member in
        member.value.string.map {
          Writing.isVisible($0) && Writing.problem(of: $0) == nil && $0.utf8.count <= 1000
        } ?? false
      })
    else {
      throw .badRequest(
        "malformed", "Send the reasons as {\"reasons\":{\"<id of what blocks>\":\"why\"}}.")
    }
    return reasons
  }

  private static func order(in body: JSONObject) throws(APIError) -> [String] {
    guard let value = body["order"] else { return [] }
    guard let ids = value.array?.map(\.string), !ids.contains(nil), ids.count <= Round.maxEntries,
      Set(ids).count == ids.count
    else {
      throw .badRequest("malformed", "Send the order of what is tied as {\"order\":[entry ids]}.")
    }
    return ids.compactMap(\.self)
  }
}
