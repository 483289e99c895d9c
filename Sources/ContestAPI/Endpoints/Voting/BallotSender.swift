import CGI
import Contest
import Crypto
import DurableStore
import Files
import HTTPTypes

/// What somebody wants to vote.
struct BallotChoice {
  /// The entries' identifiers.
  let choices: [String]
  /// What tells this choice apart from others of the voter; `nil` if the client has not said so.
  let id: String?
}

/// Who sends a ballot, or asks for one.
struct BallotSender {
  /// The contest as it was when the request came.
  let contest: Contest
  let voter: Voter
  /// The browser, where it votes without a code.
  let device: VoterDevice?
  /// The browser's network, as a keyed hash.
  fileprivate let network: String

  fileprivate init(_ contest: Contest, code: VotingCode) {
    (self.contest, voter, device, network) = (contest, code.voter, nil, "")
  }

  fileprivate init(
    _ contest: Contest, device: VoterDevice, at address: String, key: SymmetricKey
  ) {
    (self.contest, voter, self.device) = (contest, device.voter, device)
    network = Voter(id: ClientNetwork.network(of: address), key: key)
      .digits(of: "vote network", count: 6)
  }

  /// Where a ballot of a browser comes from; `nil` for that of a card.
  func origin(atMilliseconds now: Int) -> Ballot.Origin? {
    device.map { device in
      Ballot.Origin(network: network, seconds: max(0, now / 1000 - device.issuedAtSeconds))
    }
  }

  /// Refuses what was chosen before a run-off began, or before it was over.
  func requireSameVote(isRunOff: Bool?) throws(APIError) {
    guard let isRunOff, isRunOff != (contest.voting.runOff != nil) else { return }
    throw APIError(
      .conflict, code: "other_vote",
      "This was chosen for another vote: a run-off has begun, or is over. Choose again.")
  }
}

extension Router {
  static let noCode = APIError(
    .badRequest, code: "malformed", "Send the code of the card as {\"code\":\"…\"}.")

  /// Who sends a request: whose code was typed, or the browser where the vote is by browser.
  ///
  /// - Parameters:
  ///   - typed: The code; `nil` or empty without one.
  ///   - request: The request.
  ///   - site: The site.
  ///   - admitsNew: Whether a browser without a cookie gets one.
  /// - Returns: The sender.
  /// - Throws: `APIError` with 401 for a wrong code, with 429 after too many: a right one is never refused for what
  ///   others at the same address have typed. With 409 for a browser that does not keep cookies.
  static func sender(
    typed: String?, by request: Request, _ site: Site, admitsNew: Bool = false
  ) throws(APIError) -> BallotSender {
    let contest = try site.contest().state
    try refusing { () throws(Refusal) in try contest.requireOwnVotingMembers() }
    let voting = contest.voting
    let codes = VotingCodes(keys: site.votingKeys, voting: voting)
    let address = request.metaVariables["REMOTE_ADDR"] ?? "unknown"
    guard voting.mode == .device, typed?.isEmpty ?? true else {
      guard let typed else { throw noCode }
      if let code = try codes.code(typed: typed) {
        guard !voting.isVoid(code.voter.id) else { throw APIError(.codeVoid as Refusal) }
        return BallotSender(contest, code: code)
      }
      throw wrongCode(site.voteThrottle.admit(address))
    }
    let key = try codes.deviceKey()
    let now = site.surroundings.nowMilliseconds()
    let new = admitsNew ? VoterDevice(key: key, nowMilliseconds: now) : nil
    guard let device = VoterDevice(request, key: key) ?? new else {
      throw APIError(
        .conflict, code: "no_cookie",
        "This browser has no cookie of the vote. Open the page of the vote first, and let it keep cookies."
      )
    }
    return BallotSender(contest, device: device, at: address, key: key)
  }

  private static func wrongCode(_ secondsToWait: Int?) -> APIError {
    if let secondsToWait {
      return .tooManyAttempts(
        "Too many wrong codes. Wait a moment, then look at the card again.", secondsToWait)
    }
    return APIError(
      .unauthorized, code: "wrong_code",
      "There is no such code. Compare it with the card; the letters I, L and O do not occur in it.")
  }
}
