import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// The audience's vote, from its settings to the result.
extension Router {
  /// `GET /api/voting`: how far it is, for everybody; never a count of votes before the result is published.
  static let voting: Endpoint = { (site, request) throws(APIError) in
    let contest = try site.contest().state
    var response = Response.json(.object(publicJSON(contest, site)))
    response.fields[.eTag] = ListMark(of: contest.voting).tag
    return response
  }

  /// What everybody may know.
  static func publicJSON(_ contest: Contest, _ site: Site) -> JSONObject {
    let voting = contest.voting
    let now = site.surroundings.nowMilliseconds()
    func time(_ value: Int?) -> JSONValue { value.map { .int($0) } ?? .null }
    return JSONObject([
      .init(name: "state", value: .string(voting.state(atMilliseconds: now).rawValue)),
      .init(name: "opensAt", value: time(voting.opensAtMilliseconds)),
      .init(name: "closesAt", value: time(voting.closesAtMilliseconds)),
      .init(
        name: "categories",
        value: voting.categories.map { .array($0.map(JSONValue.string)) } ?? .null),
      .init(name: "choices", value: .int(voting.choices)),
      .init(name: "mode", value: .string(voting.mode.rawValue)),
      .init(name: "turnout", value: voting.showsTurnout ? .int(contest.turnout) : .null),
      .init(name: "sealed", value: .bool(voting.seal != nil)),
      .init(name: "reopened", value: .array(voting.reopenings)),
      .init(name: "runOff", value: voting.runOff?.publicJSON ?? .null),
      .init(name: "revealed", value: voting.revealed ?? .null),
      .init(name: "result", value: voting.result.map(JSONValue.object) ?? .null),
      .init(name: "now", value: .int(now)),
    ])
  }

  /// `POST /api/voting`: changes the settings that it names.
  static let saveVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.object(of: request)
    let known = try site.contest().state.knownCategories
    for category in body["categories"]?.array ?? [] {
      guard let id = category.string, !known.contains(id) else { continue }
      throw APIError(.unknownCategory(id) as Refusal)
    }
    let voting = try site.contest().state.voting
    if body["mode"]?.string == Voting.Mode.device.rawValue, voting.mode == .code {
      let now = site.surroundings.nowMilliseconds()
      _ = try refusing { () throws(Refusal) in try voting.changed(by: body, atMilliseconds: now) }
      // The key first: without one no browser can vote. A vote that has begun keeps the one it has.
      try site.attempt { () throws(FileError) in
        try site.votingKeys.makeKey(ofBatch: VotingKeys.device)
      }
    }
    return try changeVoting(.settings, by: request, site) { voting, now throws(Refusal) in
      let changed = try voting.changed(by: body, atMilliseconds: now)
      let opens = changed.opensAtMilliseconds
      if opens != nil, opens != voting.opensAtMilliseconds { try site.requireSeal(voting.seal) }
      return changed
    }
  }

  /// `POST /api/voting/open`.
  static let openVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    return try changeVoting(.open, by: request, site) { voting, now throws(Refusal) in
      try site.requireSeal(voting.seal)
      return try voting.opened(atMilliseconds: now)
    }
  }

  /// `POST /api/voting/close`.
  static let closeVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    return try changeVoting(.close, by: request, site) { voting, now throws(Refusal) in
      try voting.closed(atMilliseconds: now)
    }
  }

  /// `POST /api/voting/reopen {"reason","key"}`: the result will say that it was opened again, and why.
  ///
  /// With a key, ballots are sealed with it from now on.
  static let reopenVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.objectIfAny(of: request)
    let reason = try reason(in: body, of: "opening the vote again")
    let seal = try body.flatMap { body throws(APIError) in
      body["key"] == nil ? nil : try key(in: body).seal
    }
    return try changeVoting(.reopen, by: request, site) { voting, now throws(Refusal) in
      try site.requireSeal(seal ?? voting.seal)
      return try voting.reopened(reason, sealedBy: seal, atMilliseconds: now)
    }
  }

  /// `POST /api/voting/aside {"ballot","reason"}`: does not count a ballot, or several as `ballots`.
  ///
  /// With `"reason":null` they are counted after all.
  static let setBallotAside: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.object(of: request)
    let named =
      body["ballots"]?.array?.compactMap(\.string) ?? [body["ballot"]?.string].compactMap(\.self)
    let voters = Array(Set(named))
    let contest = try site.contest().state
    guard !voters.isEmpty, voters.allSatisfy({ contest.ballot(of: $0) != nil }) else {
      throw .notFound("There is no such ballot.")
    }
    let reason = body["reason"] == .null ? nil : try reason(in: body, of: "setting a ballot aside")
    return try changeVoting(.aside, by: request, site) { voting, now throws(Refusal) in
      try voting.settingAside(voters, reason, atMilliseconds: now)
    }
  }

  /// `GET /api/voting/odd`: ballots of browsers to look at before the tally is seen; never what they say.
  static let oddBallots: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let ballots = try site.contest().state.ballotsInOrder
    return .json(["groups": OddBallots(ballots).json])
  }

  /// `GET /api/voting/result`: the tally, once it is closed; from then on no ballot is set aside.
  static let votingResult: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    return try basedOnLatest(request) { () throws(APIError) in
      let contest = try site.contest().state
      if let result = contest.voting.result { return .json(.object(result)) }
      let now = site.surroundings.nowMilliseconds()
      let seen = try refusing { () throws(Refusal) in try contest.voting.seen(atMilliseconds: now) }
      // HEAD shows nobody anything.
      if let seen, request.method == .get {
        _ = try site.commit(
          .voting(VotingChange(.seen, seen, replacing: ListMark(of: contest.voting))))
      }
      return .json(.object(try site.contest().state.votingResult))
    }
  }

  /// `POST /api/voting/publish`: the result as it is now is final, and public.
  static let publishVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    return try changeByResult(.publish, by: request, site) { contest, now throws(Refusal) in
      try contest.voting.published(contest.votingResult, atMilliseconds: now)
    }
  }

  /// `POST /api/voting/reveal {"place"}`: shows a place on the projector; `null` hides it.
  static let revealPlace: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let place = try JSONBody.object(of: request)["place"]
    guard let place, place == .null || place.int != nil else {
      throw .badRequest("malformed", "Send the place to show as {\"place\":3}, or null for none.")
    }
    return try changeByResult(.reveal, by: request, site) { contest, now throws(Refusal) in
      let result = contest.voting.result ?? contest.votingResult
      return try contest.voting.revealing(place.int, of: result, atMilliseconds: now)
    }
  }

  /// `POST /api/voting/run-off {"place"}`: lets the cards vote again, between the entries that share a place.
  static let runOff: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    guard let place = try JSONBody.object(of: request)["place"]?.int else {
      throw .badRequest("malformed", "Send the place that entries share as {\"place\":1}.")
    }
    return try changeByResult(.runOff, by: request, site) { contest, now throws(Refusal) in
      try contest.voting.runningOff(
        place: place, of: contest.votingResult, excluding: contest.excludedVoters,
        atMilliseconds: now)
    }
  }

  /// Changes the vote by what the ballots say; they have to be the same ones when it is committed.
  private static func changeByResult(
    _ action: VotingChange.Action, by request: Request, _ site: Site,
    _ change: (Contest, _ now: Int) throws(Refusal) -> Voting
  ) throws(APIError) -> Response {
    try basedOnLatest(request) { () throws(APIError) in
      let contest = try site.contest().state
      _ = try request.seen(ListMark(of: contest.voting))
      let now = site.surroundings.nowMilliseconds()
      let changed = try refusing { () throws(Refusal) in try change(contest, now) }
      let count = contest.ballotBox.ballots.count
      return try commit(
        .voting(
          VotingChange(
            action, changed, replacing: ListMark(of: contest.voting), ballotCount: count)), site)
    }
  }

  /// Changes the vote, again if somebody else was quicker and the client did not say what it saw.
  static func changeVoting(
    _ action: VotingChange.Action, by request: Request, _ site: Site,
    _ change: (Voting, _ now: Int) throws(Refusal) -> Voting
  ) throws(APIError) -> Response {
    try basedOnLatest(request) { () throws(APIError) in
      let voting = try site.contest().state.voting
      _ = try request.seen(ListMark(of: voting))
      let now = site.surroundings.nowMilliseconds()
      let changed = try refusing { () throws(Refusal) in try change(voting, now) }
      return try commit(
        .voting(VotingChange(action, changed, replacing: ListMark(of: voting))), site)
    }
  }
}
