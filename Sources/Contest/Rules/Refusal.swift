/// Why the contest's rules refuse a change.
///
/// `Category.refusal(at:)` decides whether a category is open; `APIError` has the status codes.
public enum Refusal: Error, Sendable, Equatable {
  case unknownCategory(String)
  case unknownEntry(String)
  case malformed(String)
  /// The category, given by name, no longer accepts entries.
  case closed(String)
  /// The category, given by name, does not accept entries yet.
  case notOpen(String)
  /// The winners sent no longer match the draft, or the list published before.
  case winnersChanged
  /// The list has changed since the client read it.
  case changedMeanwhile
  /// A rehearsal begins and ends without entries, unless it ends by the start of the event.
  case hasEntries
  /// The event is not in the state that this needs; `nil` where there is no event.
  case badState(Event.State?)
  /// The event is finalized: nothing changes any more.
  case eventFinalized
  /// The entry was erased: nothing brings it back.
  case entryErased
  /// Its entrant has withdrawn the entry: nobody else decides on it.
  case entryWithdrawn
  /// The entry was withdrawn and had back very often.
  case tooManyWithdrawals
  /// The event cannot be finalized; the sentences say what stands against it.
  case blocked([String])
  /// The entry's photo has moved in the meantime, or must not become public.
  case photoMoved(String)
  /// There is no judge, sheet or round of this identifier.
  case unknown(String, String)
  /// The round is in a state in which this cannot be done.
  case roundState(Round.State)
  /// What others refer to must stay; the reason says which.
  case inUse(String)
  /// A mark is missing, out of bounds, or of no criterion of the sheet.
  case badScore(criterion: String, String)
  /// The judge does not mark this entry, or this round.
  case notOnPanel
  /// The judge has been recused from this entry.
  case recused
  /// Another revision of the card was kept first.
  case revisionConflict
  /// The vote is in a state in which this cannot be done.
  case votingState(Voting.State)
  /// The code was taken back.
  case codeVoid
  /// A ballot names too few entries, too many, or one that cannot be chosen.
  case badChoices(String)
  /// The voter has changed the mind very often.
  case tooManyBallots
  /// An organizer has seen the tally: what counts is not chosen any more.
  case tallySeen
  /// Nobody has asked for the tally yet: nothing may tell of it.
  case tallyNotSeen
  /// The ballots are sealed, with the key of this name: nobody can count them.
  case votingSealed(String)
  /// A key was typed that is not the one of this name.
  case wrongKey(String)
  /// Ballots have to be sealed before the vote opens.
  case notSealed
  /// A card from paper differs from what was keyed in first, or was not keyed in first.
  case notConfirmed

  /// A word for programs.
  public var code: String {
    switch self {
    case .unknownCategory: "unknown_category"
    case .unknownEntry: "unknown_entry"
    case .malformed: "malformed"
    case .closed: "category_closed"
    case .notOpen: "category_not_open"
    case .photoMoved: "photo_moved"
    case .winnersChanged: "winners_changed"
    case .changedMeanwhile: "changed_meanwhile"
    case .badState: "bad_state"
    case .eventFinalized: "event_finalized"
    case .blocked: "blocked"
    case .entryErased: "erased"
    case .entryWithdrawn: "withdrawn"
    case .tooManyWithdrawals: "too_many_withdrawals"
    case .hasEntries: "has_entries"
    case .unknown(let noun, _): "unknown_\(noun)"
    case .roundState: "bad_state"
    case .inUse: "in_use"
    case .badScore: "bad_score"
    case .notOnPanel: "not_on_panel"
    case .recused: "recused"
    case .revisionConflict: "revision_conflict"
    case .notConfirmed: "not_confirmed"
    case .votingState(.setup): "voting_not_open"
    case .votingState(let state): "voting_\(state.rawValue)"
    case .codeVoid: "code_void"
    case .badChoices: "bad_choices"
    case .tooManyBallots: "too_many_ballots"
    case .tallySeen: "tally_seen"
    case .tallyNotSeen: "tally_not_seen"
    case .votingSealed: "voting_sealed"
    case .wrongKey: "wrong_key"
    case .notSealed: "not_sealed"
    }
  }

  /// A sentence for people.
  public var reason: String {
    switch self {
    case .unknownCategory(let id): "There is no category “\(id)”."
    case .unknownEntry(let id): "There is no entry “\(id)”."
    case .malformed(let reason): reason
    case .closed(let name): "“\(name)” is closed: it takes no more entries."
    case .winnersChanged: "The winners were changed meanwhile. Look at them again."
    case .changedMeanwhile: "Somebody else has changed it meanwhile. Look at it again."
    case .badState(let state?): "The event is \(state.rawValue), so this cannot be done."
    case .eventFinalized:
      "The event is over, and nothing changes any more. An organizer can reopen it at the desk."
    case .entryWithdrawn: "The entrant has withdrawn this entry. It cannot be decided on."
    case .tooManyWithdrawals: "This entry was withdrawn very often. It stays withdrawn."
    case .entryErased: "The entry was erased. Nothing brings it back."
    case .blocked(let sentences): sentences.joined(separator: " ")
    case .hasEntries:
      "There are entries. Start the event to end its rehearsal; for a new one, remove them first."
    case .badState(nil): "There is no event yet. Name it first."
    case .photoMoved(let id): "The photo of “\(id)” is not where it was."
    case .notOpen(let name): "“\(name)” is not open yet."
    case .unknown(let noun, let id): "There is no \(noun) “\(id)”."
    case .roundState(let state): "The round is \(state.phrase), so this cannot be done."
    case .inUse(let reason): reason
    case .votingState(.setup): "The vote has not begun yet."
    case .votingState(let state): "The vote is \(state.rawValue), so this cannot be done."
    case .codeVoid: "This code is not valid any more. Ask the organizers for another card."
    case .badChoices(let reason): reason
    case .tooManyBallots: "This vote was changed very often. The last ballot stands."
    case .tallyNotSeen: "Look at the result first: what counts can still be chosen."
    case .votingSealed(let name):
      "The ballots are sealed. Type in the key \(name), which was printed before the vote opened."
    case .wrongKey(let name): "This is not the key \(name). Compare it with the printed one."
    case .notSealed: "Ballots have to be sealed here (VOTE_SEAL). Make a key and print it first."
    case .tallySeen: "The tally was seen already: what counts cannot be chosen any more."
    case .badScore(_, let reason): reason
    case .notOnPanel: "This judge does not mark this entry in this round."
    case .recused: "This judge has been recused from this entry. The organizers can lift that."
    case .revisionConflict: "This card was changed elsewhere meanwhile. Look at it again."
    case .notConfirmed:
      "A card from paper is keyed in twice, first as a draft, and must be the same both times."
    }
  }
}

extension Round.State {
  /// As a part of a sentence.
  fileprivate var phrase: String {
    switch self {
    case .setup: "being set up"
    case .open, .locked, .decided: rawValue
    }
  }
}
