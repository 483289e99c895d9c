/// The places of a round.
public struct Ranking: Sendable, Equatable {
  /// One step on the way to a place: a group of entries was divided.
  public struct Step: Sendable, Equatable {
    /// What divided the group.
    public enum Rule: Sendable, Equatable {
      /// Comparisons within the group: how many were won and lost.
      case comparisons(won: Int, lost: Int)
      /// The sum of margins within the group, in judges.
      case margins(Int)
      /// The mean of offsets, in points.
      case offsets(Double)
      /// The mean of offsets in one criterion alone, in points.
      case criterion(id: String, Double)
      /// Nothing: the group is tied.
      case tie
    }

    /// What divided the group, with what it made of the entry.
    public let rule: Rule
    /// The group before the step.
    public let group: [String]
  }

  /// Entries that share a place: one, or several that are tied.
  public struct Place: Sendable, Equatable {
    /// From 1; after a tie of two for place 1 comes place 3.
    public let place: Int
    /// The entries, sorted by their identifiers.
    public let entries: [String]
    /// How they got there.
    public let steps: [Step]
  }

  /// In order; each entry that anybody has marked is in one of them.
  public let places: [Place]

  /// Ranks the entries of a panel.
  public init(_ panel: Panel, by method: Method) {
    let division = Division(panel, method)
    var places: [Place] = []
    var next = 1
    for (group, steps) in division.divided(Array(panel.entries.indices)) {
      places.append(Place(place: next, entries: group.map { panel.entries[$0] }, steps: steps))
      next += group.count
    }
    self.places = places
  }
}

/// How a method divides groups of entries until they are single or tied.
private struct Division {
  private let panel: Panel
  private let method: Method
  private let margins: Margins
  private let everything: [Int]

  init(_ panel: Panel, _ method: Method) {
    (self.panel, self.method) = (panel, method)
    margins = Margins(of: panel)
    everything = Array(panel.entries.indices)
  }

  /// Divides a group by the first rule that can, and what results by the same rules from the beginning.
  func divided(_ group: [Int]) -> [(group: [Int], steps: [Ranking.Step])] {
    guard group.count > 1 else { return group.isEmpty ? [] : [(group, [])] }
    let names = group.map { panel.entries[$0] }
    for rule in rules {
      let values = rule(group)
      let classes = Dictionary(grouping: group.indices) { values[$0].rank }
      guard classes.count > 1 else { continue }
      return classes.sorted { $0.key > $1.key }.flatMap { _, members in
        let step = Ranking.Step(rule: values[members[0]].rule, group: names)
        return divided(members.map { group[$0] }).map { ($0.group, [step] + $0.steps) }
      }
    }
    return [(group, [Ranking.Step(rule: .tie, group: names)])]
  }

  /// What a rule makes of an entry; a higher rank is better.
  private typealias Value = (rank: Int, rule: Ranking.Step.Rule)
  private typealias Rule = ([Int]) -> [Value]

  private var rules: [Rule] {
    let byCriterion: [Rule] = panel.criteria.indices.map { index in { criterion(index, $0) } }
    return switch method {
    case .headToHead: [comparisons, sums, offsets] + byCriterion
    case .trimmed, .mean: [offsets] + byCriterion
    }
  }

  private func comparisons(_ group: [Int]) -> [Value] {
    let balances = group.map { margins.balance(of: $0, among: group) }
    return zip(ranks(of: balances.map { Double($0.won - $0.lost) }), balances).map {
      ($0, .comparisons(won: $1.won, lost: $1.lost))
    }
  }

  private func sums(_ group: [Int]) -> [Value] {
    let sums = group.map { margins.sum(of: $0, among: group) }
    return zip(ranks(of: sums.map(Double.init)), sums).map { ($0, .margins($1)) }
  }

  private func offsets(_ group: [Int]) -> [Value] {
    let means = means(of: group, panel.total)
    return zip(ranks(of: means), means).map { ($0, .offsets($1 ?? 0)) }
  }

  private func criterion(_ index: Int, _ group: [Int]) -> [Value] {
    let means = means(of: group) { $0[index] }
    return zip(ranks(of: means), means).map {
      ($0, .criterion(id: panel.criteria[index].id, $1 ?? 0))
    }
  }

  private func means(of group: [Int], _ value: ([Int]) -> Int) -> [Double?] {
    JudgeOffset.means(
      of: group, in: panel, usual: method == .headToHead ? group : everything,
      isTrimmed: method != .mean, value: value)
  }
}
