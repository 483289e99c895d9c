import JSON

/// The audience's vote counted again, from the ballots as the log has them.
public struct VoteRecount: Sendable {
  /// How many ballots the log has.
  public let loggedCount: Int
  /// How many the data file has of before the log begins: they are counted as they are there.
  public let olderCount: Int
  /// What differs between the two, a sentence each.
  public let differences: [String]

  /// Counts.
  ///
  /// - Parameters:
  ///   - logged: The ballots of the log, the oldest first.
  ///   - isWhole: Whether the log has all of them; otherwise the data file may have older ones.
  ///   - contest: The contest as its data file has it.
  public init(_ logged: [Ballot], isWhole: Bool, comparedWith contest: Contest) {
    // What was opened since is compared in clear; the rest is compared sealed.
    let logged = logged.map { $0.opened(with: contest.voting.sealKeys) }
    let stored = Array(contest.ballotBox.ballots.reversed())
    let known = Set(logged.map(\.text))
    let older = isWhole ? [] : stored.prefix { !known.contains($0.text) }
    (loggedCount, olderCount) = (logged.count, older.count)
    let box = BallotBox((older + logged).reversed())
    differences =
      Self.missing(logged, in: Array(stored.dropFirst(older.count)))
      + Self.differences(contest, box)
  }

  /// The ballots that are at one place only, or in another order.
  private static func missing(_ logged: [Ballot], in stored: [Ballot]) -> [String] {
    let (ofLog, ofFile) = (Set(logged.map(\.text)), Set(stored.map(\.text)))
    let lost = logged.filter { !ofFile.contains($0.text) }.map {
      "the ballot of \($0.voter), \($0.transactionID), is in the log and not in the data file"
    }
    let foreign = stored.filter { !ofLog.contains($0.text) }.map {
      "the ballot of \($0.voter), \($0.transactionID), is in the data file and not in the log"
    }
    let isMoved = lost.isEmpty && foreign.isEmpty && logged.map(\.text) != stored.map(\.text)
    return lost + foreign + (isMoved ? ["the ballots are in another order than in the log"] : [])
  }

  private static func differences(_ contest: Contest, _ box: BallotBox) -> [String] {
    let published = contest.voting.result
    // What was removed since it was published counts all the same.
    let eligible = Set(contest.shownEntries.map(\.id)).union(contest.voting.placedEntries)
    let told = published ?? contest.result(of: contest.ballotBox, eligible: eligible)
    var isSame = contest.result(of: box, eligible: eligible)["places"] == told["places"]
    if let runOff = contest.voting.runOff, let ballots = contest.formerCountingBallots(in: box) {
      let former = Tally(ballots, nil, isEligible: Tally.entries(in: runOff.former).contains)
      isSame = isSame && former.json["places"] == runOff.former["places"]
    }
    guard !isSame else { return [] }
    return [
      published == nil
        ? "the log gives another tally than the data file"
        : "the log gives another result than the one that was published"
    ]
  }
}
