/// The marks that judges have given to entries: everything that a ranking is made of.
///
/// A judge who has given an entry no marks, because of a recusal or an absence, has no card for it.
public struct Panel: Sendable, Equatable {
  /// One line of the sheet that judges fill in.
  public struct Criterion: Sendable, Equatable {
    /// Identifies it within the sheet.
    public let id: String
    /// By how much its marks are multiplied, at least 1.
    public let weight: Int

    /// Makes a criterion.
    public init(id: String, weight: Int) {
      (self.id, self.weight) = (id, weight)
    }
  }

  /// One judge's marks of one entry.
  public struct Card: Sendable, Equatable {
    /// The judge's identifier.
    public let judge: String
    /// The entry's identifier.
    public let entry: String
    /// One mark for each criterion, in the order of the sheet.
    public let marks: [Int]

    /// Makes a card.
    public init(judge: String, entry: String, marks: [Int]) {
      (self.judge, self.entry, self.marks) = (judge, entry, marks)
    }
  }

  /// The criteria, in the order of the sheet.
  public let criteria: [Criterion]
  /// The entries that anybody has marked, sorted by their identifiers.
  public let entries: [String]
  /// The entries that nobody has marked; they have no place.
  public let unmarked: [String]
  /// The marks of each judge by the entry's position in `entries`; the order of the judges has no meaning.
  let judges: [[Int: [Int]]]

  /// Makes a panel.
  ///
  /// - Parameters:
  ///   - entries: The entries that compete, each once.
  ///   - criteria: The criteria of the sheet.
  ///   - cards: At most one for each judge and entry; those of other entries are left out.
  public init(entries: [String], criteria: [Criterion], cards: [Card]) {
    let marked = Set(cards.map(\.entry))
    self.criteria = criteria
    self.entries = Set(entries).intersection(marked).sorted()
    unmarked = entries.filter { !marked.contains($0) }
    let positions = Dictionary(self.entries.enumerated().map { ($1, $0) }) { $1 }
    let byJudge = Dictionary(grouping: cards, by: \.judge)
    judges = byJudge.keys.sorted().map { judge in
      let marks = (byJudge[judge] ?? []).compactMap { card in
        positions[card.entry].map { ($0, card.marks) }
      }
      return Dictionary(marks) { $1 }
    }
  }

  /// What a judge thinks of an entry as one number.
  func total(_ marks: [Int]) -> Int {
    zip(marks, criteria).reduce(0) { $0 + $1.0 * $1.1.weight }
  }
}
