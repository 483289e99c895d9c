import Contest
import JSON

/// The events about the audience's vote: everybody learns how far it is, the desk also that somebody has voted.
enum VotingNews {
  /// What is nobody's business but the organizers'.
  static let deskEvents: Set = ["ballotKept"]

  /// That somebody has voted; never what, and not who.
  static let ballot: JuryNews.Event = ("ballotKept", .object(JSONObject()))

  /// The event of a change to the vote.
  static func event(of change: VotingChange) -> JuryNews.Event {
    ("votingUpdated", ["state": .string(change.voting.decidedState.rawValue)])
  }
}
