public import JSON

/// The end of an event.
extension Contest {
  /// What stands against finalizing the event.
  ///
  /// - Parameter now: The time, in milliseconds since 1970 UTC; a vote closes by itself.
  /// - Returns: What is undecided.
  public func blockersOfEnd(atMilliseconds now: Int) -> [EventBlocker] {
    let entries = allEntries.flatMap(\.entries)
    let pending = entries.filter { entry in
      entry.moderation == .pending && entry.withdrawnAtMilliseconds == nil && !entry.isErased
    }.map(\.id)
    let rounds = jury.rounds.filter { [.open, .locked].contains($0.state) }.map(\.id)
    let drafts = winnersDraft.filter { draft in
      draft.entryIDs != winners.first { $0.category == draft.category }?.entryIDs ?? []
    }.map(\.category)
    let state = voting.state(atMilliseconds: now)
    let mayBeVoted = state == .open || state == .setup && voting.opensAtMilliseconds != nil
    let isSealed = voting.seal != nil && !ballotBox.ballots.isEmpty
    return [
      EventBlocker(.pendingEntries, pending), EventBlocker(.openRounds, rounds),
      EventBlocker(.unpublishedWinners, drafts),
      EventBlocker(.openVote, mayBeVoted ? ["vote"] : []),
      EventBlocker(.sealedVote, isSealed ? ["vote"] : []),
    ].filter { !$0.items.isEmpty }
  }

  /// What stands against archiving the event.
  public var blockersOfArchive: [EventBlocker] {
    [EventBlocker(.withdrawnEntries, withdrawnEntries)].filter { !$0.items.isEmpty }
  }

  /// A mark of everything: what was archived is what is taken out of the contest.
  public var mark: ListMark {
    var text: [UInt8] = []
    appendSerialized(to: &text)
    return ListMark(ofText: text)
  }

  /// What an archiving leaves in the contest, counted: `{"categories","sheets","judges"}`.
  public var countsThatStay: JSONValue {
    [
      "categories": .int(categories.count), "sheets": .int(jury.sheets.count),
      "judges": .int(jury.judges.count),
    ]
  }

  /// The entries that were not erased.
  public var remainingEntries: [Entry] {
    allEntries.flatMap(\.entries).filter { !$0.isErased }
  }

  /// What an archiving takes out of the contest, counted.
  public var countsThatGo: JSONObject {
    JSONObject([
      .init(name: "entries", value: .int(remainingEntries.count)),
      .init(name: "winners", value: .int(winners.reduce(0) { $0 + $1.entryIDs.count })),
      .init(name: "rounds", value: .int(jury.rounds.count)),
      .init(name: "scorecards", value: .int(jury.cards.count)),
      .init(name: "votes", value: .int(ballotBox.ballots.count)),
      .init(name: "voteBatches", value: .int(voting.batches.count)),
      .init(name: "judgesLinks", value: .int(jury.judges.count { $0.tokenHash != nil })),
    ])
  }

  /// Returns the step as it is decided now: an archive of the contest as it is needs no mark any more.
  public func settled(_ ending: EventEnding) -> EventEnding {
    guard case .archive(let id, let mark?, let successor) = ending, mark == self.mark else {
      return ending
    }
    return .archive(eventID: id, mark: nil, successor: successor)
  }

  mutating func apply(_ ending: EventEnding) throws(Refusal) {
    switch ending {
    case .finalize(let id, let comment, let now):
      let event = try event(id, beingIn: .live)
      let blockers = blockersOfEnd(atMilliseconds: now)
      guard blockers.isEmpty else { throw .blocked(blockers.map(\.sentence)) }
      self.event = event.finalized(comment, atMilliseconds: now)
    case .reopen(let id, let reason, let now):
      event = try event(id, beingIn: .finalized).reopened(because: reason, atMilliseconds: now)
    case .archive(let id, let mark, let successor):
      _ = try event(id, beingIn: .finalized)
      guard mark == nil || mark == self.mark else { throw .changedMeanwhile }
      event = successor
      removeEntries()
      jury.beginAnew()
      voting = voting.begunAnew()
    case .unarchive(let id, let contents):
      guard allEntries.allSatisfy(\.entries.isEmpty) else { throw .hasEntries }
      let archived = try Contest(members: contents)
      guard archived.event?.id == id else { throw .malformed("The archive is of another event.") }
      self = archived
    }
  }

  private func event(_ id: String, beingIn state: Event.State) throws(Refusal) -> Event {
    guard let event, event.id == id, event.state == state else { throw .badState(event?.state) }
    return event
  }
}
