public import JSON

/// What the vote's rules need of the entries.
extension Contest {
  mutating func apply(_ change: VotingChange) throws(Refusal) {
    try requireOwnVotingMembers()
    guard change.replacing == ListMark(of: voting),
      change.ballotCount.map({ $0 == ballotBox.ballots.count }) ?? true
    else { throw .changedMeanwhile }
    // Nothing may be forgotten that opens a ballot.
    if change.action == .seal {
      let former = voting.seal?.name
      // Without a seal of before, ballots in clear: the vote has opened by its time meanwhile.
      let isVoted = ballotBox.ballots.contains { ballot in
        ballot.sealName == former && (former != nil || voting.isCurrent(ballot))
      }
      guard !isVoted else { throw .changedMeanwhile }
    }
    voting = change.voting
    guard change.action == .unseal else { return }
    ballotBox = ballotBox.opened(with: voting.sealKeys)
  }

  /// Keeps a ballot.
  ///
  /// Whether its entries may be chosen is not decided here: one that is removed later falls out of the count, too. What
  /// a sealed one says has to be checked before it is sealed.
  /// - Returns: The ballot that was kept before, if it says the same; nothing changes then.
  /// - Throws: `Refusal`; nothing changes then.
  public mutating func record(_ ballot: Ballot) throws(Refusal) -> Ballot? {
    try requireOwnVotingMembers()
    guard !voting.isVoid(ballot.voter) else { throw .codeVoid }
    let earlier = self.ballot(of: ballot.voter)
    // Also after it was closed: the answer to what arrived in time may have been lost.
    if let earlier, earlier.isSame(as: ballot) { return earlier }
    if event?.state == .finalized { throw .eventFinalized }
    let state = voting.state(atMilliseconds: ballot.atMilliseconds)
    guard state == .open || state == .closed && ballot.way == .desk else {
      throw .votingState(state)
    }
    // A ballot that arrived in time may be committed late; what somebody has seen counted does not change.
    guard ballot.way == .desk || !voting.isBeingCounted else { throw .votingState(.closed) }
    guard ballot.sealName == voting.seal?.name else { throw .changedMeanwhile }
    if !ballot.isSealed { try voting.check(ballot.choices) }
    if ballot.way == .desk {
      guard !voting.isTallySeen else { throw .tallySeen }
      guard earlier?.way != .phone else {
        throw .inUse("A ballot with this code came from a phone. It stands.")
      }
    }
    guard mayVoteAgain(ballot.voter) else { throw .tooManyBallots }
    ballotBox.append(ballot)
    return nil
  }

  /// Whether a voter has not changed the mind too often; a run-off is counted by itself.
  private func mayVoteAgain(_ voter: String) -> Bool {
    if ballotBox.count(ofVoter: voter) < Self.maxBallots { return true }
    guard voting.runOff != nil else { return false }
    let own = ballotBox.ballots.lazy.filter { $0.voter == voter && voting.isCurrent($0) }
    return own.count < Self.maxBallots
  }

  /// How often one voter may change the mind: each ballot is kept.
  private static var maxBallots: Int { 50 }

  /// The entries that may be chosen: everybody sees them, and they are of the vote's categories.
  public var candidates: [Entry] {
    guard let runOff = voting.runOff else { return shownEntries }
    return shownEntries.filter { runOff.entries.contains($0.id) }
  }

  /// The entries of the vote's categories that everybody sees.
  public var shownEntries: [Entry] {
    let categories = voting.categories ?? self.categories.map(\.id)
    return categories.flatMap { entries(in: $0).filter(\.isShown) }
  }

  /// The ballot of a voter that stands; `nil` if there is none.
  public func ballot(of voter: String) -> Ballot? {
    guard let ballot = ballotBox[voter], voting.isCurrent(ballot) else { return nil }
    return ballot
  }

  /// The newest ballot of each voter, without those that were set aside or taken back.
  public var countingBallots: [Ballot] {
    currentBallots.filter { !voting.isVoid($0.voter) && !voting.isSetAside($0.voter) }
  }

  /// The same of the vote before a run-off; `nil` where there was none.
  public var formerCountingBallots: [Ballot]? { formerCountingBallots(in: ballotBox) }

  /// Whose ballots do not count.
  public var excludedVoters: Set<String> {
    Set(currentBallots.map(\.voter)).subtracting(countingBallots.map(\.voter))
  }

  /// All ballots of this vote, the oldest first: in a run-off, those of before are not of it.
  public var ballotsInOrder: [Ballot] { ballotBox.ballots.reversed().filter(voting.isCurrent) }

  private var currentBallots: [Ballot] { ballotBox.counting.filter(voting.isCurrent) }

  func formerCountingBallots(in box: BallotBox) -> [Ballot]? {
    guard let runOff = voting.runOff else { return nil }
    return BallotBox(box.ballots.filter { !voting.isCurrent($0) }).counting
      .filter { !runOff.excluded.contains($0.voter) }
  }

  /// What the ballots say.
  public var tally: Tally { tally(of: ballotBox, eligible: Set(shownEntries.map(\.id))) }

  private func tally(of box: BallotBox, eligible: Set<String>) -> Tally {
    Tally(box.counting.filter(voting.isCurrent), voting, isEligible: eligible.contains)
  }

  /// The result as it is now: what the ballots say, a run-off if there was one, and that the vote was opened again.
  public var votingResult: JSONObject {
    result(of: ballotBox, eligible: Set(shownEntries.map(\.id)))
  }

  /// The result that ballots give, counting only some entries.
  func result(of box: BallotBox, eligible: Set<String>) -> JSONObject {
    let tally = tally(of: box, eligible: eligible)
    var result = voting.runOff?.result(of: tally, shown: eligible) ?? tally.json
    result["reopened"] = .array(voting.reopenings)
    return result
  }

  /// How many have voted; ballots of codes that are void by now do not count.
  public var turnout: Int {
    let hasVoid = voting.batches.contains { !$0.void.isEmpty }
    guard hasVoid || voting.runOff != nil else { return ballotBox.voterCount }
    return currentBallots.reduce(0) { $0 + (voting.isVoid($1.voter) ? 0 : 1) }
  }

  /// Checks that the vote of the data file could be read.
  ///
  /// - Throws: `Refusal.inUse` with what to do otherwise.
  public func requireOwnVotingMembers() throws(Refusal) {
    guard let foreign = Self.votingMembers.first(where: { foreignMembers[$0] != nil }) else {
      return
    }
    throw .inUse(
      "The data file has a member “\(foreign)” that is not this program's. Rename it there first.")
  }

  /// The members of the data file that the vote has.
  static let votingMembers = ["voting", "votes"]

  /// Takes the vote out of a data file's members; what is nothing of the kind is another program's, and stays.
  ///
  /// - Throws: `Refusal.malformed` when some ballots cannot be read: they must not be dropped.
  static func voting(
    takenFrom foreign: inout JSONObject, writtenBallots: [Ballot]
  ) throws(Refusal) -> (Voting, BallotBox) {
    let voting = foreign["voting"].flatMap { try? Voting(stored: $0) }
    if voting != nil { foreign["voting"] = nil }
    let values = foreign["votes"]?.array ?? []
    let read = values.compactMap { Ballot(written: $0.serialized[...]) }
    guard read.count == values.count || read.isEmpty && voting == nil else {
      throw .malformed("“votes” has \(values.count - read.count) items that cannot be read.")
    }
    if read.count == values.count, foreign["votes"]?.array != nil { foreign["votes"] = nil }
    return (voting ?? Voting(), BallotBox(writtenBallots + read))
  }
}
