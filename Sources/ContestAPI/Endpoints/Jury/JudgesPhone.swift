import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Logging

/// What a judge's phone asks for.
extension Router {
  /// `POST /api/judge/session {"token"}`: a session for the token of a judge's link; a second phone of the judge
  /// may use it, too.
  static let startJudgeSession: Endpoint = { (site, request) throws(APIError) in
    try site.requireSameOrigin(request)
    guard let token = try JSONBody.object(of: request)["token"]?.string, token.utf8.count <= 200
    else { throw .badRequest("no_token", "Send the token of the link as {\"token\":\"…\"}.") }
    let secret = JudgeToken(text: token).sessionSecret
    let jury = try site.contest().state.jury
    guard let judge = JudgeSession.judge(ofSecret: secret, in: jury) else {
      // A right link is never refused, whoever else shares the address: it has 130 bits.
      let address = request.metaVariables["REMOTE_ADDR"] ?? "unknown"
      if let seconds = site.judgeThrottle.admit(address) {
        throw .tooManyAttempts("Too many wrong links. Wait a moment.", seconds)
      }
      site.logger.warning("judge's link refused")
      throw APIError(
        .unauthorized, code: "wrong_token",
        "This link is no longer valid. Ask the organizers for a new one.")
    }
    var response = Response.json(["success": true, "judge": phoneJSON(judge)])
    response.fields[.setCookie] = Cookie.setting(
      request.cookieName(JudgeSession.cookieName), to: secret, path: "/api/judge",
      maxAgeSeconds: JudgeSession.lifetimeSeconds, secure: request.isSecure)
    return response
  }

  /// `GET /api/judge/rounds`: the open rounds of the judge's panels, with the judge's own cards; `?pending=` says
  /// how many cards the phone still holds.
  static let judgeRounds: Endpoint = { (site, request) throws(APIError) in
    let contest = try site.contest().state
    let judge = try site.judge(of: request, in: contest)
    site.note(judge, pending: request.query["pending"].flatMap { Int($0) })
    let rounds = contest.jury.rounds.filter { round in
      round.state == .open && judge.isOnPanel(of: round.categories)
    }
    return .json([
      "judge": phoneJSON(judge), "event": contest.event?.publicJSON ?? .null,
      "categories": .array(contest.categories.map(\.publicJSON)),
      "now": .int(site.surroundings.nowMilliseconds()),
      "rounds": .array(
        rounds.map { round in
          phoneJSON(round, of: judge, in: contest, contest.entries(of: round))
        }),
    ])
  }

  private static func phoneJSON(_ judge: Judge) -> JSONValue {
    ["id": .string(judge.id), "name": .string(judge.name)]
  }

  /// A round without anything that would tell a judge whose an entry is, or what others think of it.
  private static func phoneJSON(
    _ round: Round, of judge: Judge, in contest: Contest, _ entries: [Entry]
  ) -> JSONValue {
    let cards = entries.compactMap { entry in
      contest.jury.card(at: Scorecard.Place(round: round.id, judge: judge.id, entry: entry.id))
    }
    return [
      "id": .string(round.id), "name": .string(round.name),
      "state": .string(round.state.rawValue),
      "sheet": contest.jury.sheet(id: round.sheet)?.json ?? .null,
      "entries": .array(entries.map { .object($0.roundJSON) }),
      "cards": .array(cards.map { phoneJSON($0, counts: contest.jury.counts($0)) }),
    ]
  }

  /// A card that came late is not late any more once the round was opened again.
  private static func phoneJSON(_ card: Scorecard, counts: Bool) -> JSONValue {
    guard var object = card.publicJSON.object else { return .null }
    object["late"] = .bool(!counts)
    // Why the organizers took a judge off may tell whose an entry is.
    if card.author == .organizer { object["reason"] = "" }
    return .object(object)
  }

  /// `PUT /api/judge/scorecards/{round}/{entry} {"revision","scores","state","clientAt"}`: keeps a card.
  ///
  /// `revision` is 1 for the first card of an entry and one more each time. The same revision again with the same
  /// content, or the same `Idempotency-Key`, is answered as the first time.
  static let putScorecard: Endpoint = { (site, request) throws(APIError) in
    try site.requireSameOrigin(request)
    let contest = try site.contest().state
    let judge = try site.judge(of: request, in: contest)
    let body = try JSONBody.object(of: request)
    // A phone that another judge has used since says whose card it sends.
    if let named = body["judge"]?.string, named != judge.id {
      throw APIError(.unauthorized, code: "other_judge", "This session is another judge's.")
    }
    site.note(judge, pending: body["pending"]?.int)
    let segments = request.pathSegments
    let place = Scorecard.Place(round: segments[3], judge: judge.id, entry: segments[4])
    guard let revision = body["revision"]?.int, (0...1_000_000).contains(revision) else {
      throw .badRequest(
        "malformed", "Send the card's revision: 1 for the first, and one more each time.")
    }
    let clientAt =
      body["clientAt"] == nil || body["clientAt"] == .null ? nil : body["clientAt"]?.int
    guard clientAt != nil || body["clientAt"] == nil || body["clientAt"] == .null else {
      throw .badRequest("malformed", "clientAt is a time in milliseconds since 1970.")
    }
    let transactionID = site.committer.newTransactionID()
    let card = Scorecard(
      place, revision: revision, content: try content(of: body),
      atMilliseconds: site.surroundings.nowMilliseconds(), clientAt: clientAt, author: .judge,
      key: try idempotencyKey(of: request), transactionID: transactionID)
    let kept = try CardKeeper(site: site).keep(card, transactionID: transactionID)
    let counts = try site.contest().state.jury.counts(kept.card)
    guard kept.card.isLate, !counts else { return .json(kept.receipt(isLate: false)) }
    var error = APIError(
      .conflict, code: "round_locked",
      "The round is locked. This card is kept, and counts only if the organizers open the round again."
    )
    for member in kept.receipt(isLate: true).object?.members ?? [] where member.name != "success" {
      error = error.with(member.name, member.value)
    }
    throw error
  }

  private static func idempotencyKey(of request: Request) throws(APIError) -> String? {
    guard let key = HTTPField.Name("Idempotency-Key").flatMap({ request.fields[$0] }) else {
      return nil
    }
    guard (8...64).contains(key.utf8.count), Category.isIdentifier(key) else {
      throw .badRequest("bad_key", "An Idempotency-Key is 8 to 64 letters, digits, - or _.")
    }
    return key
  }
}

extension Site {
  /// The judge whose session a request carries.
  ///
  /// - Throws: `APIError` with 401 when there is none.
  func judge(of request: Request, in contest: Contest) throws(APIError) -> Judge {
    guard let judge = JudgeSession.judge(of: request, in: contest.jury) else {
      throw APIError(
        .unauthorized, code: "unauthorized", "Open the judge's link again, or ask for a new one.")
    }
    return judge
  }

  func note(_ judge: Judge, pending: Int?) {
    attendance.note(
      judge.id, pending: pending.flatMap { (0...100_000).contains($0) ? $0 : nil },
      nowMilliseconds: surroundings.nowMilliseconds())
  }
}
