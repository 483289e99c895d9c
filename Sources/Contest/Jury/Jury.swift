import JSON

/// Judges, sheets, rounds and cards, and the rules for changing them.
public struct Jury: Sendable, Equatable {
  /// The judges, in the order of the list.
  public internal(set) var judges: [Judge] = []
  /// The sheets, in the order of the list.
  public internal(set) var sheets: [Sheet] = []
  /// The rounds, in the order of the list.
  public internal(set) var rounds: [Round] = []
  var ledger = ScorecardLedger()

  /// Whether there is nothing to write to the data file.
  var isEmpty: Bool { judges.isEmpty && sheets.isEmpty && rounds.isEmpty && ledger.cards.isEmpty }

  /// The judge of an identifier.
  public func judge(id: String) -> Judge? { judges.first { $0.id == id } }
  /// The sheet of an identifier.
  public func sheet(id: String) -> Sheet? { sheets.first { $0.id == id } }
  /// The round of an identifier.
  public func round(id: String) -> Round? { rounds.first { $0.id == id } }
  /// All revisions of all cards, newest first.
  public var cards: NewestFirst<Scorecard> { ledger.cards }

  /// The newest card of a judge for an entry, whether or not it counts.
  public func card(at place: Scorecard.Place) -> Scorecard? { ledger[place]?.newest }

  /// The judges who mark a round: those on its panel, and those who have written a card, even if they have been
  /// taken off since: their marks count until they are recused.
  public func panel(of round: Round) -> [Judge] {
    let writers = Set(ledger.standings(inRound: round.id).map(\.newest.place.judge))
    return judges.filter { judge in
      writers.contains(judge.id) || !judge.isRevoked && judge.isOnPanel(of: round.categories)
    }
  }

  /// A mark of all that a round's result is made of: the rounds, and the round's cards.
  public func markOfResult(ofRound id: String) -> ListMark {
    // Each card has a revision higher than the one before.
    let revisions = ledger.standings(inRound: id).reduce(0) { $0 + $1.newest.revision + 1 }
    return ListMark(of: .array(rounds.map(\.json) + [.int(revisions)]))
  }

  /// Whether a card is the one that counts for its judge and entry.
  public func counts(_ card: Scorecard) -> Bool { ledger[card.place]?.counting == card }

  /// About how long the cards of the open rounds will be: one for each judge and entry.
  public var expectedCardBytes: Int {
    let perCard = 320
    return rounds.filter { $0.state == .open }.reduce(0) { sum, round in
      sum + perCard * round.entries.count
        * judges.count { !$0.isRevoked && $0.isOnPanel(of: round.categories) }
    }
  }

  // MARK: Changes

  mutating func apply(_ change: JuryChange) throws(Refusal) {
    switch change {
    case .setJudges(let judges, let mark): try set(judges, replacing: mark)
    case .linkJudge(let id, let hash):
      guard let index = judges.firstIndex(where: { $0.id == id }) else {
        throw .unknown("judge", id)
      }
      judges[index] = judges[index].withToken(hash: hash)
    case .setSheets(let sheets, let mark): try set(sheets, replacing: mark)
    case .setRounds(let rounds, let mark): try set(rounds, replacing: mark)
    case .open(let id, let entries):
      let hasSheet = { [sheets] (round: Round) in sheets.contains { $0.id == round.sheet } }
      try update(id, from: [.setup]) { round throws(Refusal) in
        guard !entries.isEmpty else { throw .malformed("The round “\(id)” has no entries.") }
        guard hasSheet(round) else { throw .unknown("sheet", round.sheet) }
        return round.with([("entries", .array(entries.map(JSONValue.string)))]).moved(to: .open)
      }
    case .lock(let id): try update(id, from: [.open]) { $0.moved(to: .locked) }
    case .reopen(let id, let reason, let at):
      let cardCount = cards.count
      try update(id, from: [.locked, .decided]) {
        $0.reopened(reason, atMilliseconds: at, cardCount: cardCount)
      }
      ledger.reopen(id)
    case .decide(let id, let decision, _, let mark):
      if let mark, mark != markOfResult(ofRound: id) { throw .changedMeanwhile }
      try update(id, from: [.locked]) {
        $0.with([("decision", .object(decision))]).moved(to: .decided)
      }
    case .call(let id, let call, _, let mark):
      if let mark, mark != ListMark(of: rounds) { throw .changedMeanwhile }
      try update(id, from: [.open, .locked, .decided]) { $0.with([("call", call.json)]) }
      // One stage has one contestant.
      for index in rounds.indices where rounds[index].id != id && rounds[index].call.entry != nil {
        rounds[index] = rounds[index].with([("call", rounds[index].call.calling(nil).json)])
      }
    }
  }

  private mutating func update(
    _ id: String, from states: [Round.State], _ change: (Round) throws(Refusal) -> Round
  ) throws(Refusal) {
    guard let index = rounds.firstIndex(where: { $0.id == id }) else { throw .unknown("round", id) }
    guard states.contains(rounds[index].state) else { throw .roundState(rounds[index].state) }
    rounds[index] = try change(rounds[index])
  }

  private mutating func set(_ judges: [Judge], replacing mark: ListMark?) throws(Refusal) {
    if let mark, mark != ListMark(of: self.judges) { throw .changedMeanwhile }
    for former in self.judges where !judges.contains(where: { $0.id == former.id }) {
      guard !ledger.hasCards(ofJudge: former.id) else {
        throw .inUse(
          "\(former.name) has marked entries and stays on the list. Take the link away instead: "
            + "“revoked”.")
      }
    }
    self.judges = judges.map { judge in
      judge.withToken(hash: judge.isRevoked ? nil : self.judge(id: judge.id)?.tokenHash)
    }
  }

  private mutating func set(_ sheets: [Sheet], replacing mark: ListMark?) throws(Refusal) {
    if let mark, mark != ListMark(of: self.sheets) { throw .changedMeanwhile }
    for round in rounds {
      guard let former = sheet(id: round.sheet) else { continue }
      let now = sheets.first { $0.id == former.id }
      guard let now else {
        throw .inUse("The round “\(round.name)” is marked with the sheet “\(former.name)”.")
      }
      guard round.state == .setup || now.takesTheSameMarks(as: former) else {
        throw .inUse(
          "Judges have marked “\(round.name)” with the sheet “\(former.name)”. Make another sheet "
            + "for the next round.")
      }
    }
    self.sheets = sheets
  }

  private mutating func set(_ rounds: [Round], replacing mark: ListMark?) throws(Refusal) {
    if let mark, mark != ListMark(of: self.rounds) { throw .changedMeanwhile }
    for former in self.rounds where !rounds.contains(where: { $0.id == former.id }) {
      guard former.state == .setup, !ledger.hasCards(inRound: former.id) else {
        throw .inUse("The round “\(former.name)” has begun and stays on the list.")
      }
    }
    var changed: [Round] = []
    for round in rounds {
      guard sheet(id: round.sheet) != nil else { throw .unknown("sheet", round.sheet) }
      let former = self.round(id: round.id)
      let ledger = ledger
      changed.append(
        try former?.changed(to: round) { ledger.isMarked($0, in: round.id) } ?? round)
    }
    self.rounds = changed
  }

  // MARK: Cards

  /// Keeps a card.
  ///
  /// - Returns: The card that was kept before, if it is the same; nothing changes then.
  /// - Throws: `Refusal`; nothing changes then.
  mutating func record(_ card: Scorecard) throws(Refusal) -> Scorecard? {
    if let earlier = repeated(card) { return earlier }
    let newest = ledger[card.place]?.newest
    try check(card, following: newest)
    ledger.append(card)
    return nil
  }

  /// Returns the card as it is to be kept: late, if the round no longer takes any of a judge.
  ///
  /// What organizers write down of a locked round counts: a recusal that is found out late, a sheet of paper.
  func settled(_ card: Scorecard) -> Scorecard {
    let isTaken = card.author == .organizer || round(id: card.place.round)?.state == .open
    return isTaken ? card : card.late()
  }

  /// The card that was kept when this one was sent before.
  private func repeated(_ card: Scorecard) -> Scorecard? {
    if let newest = ledger[card.place]?.newest, newest.revision == card.revision,
      newest.content == card.content, newest.author == card.author
    {
      return newest
    }
    // The next revision is new; only an earlier one can have been sent before.
    guard let newest = ledger[card.place]?.newest, card.revision <= newest.revision else {
      return nil
    }
    let earlier = card.key.flatMap { ledger.card(at: card.place, key: $0) }
    return earlier?.content == card.content ? earlier : nil
  }

  private func check(_ card: Scorecard, following newest: Scorecard?) throws(Refusal) {
    let place = card.place
    // Equal as bytes: strings that are only canonically equivalent are other identifiers.
    guard Category.isIdentifier(place.round), let round = round(id: place.round) else {
      throw .unknown("round", place.round)
    }
    let isOver = card.author == .organizer && round.state == .decided
    guard round.state != .setup, !isOver else { throw .roundState(round.state) }
    guard let judge = judge(id: place.judge) else { throw .unknown("judge", place.judge) }
    // Organizers may still recuse a judge who was taken off the panel: the cards count until then.
    let isOnPanel =
      judge.isOnPanel(of: round.categories) || card.author == .organizer && newest != nil
    guard isOnPanel, round.entries.contains(where: { $0.utf8.elementsEqual(place.entry.utf8) })
    else { throw .notOnPanel }
    if card.author == .judge, newest?.state == .recused, card.state != .recused { throw .recused }
    let expected = newest.map { $0.revision + 1 }
    guard expected.map({ $0 == card.revision }) ?? (0...1).contains(card.revision) else {
      throw .revisionConflict
    }
    try checkContent(card, in: round, following: newest)
  }

  private func checkContent(
    _ card: Scorecard, in round: Round, following newest: Scorecard?
  ) throws(Refusal) {
    guard let sheet = sheet(id: round.sheet) else { throw .unknown("sheet", round.sheet) }
    let content = card.content
    let marks = try sheet.marks(of: content.scores)
    guard content.reason.utf8.count <= 1000, Writing.problem(of: content.reason) == nil else {
      throw .malformed("The reason is a text of at most 1000 bytes.")
    }
    guard content.state == .final else { return }
    if let missing = zip(sheet.criteria, marks).first(where: { $0.1 == nil })?.0 {
      throw .badScore(criterion: missing.id, "“\(missing.name)” has no mark yet.")
    }
    // A sheet of paper counts once two people have read the same on it.
    if card.author == .organizer {
      guard newest?.author == .organizer, newest?.state == .draft,
        newest?.content.scores.isSame(as: content.scores) == true
      else { throw .notConfirmed }
    }
  }
}

extension JSONObject {
  /// Whether both have the same members, in any order.
  fileprivate func isSame(as other: JSONObject) -> Bool {
    members.count == other.members.count && members.allSatisfy { other[$0.name] == $0.value }
  }
}

extension ListMark {
  /// Computes the mark of a list of judges; their links are no part of it.
  public init(of judges: [Judge]) {
    self.init(of: .array(judges.map { $0.withToken(hash: nil).json }))
  }

  /// Computes the mark of a list of sheets.
  public init(of sheets: [Sheet]) { self.init(of: .array(sheets.map(\.json))) }

  /// Computes the mark of a list of rounds.
  public init(of rounds: [Round]) { self.init(of: .array(rounds.map(\.json))) }
}
