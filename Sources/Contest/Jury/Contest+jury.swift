public import JSON

/// What the jury's rules need of the entries, and what they do to the winners.
extension Contest {
  mutating func apply(_ change: JuryChange) throws(Refusal) {
    if let foreign = Jury.names.first(where: { foreignMembers[$0] != nil }) {
      throw .inUse(
        "The data file has a member “\(foreign)” that is not this program's. Rename it there first."
      )
    }
    try jury.apply(change)
    if case .decide(_, _, let winners?, _) = change { Self.replace([winners], in: &winnersDraft) }
  }

  /// Keeps a card.
  ///
  /// - Returns: The card that was kept before, if it is the same; nothing changes then.
  /// - Throws: `Refusal`; nothing changes then.
  public mutating func record(_ card: Scorecard) throws(Refusal) -> Scorecard? {
    try jury.record(card)
  }

  /// Returns the card as it is to be kept: late, if the round no longer takes any.
  public func settled(_ card: Scorecard) -> Scorecard { jury.settled(card) }

  /// Returns the entries of some identifiers, by identifier.
  public func entries(ids: some Sequence<String>) -> [String: Entry] {
    var wanted = Set(ids)
    var found: [String: Entry] = [:]
    for section in sections {
      for entry in section.entries {
        if wanted.isEmpty { return found }
        let id = entry.id
        if wanted.remove(id) != nil { found[id] = entry }
      }
    }
    return found
  }

  /// The entries that compete in a round, in its order: everybody may see them, and they stand in its category.
  public func entries(of round: Round) -> [Entry] {
    let known = entries(ids: round.entries)
    var listed: Set<String> = []
    return round.entries.compactMap { id in
      guard listed.insert(id).inserted, let entry = known[id], entry.isShown else { return nil }
      if case .category(let category) = round.source, entry.category != category { return nil }
      return entry
    }
  }

  /// The entries that a round begins with, in the order of their numbers, unless they were chosen.
  ///
  /// - Parameters:
  ///   - round: The round.
  ///   - places: How many winners of a category take part where the round does not say.
  /// - Returns: The entries' identifiers.
  public func openingEntries(of round: Round, places: Int) -> [String] {
    let chosen = entries(of: round).map(\.id)
    guard chosen.isEmpty else { return chosen }
    switch round.source {
    case .category(let category):
      return entries(in: category).filter(\.isShown)
        .map { (id: $0.id, number: $0.number ?? .max) }
        .sorted { ($0.number, $0.id) < ($1.number, $1.id) }.map(\.id)
        .prefix(Round.maxEntries).map(\.self)
    case .winners(let categories, let take, let extra):
      let winners = categories.flatMap { category in
        (self.winners.first { $0.category == category }?.entryIDs ?? []).prefix(
          max(0, take ?? places))
      }
      let wanted = (winners + extra).reduce(into: [String]()) { list, id in
        if !list.contains(id) { list.append(id) }
      }
      let shown = entries(ids: wanted).filter(\.value.isShown)
      return wanted.filter { shown[$0] != nil }
    }
  }

  /// Who is on the stage, as everybody may see it; `nil` before the first call of all.
  ///
  /// `{"round":{"id","name"},"entry":{…}|null,"next":{…}|null,"absent":[numbers],"called":3,"of":12}`
  public var stage: JSONObject? {
    let round =
      jury.rounds.first { $0.call.entry != nil } ?? jury.rounds.last { !$0.call.called.isEmpty }
    return round.map { stage($0, $0.call) }
  }

  /// What a call shows.
  public func stage(_ round: Round, _ call: Call) -> JSONObject {
    let present = entries(of: round)
    let known = Dictionary(present.map { ($0.id, $0) }) { $1 }
    let next = call.next(of: present.map(\.id))
    func shown(_ id: String?) -> JSONValue {
      id.flatMap { known[$0] }.map { .object($0.roundJSON) } ?? .null
    }
    return JSONObject([
      .init(name: "round", value: ["id": .string(round.id), "name": .string(round.name)]),
      .init(name: "entry", value: shown(call.entry)), .init(name: "next", value: shown(next)),
      .init(
        name: "absent",
        value: .array(call.absent.compactMap { known[$0]?.number.map { .int($0) } })),
      .init(name: "called", value: .int(call.called.count)),
      .init(name: "of", value: .int(present.count)),
    ])
  }
}
