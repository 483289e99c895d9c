import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// What a voter's phone asks for.
extension Router {
  /// `POST /api/vote/check {"code"}`: what may be chosen, in this voter's order, and what the voter has chosen.
  static let checkCode: Endpoint = { (site, request) throws(APIError) in
    let code = try code(typed(in: try JSONBody.object(of: request)), by: request, site)
    let contest = try site.contest().state
    let ballot = contest.ballot(of: code.voter)
    return .json([
      "success": true, "voting": .object(publicJSON(contest, site)),
      "chosen": .array((ballot?.choices ?? []).map(JSONValue.string)),
      "tracker": ballot.map { _ in .string(code.tracker) } ?? .null,
      "entries": .array(candidates(of: contest, inOrderOf: code).map(candidateJSON)),
    ])
  }

  /// What may be chosen: the order is the voter's own, and the same at each visit.
  static func candidates(of contest: Contest, inOrderOf code: VotingCode) -> [Entry] {
    contest.candidates.map { entry in (rank: code.rank(of: entry.id), entry: entry) }
      .sorted { $0.rank.lexicographicallyPrecedes($1.rank) }.map(\.entry)
  }

  /// `POST /api/vote {"code","choices":[entry ids]}`: keeps a ballot; a later one of the code replaces it.
  ///
  /// With `runOff` it is refused unless the vote is one, or is none: what a phone has kept is of the vote that it saw.
  static let vote: Endpoint = { (site, request) throws(APIError) in
    try keepBallot(in: request, way: .phone, site)
  }

  /// `POST /api/voting/paper {"code","choices"}`: a ballot of paper, keyed in at the desk.
  static let keyInBallot: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    return try keepBallot(in: request, way: .desk, site)
  }

  private static func keepBallot(
    in request: Request, way: Ballot.Way, _ site: Site
  ) throws(APIError) -> Response {
    let body = try JSONBody.object(of: request)
    let code = try code(typed(in: body), by: request, site)
    let choices = body["choices"]?.array?.compactMap(\.string)
    guard let choices, choices.count == body["choices"]?.array?.count else {
      throw .badRequest("malformed", "Send the choices as {\"choices\":[entry ids]}.")
    }
    let isRunOff = try site.contest().state.voting.runOff != nil
    guard body["runOff"] != .bool(!isRunOff) else {
      throw APIError(
        .conflict, code: "other_vote", "A run-off has begun since this was chosen. Choose again.")
    }
    let kept = try keep(choices, by: code, way: way, site)
    return .json(receipt(kept.ballot, code, isReplayed: kept.isReplayed))
  }

  private static func typed(in body: JSONObject) throws(APIError) -> String {
    guard let text = body["code"]?.string else {
      throw .badRequest("malformed", "Send the code of the card as {\"code\":\"…\"}.")
    }
    return text
  }

  /// The code that somebody has typed.
  ///
  /// - Throws: `APIError` with 401 for a wrong one, with 429 after too many: a right one is never refused for what
  ///   others at the same address have typed.
  static func code(
    _ typed: String, by request: Request, _ site: Site
  ) throws(APIError) -> VotingCode {
    let voting = try site.contest().state.voting
    let codes = VotingCodes(keys: site.votingKeys, voting: voting)
    if let found = try codes.code(typed: typed) { return found }
    let address = request.metaVariables["REMOTE_ADDR"] ?? "unknown"
    if let seconds = site.voteThrottle.admit(address) {
      throw .tooManyAttempts(
        "Too many wrong codes. Wait a moment, then look at the card again.", seconds)
    }
    throw APIError(
      .unauthorized, code: "wrong_code",
      "There is no such code. Compare it with the card; the letters I, L and O do not occur in it.")
  }

  /// Keeps a ballot.
  ///
  /// - Returns: The ballot that is kept, and whether it was before.
  /// - Throws: `APIError` when it cannot be; the one that was kept before stands then.
  static func keep(
    _ choices: [String], by code: VotingCode, way: Ballot.Way, _ site: Site
  ) throws(APIError) -> (ballot: Ballot, isReplayed: Bool) {
    let now = site.surroundings.nowMilliseconds()
    let transactionID = site.committer.newTransactionID()
    let ballot = Ballot(
      of: code.voter, choices: choices, atMilliseconds: now, way: way, transactionID: transactionID)
    var contest = try site.contest().state
    let former = contest.ballot(of: code.voter)
    do throws(Refusal) {
      if let earlier = try contest.record(ballot) { return (earlier, true) }
    } catch {
      throw refusal(error, contest.voting, at: now)
    }
    let eligible = Set(contest.candidates.map(\.id))
    if let unknown = choices.first(where: { !eligible.contains($0) }) {
      throw APIError(
        .conflict, code: "not_eligible", "One of the entries cannot be chosen any more. Look again."
      ).with("entry", .string(unknown)).with(
        "chosen", .array((former?.choices ?? []).map(JSONValue.string)))
    }
    let kept = try site.commit(.ballot(ballot), transactionID: transactionID)
    guard kept.transactionID != transactionID else { return (ballot, false) }
    // The same was sent twice at once: the receipt is that of the one that is kept.
    return (try site.contest().state.ballot(of: code.voter) ?? ballot, true)
  }

  /// A ballot that comes too late is told when it came.
  private static func refusal(_ refusal: Refusal, _ voting: Voting, at now: Int) -> APIError {
    let error = APIError(refusal)
    guard case .votingState(.closed) = refusal else { return error }
    return error.with("arrivedAt", .int(now))
      .with("closedAt", voting.closesAtMilliseconds.map { .int($0) } ?? .null)
  }

  private static func receipt(
    _ ballot: Ballot, _ code: VotingCode, isReplayed: Bool
  ) -> JSONValue {
    var receipt = JSONObject([
      .init(name: "success", value: true),
      .init(name: "transactionId", value: .string(ballot.transactionID)),
      .init(name: "choices", value: .array(ballot.choices.map(JSONValue.string))),
      .init(name: "at", value: .int(ballot.atMilliseconds)),
      .init(name: "tracker", value: .string(code.tracker)),
    ])
    receipt["replayed"] = isReplayed ? true : nil
    return .object(receipt)
  }

  private static func candidateJSON(_ entry: Entry) -> JSONValue {
    let shown = entry.feedEntry
    return [
      "id": .string(shown.id), "category": .string(entry.category),
      "number": shown.number.map(JSONValue.int) ?? .null, "caption": .string(shown.caption),
      "imageUrl": shown.imageURL.map(JSONValue.string) ?? .null,
    ]
  }
}
