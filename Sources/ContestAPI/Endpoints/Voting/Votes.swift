import ASCII
import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// What a voter's phone asks for.
extension Router {
  /// `POST /api/vote/check {"code"}`: what may be chosen, in this voter's order, and what the voter has chosen.
  ///
  /// Where the vote is by browser, no code is needed, and a browser without a cookie gets one.
  static let checkCode: Endpoint = { (site, request) throws(APIError) in
    let typed = try JSONBody.object(of: request)["code"]
    let sender = try sender(typed: typed?.string, by: request, site, admitsNew: true)
    let contest = sender.contest
    let ballot = contest.ballot(of: sender.voter.id)
    var response = Response.json([
      "success": true, "voting": .object(publicJSON(contest, site)),
      "chosen": chosenJSON(ballot, contest.voting),
      "ballotId": (ballot?.id).map(JSONValue.string) ?? .null,
      "tracker": ballot.map { _ in .string(sender.voter.tracker) } ?? .null,
      "entries": .array(candidates(of: contest, inOrderOf: sender.voter).map(candidateJSON)),
    ])
    response.fields[.setCookie] = sender.device?.cookie(for: request)
    return response
  }

  /// What a voter has chosen; `null` while nobody can tell, or may add it up before the tally is seen.
  private static func chosenJSON(_ ballot: Ballot?, _ voting: Voting) -> JSONValue {
    let isHeldBack =
      voting.wasSealed && voting.seal == nil && voting.decidedState == .closed
      && !voting.isTallySeen
    guard let ballot, ballot.isSealed || isHeldBack else {
      return .array((ballot?.choices ?? []).map(JSONValue.string))
    }
    return .null
  }

  /// What may be chosen: the order is the voter's own, and the same at each visit.
  static func candidates(of contest: Contest, inOrderOf voter: Voter) -> [Entry] {
    contest.candidates.map { entry in (rank: voter.rank(of: entry.id), entry: entry) }
      .sorted { $0.rank.lexicographicallyPrecedes($1.rank) }.map(\.entry)
  }

  /// `POST /api/vote {"code","choices":[entry ids],"ballotId"}`: keeps a ballot; a later one of the voter replaces it.
  ///
  /// One with the `ballotId` of the last one is that one, sent again: of sealed ones nothing else tells.
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
    guard way == .phone || body["code"]?.string?.isEmpty == false else { throw noCode }
    let sender = try sender(typed: body["code"]?.string, by: request, site)
    let choices = body["choices"]?.array?.compactMap(\.string)
    guard let choices, choices.count == body["choices"]?.array?.count else {
      throw .badRequest("malformed", "Send the choices as {\"choices\":[entry ids]}.")
    }
    try sender.requireSameVote(isRunOff: body["runOff"].map { $0 == true })
    let choice = BallotChoice(choices: choices, id: try ballotID(body["ballotId"]?.string))
    let kept = try keep(choice, by: sender, way: way, site)
    return .json(receipt(kept.ballot, sender.voter, isReplayed: kept.isReplayed))
  }

  /// Keeps a ballot.
  ///
  /// - Returns: The ballot that is kept, and whether it was before.
  /// - Throws: `APIError` when it cannot be; the one that was kept before stands then.
  static func keep(
    _ choice: BallotChoice, by sender: BallotSender, way: Ballot.Way, _ site: Site
  ) throws(APIError) -> (ballot: Ballot, isReplayed: Bool) {
    let now = site.surroundings.nowMilliseconds()
    let transactionID = site.committer.newTransactionID()
    let ballot = Ballot(
      of: sender.voter.id, choices: choice.choices, atMilliseconds: now, way: way,
      transactionID: transactionID, id: choice.id, origin: sender.origin(atMilliseconds: now))
    do throws(APIError) {
      return try keep(ballot, in: sender.contest, site)
    } catch {
      // Ballots are sealed with another key since the contest was read, or were opened.
      guard error.code == Refusal.changedMeanwhile.code else { throw error }
      return try keep(ballot, in: try site.contest().state, site)
    }
  }

  private static func keep(
    _ clear: Ballot, in contest: Contest, _ site: Site
  ) throws(APIError) -> (ballot: Ballot, isReplayed: Bool) {
    let ballot = try sealed(clear, contest.voting)
    let chosen = chosenJSON(contest.ballot(of: clear.voter), contest.voting)
    var after = contest
    do throws(Refusal) {
      if let earlier = try after.record(ballot) { return (earlier, true) }
      // Whatever has opened it, phones wait until it is sealed.
      let isOpen = contest.voting.state(atMilliseconds: clear.atMilliseconds) == .open
      let isExposed =
        site.settings.sealsVotes && !ballot.isSealed && (clear.way == .phone || isOpen)
      guard !isExposed else { throw .votingState(.setup) }
      if ballot.isSealed { try contest.voting.check(clear.choices) }
    } catch {
      throw refusal(error, contest.voting, at: clear.atMilliseconds).with("chosen", chosen)
    }
    do throws(APIError) { try requireEligible(clear.choices, in: contest) } catch {
      throw error.with("chosen", chosen)
    }
    let kept = try site.commit(.ballot(ballot), transactionID: clear.transactionID)
    // A receipt of what was sealed does not say it either: its length would be in the web server's log.
    guard kept.transactionID != clear.transactionID else { return (ballot, false) }
    // The same was sent twice at once: the receipt is that of the one that is kept.
    return (try site.contest().state.ballot(of: clear.voter) ?? ballot, true)
  }

  /// The ballot as it may be written down: while ballots are sealed, nobody is told what it says but who has sent it.
  private static func sealed(_ ballot: Ballot, _ voting: Voting) throws(APIError) -> Ballot {
    guard let seal = voting.seal else { return ballot }
    do {
      return try seal.sealed(ballot, maxChoices: voting.choices)
    } catch {
      throw APIError(
        .serviceUnavailable, code: "unavailable", "The ballot could not be sealed. Send it again.")
    }
  }

  private static func requireEligible(
    _ choices: [String], in contest: Contest
  ) throws(APIError) {
    let eligible = contest.candidates.lazy.map(\.id).filter(choices.contains)
    guard let unknown = choices.first(where: { !eligible.contains($0) }) else { return }
    throw APIError(
      .conflict, code: "not_eligible", "One of the entries cannot be chosen any more. Look again."
    ).with("entry", .string(unknown))
  }

  /// What a client calls its ballot, if it does.
  private static func ballotID(_ text: String?) throws(APIError) -> String? {
    guard let text else { return nil }
    guard (1...64).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == UInt8(ascii: "-") })
    else {
      throw .badRequest("malformed", "A ballotId has 1 to 64 letters, digits and hyphens.")
    }
    return text
  }

  /// A ballot that comes too late is told when it came.
  private static func refusal(_ refusal: Refusal, _ voting: Voting, at now: Int) -> APIError {
    let error = APIError(refusal)
    guard case .votingState(.closed) = refusal else { return error }
    return error.with("arrivedAt", .int(now))
      .with("closedAt", voting.closesAtMilliseconds.map { .int($0) } ?? .null)
  }

  private static func receipt(
    _ ballot: Ballot, _ voter: Voter, isReplayed: Bool
  ) -> JSONValue {
    var receipt = JSONObject([
      .init(name: "success", value: true),
      .init(name: "transactionId", value: .string(ballot.transactionID)),
      .init(
        name: "choices",
        value: ballot.isSealed ? .null : .array(ballot.choices.map(JSONValue.string))),
      .init(name: "at", value: .int(ballot.atMilliseconds)),
      .init(name: "tracker", value: .string(voter.tracker)),
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
