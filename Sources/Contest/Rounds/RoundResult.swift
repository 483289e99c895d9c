public import JSON
import Judging

/// The places of a round, with how they came about and what stands against deciding it.
public struct RoundResult: Sendable {
  /// Entries that share a place.
  struct Place: Sendable {
    let number: Int
    /// In the order of their numbers.
    var entries: [Entry]
    var steps: [String]
    /// The rules by which it was reached, for programs.
    let rules: [JSONValue]
  }

  /// The marks that it is made of.
  public let marks: RoundMarks
  private let panel: Panel
  private(set) var places: [Place]
  /// How many places are awarded.
  private let awardedPlaces: Int

  /// Makes the result of a round.
  ///
  /// - Parameters:
  ///   - marks: The marks.
  ///   - contest: The contest, for the tie rounds that have been decided.
  ///   - awardedPlaces: How many places are awarded: ties for them stand against a decision.
  public init(_ marks: RoundMarks, in contest: Contest, awardedPlaces: Int) {
    (self.marks, self.awardedPlaces) = (marks, awardedPlaces)
    panel = marks.panel
    let words = StepWords(marks)
    let known = Dictionary(marks.entries.map { ($0.id, $0) }) { $1 }
    places = Ranking(panel, by: marks.round.method).places.map { place in
      Place(
        number: place.place,
        entries: place.entries.compactMap { known[$0] }.sorted(by: Self.isBefore),
        steps: place.steps.map(words.sentence), rules: place.steps.map(words.json))
    }
    for round in contest.jury.rounds
    where round.tieOf == marks.round.id && round.state == .decided {
      breakTies(by: round.decidedPlaces, because: "Decided by the tie round “\(round.name)”.")
    }
  }

  private static func isBefore(_ one: Entry, _ other: Entry) -> Bool {
    (one.number ?? .max, one.id) < (other.number ?? .max, other.id)
  }

  /// Puts entries that share a place into an order, if it names all of them.
  ///
  /// - Parameters:
  ///   - order: Groups of entries, the first first.
  ///   - reason: Why, in a sentence.
  public mutating func breakTies(by order: [[String]], because reason: String) {
    places = places.flatMap { place -> [Place] in
      let isWhole = place.entries.allSatisfy { entry in order.contains { $0.contains(entry.id) } }
      guard place.entries.count > 1, isWhole else { return [place] }
      let groups = Dictionary(grouping: place.entries) { entry in
        order.firstIndex { $0.contains(entry.id) } ?? order.endIndex
      }
      guard groups.count > 1 else { return [place] }
      var next = place.number
      return groups.sorted { $0.key < $1.key }.map { _, entries in
        defer { next += entries.count }
        return Place(
          number: next, entries: entries, steps: place.steps + [reason], rules: place.rules)
      }
    }
  }

  /// The places as groups of entry identifiers.
  public var order: [[String]] { places.map { $0.entries.map(\.id) } }

  /// The ties that no reason can settle: more entries share the last awarded place than there is room for.
  public var undecided: [Blocker] {
    ties.filter { tie in
      guard case .tie(let place, let entries) = tie.kind else { return false }
      return place + entries.count - 1 > awardedPlaces
    }
  }

  /// The entries for the awarded places.
  public var winners: [String] { Array(order.joined().prefix(awardedPlaces)) }

  /// What stands against deciding the round.
  public var blockers: [Blocker] { missingCards + tooFewJudges + ties }

  private var missingCards: [Blocker] {
    marks.judges.compactMap { judge in
      let missing = marks.entries.filter { entry in
        marks.card(judge, entry).map { $0.state == .draft } ?? true
      }
      guard !missing.isEmpty else { return nil }
      return Blocker(
        kind: .missingCards(judge: judge.id, entries: missing.map(\.id)),
        sentence: "\(judge.name) has not finished \(StepWords.list(missing)).")
    }
  }

  private var tooFewJudges: [Blocker] {
    marks.entries.compactMap { entry in
      let count = marks.judges.count { judge in
        marks.card(judge, entry).flatMap(marks.finalMarks) != nil
      }
      guard count < marks.round.minJudges else { return nil }
      return Blocker(
        kind: .tooFewJudges(entry: entry.id, count: count),
        sentence: "\(StepWords.list([entry])) has marks of \(count) "
          + "\(count == 1 ? "judge" : "judges"), and needs \(marks.round.minJudges).")
    }
  }

  private var ties: [Blocker] {
    places.filter { $0.entries.count > 1 && $0.number <= awardedPlaces }.map { place in
      Blocker(
        kind: .tie(place: place.number, entries: place.entries.map(\.id)),
        sentence: "\(StepWords.list(place.entries)) are tied for place \(place.number).")
    }
  }

  /// `{"round","judges","places":[{"place","tied","entries","steps","words"}],"unmarked","blocked","late"}`.
  public var json: JSONValue {
    let unmarked = Set(panel.unmarked)
    return [
      "round": marks.round.json, "sheet": marks.sheet.json,
      "judges": .array(
        marks.judges.map { ["id": .string($0.id), "name": .string($0.name)] }),
      "places": .array(places.indices.map(placeJSON)),
      "unmarked": .array(
        marks.entries.filter { unmarked.contains($0.id) }.map { .object($0.roundJSON) }),
      "blocked": .array(blockers.map(\.json)), "late": .int(marks.lateCount),
    ]
  }

  private func placeJSON(_ index: Int) -> JSONValue {
    let place = places[index]
    let entries = place.entries.map { entry in
      var shown = entry.roundJSON
      shown["medians"] = .object(marks.medians(of: entry))
      return JSONValue.object(shown)
    }
    return [
      "place": .int(place.number), "tied": .bool(place.entries.count > 1),
      "entries": .array(entries), "steps": .array(place.rules),
      "words": .array((place.steps + leads(index)).map(JSONValue.string)),
    ]
  }

  /// By how many judges each entry of a place leads those of the next: `17 before 21: 3 of 5 judges`.
  private func leads(_ index: Int) -> [String] {
    guard index + 1 < places.endIndex, let first = places[index].entries.first else { return [] }
    return places[index + 1].entries.prefix(3).compactMap { other in
      panel.comparison(of: first.id, with: other.id).map { comparison in
        "\(StepWords.list([first])) before \(StepWords.list([other])): \(comparison.ahead) of "
          + "\(comparison.judges) judges"
          + (comparison.level > 0 ? ", \(comparison.level) level." : ".")
      }
    }
  }
}

extension Entry {
  /// The entry as judges see it: `{"id","caption","imageUrl","number","category"}`.
  public var roundJSON: JSONObject {
    var shown = feedEntry.winnerJSON
    shown["category"] = .string(category)
    return shown
  }
}
