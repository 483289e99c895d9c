import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// What everybody can count again once the result is published: each ballot that counts, by its voter's tracker.
extension Router {
  private typealias TrackedBallot = (tracker: String, choices: [String])

  /// `GET /api/voting/trackers`: the ballots, sorted; with a run-off, also those of before it.
  static let votingTrackers: Endpoint = { (site, _) throws(APIError) in
    let contest = try publishedContest(site)
    var object = JSONObject([
      .init(name: "ballots", value: json(try tracked(contest.countingBallots, of: contest, site)))
    ])
    if let former = contest.formerCountingBallots {
      object["before"] = json(try tracked(former, of: contest, site))
    }
    return .json(.object(object))
  }

  /// `GET /api/voting/trackers.csv`: the same, a line for each choice (RFC 4180).
  static let votingTrackersTable: Endpoint = { (site, _) throws(APIError) in
    let contest = try publishedContest(site)
    let shown = Dictionary(contest.shownEntries.map { ($0.id, $0.feedEntry) }) { $1 }
    func rows(_ ballots: [Ballot], of vote: String) throws(APIError) -> [[String]] {
      try tracked(ballots, of: contest, site).flatMap { ballot in
        // A ballot whose entries were all removed is listed, too.
        (ballot.choices.isEmpty ? [""] : ballot.choices).map { id in
          let number = shown[id]?.number.map(String.init) ?? ""
          return [vote, ballot.tracker, id, number].map(Spreadsheet.cell) + [
            Spreadsheet.typed(shown[id]?.caption ?? "")
          ]
        }
      }
    }
    let isRunOff = contest.voting.runOff != nil
    var table = [["vote", "tracker", "entry", "number", "caption"].map(Spreadsheet.cell)]
    table += try rows(contest.formerCountingBallots ?? [], of: "first")
    table += try rows(contest.countingBallots, of: isRunOff ? "run-off" : "first")
    return Spreadsheet.response(table, name: "votes.csv")
  }

  private static func publishedContest(_ site: Site) throws(APIError) -> Contest {
    let contest = try site.contest().state
    guard contest.voting.decidedState == .published else {
      let now = site.surroundings.nowMilliseconds()
      throw APIError(.votingState(contest.voting.state(atMilliseconds: now)) as Refusal)
    }
    return contest
  }

  private static func tracked(
    _ ballots: [Ballot], of contest: Contest, _ site: Site
  ) throws(APIError) -> [TrackedBallot] {
    let voter = try VotingCodes(keys: site.votingKeys, voting: contest.voting).voters()
    let counted = contest.voting.placedEntries
    let tracked = ballots.compactMap { ballot -> TrackedBallot? in
      guard let voter = voter(ballot.voter) else { return nil }
      // What was removed before the result was made is in no ballot.
      return (voter.tracker, ballot.choices.filter(counted.contains))
    }
    return tracked.sorted { $0.tracker < $1.tracker }
  }

  private static func json(_ ballots: [TrackedBallot]) -> JSONValue {
    .array(
      ballots.map { ballot in
        [
          "tracker": .string(ballot.tracker),
          "choices": .array(ballot.choices.map(JSONValue.string)),
        ]
      })
  }
}
