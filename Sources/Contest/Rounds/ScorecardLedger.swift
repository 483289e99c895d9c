import HashTreeCollections

/// All revisions of all cards, and which of them count.
///
/// Copies share structure. The index is built when it is first asked for: a process that answers one
/// request about something else never needs it.
struct ScorecardLedger: Sendable, Equatable {
  /// The cards of one judge and entry that matter.
  struct Standing {
    /// The newest revision, whether or not it counts.
    var newest: Scorecard
    /// The newest revision that counts.
    var counting: Scorecard?
  }

  /// The standings of each round.
  private typealias Index = TreeDictionary<String, TreeDictionary<Scorecard.Place, Standing>>

  /// Newest first.
  private(set) var cards = NewestFirst<Scorecard>()
  /// For each round that was opened again, how many cards there were then.
  private var reopenings: [String: Int] = [:]
  private var index = LazyIndex<Index>()

  init() {}

  /// Makes a ledger of cards, the newest first.
  init(_ cards: [Scorecard], _ rounds: [Round]) {
    self.cards = NewestFirst(cards)
    for round in rounds where round.cardsWhenReopened > 0 {
      reopenings[round.id] = round.cardsWhenReopened
    }
  }

  /// The cards of a judge and an entry that matter; `nil` while there is none.
  subscript(place: Scorecard.Place) -> Standing? { standings[place.round]?[place] }

  /// Whether a round has a card for an entry.
  func isMarked(_ entry: String, in round: String) -> Bool {
    standings[round]?.keys.contains { $0.entry == entry } ?? false
  }

  /// Whether a judge has written a card.
  func hasCards(ofJudge judge: String) -> Bool {
    standings.values.contains { $0.keys.contains { $0.judge == judge } }
  }

  /// Whether a round has cards.
  func hasCards(inRound round: String) -> Bool { standings[round] != nil }

  /// The cards of a round that matter.
  func standings(inRound round: String) -> [Standing] {
    standings[round].map { Array($0.values) } ?? []
  }

  /// The revision that a client gave a key; it may have been replaced since.
  func card(at place: Scorecard.Place, key: String) -> Scorecard? {
    cards.first { $0.place == place && $0.key == key }
  }

  /// Keeps a card.
  mutating func append(_ card: Scorecard) {
    let position = cards.count
    cards.prepend(card)
    guard var known = index.known else {
      index = LazyIndex()
      return
    }
    add(card, at: position, to: &known)
    index = LazyIndex(known)
  }

  /// Lets the late cards of a round count.
  mutating func reopen(_ round: String) {
    // As the data file is read: a round that had no card has nothing that could count.
    if !cards.isEmpty { reopenings[round] = cards.count }
    index = LazyIndex()
  }

  private var standings: Index {
    index.made {
      var index = Index()
      for (position, card) in cards.reversed().enumerated() { add(card, at: position, to: &index) }
      return index
    }
  }

  private func add(_ card: Scorecard, at position: Int, to index: inout Index) {
    let counts = !card.isLate || position < reopenings[card.place.round] ?? 0
    let round = card.place.round
    let counting = counts ? card : index[round]?[card.place]?.counting
    index[round, default: TreeDictionary()][card.place] = Standing(newest: card, counting: counting)
  }

  static func == (one: ScorecardLedger, other: ScorecardLedger) -> Bool {
    one.cards == other.cards && one.reopenings == other.reopenings
  }
}
