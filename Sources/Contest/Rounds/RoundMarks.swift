public import JSON
import Judging

/// The cards of a round that count, with whom and what they are about.
public struct RoundMarks: Sendable {
  /// The round.
  public let round: Round
  /// Its sheet.
  public let sheet: Sheet
  /// The judges who mark it.
  public let judges: [Judge]
  /// Its entries that still compete, in the order of the round.
  public let entries: [Entry]
  /// The newest card of each judge and entry that counts.
  let counting: [Scorecard.Place: Scorecard]
  /// How many cards have come too late to count.
  public let lateCount: Int

  /// Takes the marks of some of a round's entries.
  init(_ round: Round, of entries: [Entry], in contest: Contest) throws(Refusal) {
    guard let sheet = contest.jury.sheet(id: round.sheet) else {
      throw .unknown("sheet", round.sheet)
    }
    (self.round, self.sheet) = (round, sheet)
    judges = contest.jury.panel(of: round)
    self.entries = entries
    let standings = contest.jury.ledger.standings(inRound: round.id)
    counting = Dictionary(
      standings.compactMap { standing in standing.counting.map { ($0.place, $0) } }
    ) { $1 }
    lateCount = standings.count { $0.counting?.revision != $0.newest.revision }
  }

  /// The card of a judge and an entry that counts.
  public func card(_ judge: Judge, _ entry: Entry) -> Scorecard? {
    counting[Scorecard.Place(round: round.id, judge: judge.id, entry: entry.id)]
  }

  /// Whether a card is the one that counts for its judge and entry.
  public func counts(_ card: Scorecard) -> Bool { counting[card.place] == card }

  /// The marks that places are made of.
  var panel: Panel {
    Panel(
      entries: entries.map(\.id),
      criteria: sheet.criteria.map { Panel.Criterion(id: $0.id, weight: $0.weight) },
      cards: counting.values.compactMap { card in
        finalMarks(of: card).map {
          Panel.Card(judge: card.place.judge, entry: card.place.entry, marks: $0)
        }
      })
  }

  /// One mark for each criterion; `nil` for a card that is not final.
  func finalMarks(of card: Scorecard) -> [Int]? {
    guard card.state == .final, let marks = try? sheet.marks(of: card.content.scores) else {
      return nil
    }
    let given = marks.compactMap(\.self)
    return given.count == marks.count ? given : nil
  }

  /// The middle mark of each criterion over the judges who marked an entry; halves between two.
  public func medians(of entry: Entry) -> JSONObject {
    let cards = judges.compactMap { card($0, entry).flatMap(finalMarks) }
    guard !cards.isEmpty else { return JSONObject() }
    return JSONObject(
      sheet.criteria.enumerated().map { index, criterion in
        let marks = cards.map { $0[index] }.sorted()
        let doubled = marks[(marks.count - 1) / 2] + marks[marks.count / 2]
        return .init(
          name: criterion.id,
          value: doubled.isMultiple(of: 2) ? .int(doubled / 2) : .number("\(Double(doubled) / 2)"))
      })
  }
}

extension Contest {
  /// Returns a round's cards that count.
  ///
  /// - Throws: `Refusal` when there is no such round, or its sheet is gone.
  public func marks(ofRound id: String) throws(Refusal) -> RoundMarks {
    guard let round = jury.round(id: id) else { throw .unknown("round", id) }
    return try RoundMarks(round, of: entries(of: round), in: self)
  }
}
