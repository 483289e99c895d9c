public import JSON

/// What stands against finalizing an event.
public struct EventBlocker: Sendable, Equatable {
  /// What it is; the raw value is its word for programs.
  public enum Kind: String, Sendable {
    /// Entries that nobody has approved or rejected.
    case pendingEntries = "pending_entries"
    /// Rounds that are open or locked, and not decided.
    case openRounds = "open_rounds"
    /// Categories whose winners are chosen and not published.
    case unpublishedWinners = "unpublished_winners"
    /// The audience's vote is open, or will open by itself.
    case openVote = "open_vote"
    /// The audience's ballots are sealed: nobody could open them afterwards.
    case sealedVote = "sealed_vote"
    /// Entries that were withdrawn less than an hour ago: an archive must not have them.
    case withdrawnEntries = "withdrawn_entries"
  }

  /// What it is.
  public let kind: Kind
  /// The identifiers of what it is about.
  public let items: [String]

  init(_ kind: Kind, _ items: [String]) {
    (self.kind, self.items) = (kind, items)
  }

  /// What it is and what to do, in a sentence.
  public var sentence: String {
    let count = items.count
    return switch kind {
    case .pendingEntries:
      "\(count) \(count == 1 ? "entry waits" : "entries wait") for approval: approve or reject."
    case .openRounds:
      "Rounds are not decided: \(items.joined(separator: ", ")). Decide them, or remove them."
    case .unpublishedWinners:
      "Winners are chosen and not published: \(items.joined(separator: ", ")). Publish them, or "
        + "clear the choice."
    case .openVote:
      "The audience's vote is open, or opens by itself: close it, or take its opening time away."
    case .sealedVote: "The audience's ballots are sealed: open them with the printed key."
    case .withdrawnEntries:
      "\(count) \(count == 1 ? "entry is" : "entries are") withdrawn and erased within the hour: archive then, "
        + "or erase them now."
    }
  }

  /// `{"kind","items","sentence"}`.
  public var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "items": .array(items.map(JSONValue.string)),
      "sentence": .string(sentence),
    ]
  }
}
