import Contest
import JSON

/// The events about judging: everybody gets `called`, the desk all.
enum JuryNews {
  /// An event's name and data.
  typealias Event = (name: String, data: JSONValue)

  /// What is nobody's business but the organizers'.
  static let deskEvents: Set = ["juryUpdated", "roundChanged", "scorecardKept"]

  /// The event of a change to judges, sheets or rounds.
  static func event(of change: JuryChange) -> Event {
    switch change {
    case .call(_, _, let shown, _): ("called", .object(shown))
    case .setJudges, .linkJudge: ("juryUpdated", ["list": "judges"])
    case .setSheets: ("juryUpdated", ["list": "sheets"])
    case .setRounds: ("juryUpdated", ["list": "rounds"])
    case .open(let id, _): round(id, .open)
    case .lock(let id): round(id, .locked)
    case .reopen(let id, _, _): round(id, .open)
    case .decide(let id, _, _, _): round(id, .decided)
    }
  }

  private static func round(_ id: String, _ state: Round.State) -> Event {
    ("roundChanged", ["round": .string(id), "state": .string(state.rawValue)])
  }

  /// The event of a card: who has got how far, without any mark.
  static func event(of card: Scorecard) -> Event {
    (
      "scorecardKept",
      [
        "round": .string(card.place.round), "judge": .string(card.place.judge),
        "entry": .string(card.place.entry), "state": .string(card.state.rawValue),
        "late": .bool(card.isLate),
      ]
    )
  }
}
