import Judging
import Testing

/// A panel of one criterion: each judge's marks of the entries A, B, C …, `nil` where there is none.
private func panel(_ marks: [[Int?]], criteria: Int = 1) -> Panel {
  let names = (0..<(marks.first?.count ?? 0)).map(name)
  let cards = marks.enumerated().flatMap { judge, row in
    row.enumerated().compactMap { entry, mark in
      mark.map { Panel.Card(judge: "J\(judge)", entry: name(entry), marks: [$0]) }
    }
  }
  return Panel(entries: names, criteria: [Panel.Criterion(id: "c", weight: 1)], cards: cards)
}

private func name(_ entry: Int) -> String { String("ABCDEFGHIJ".dropFirst(entry).prefix(1)) }

/// The places as text: `A BC D`, tied entries together.
private func order(_ panel: Panel, _ method: Method = .headToHead) -> String {
  Ranking(panel, by: method).places.map { $0.entries.joined() }.joined(separator: " ")
}

struct `A ranking` {
  @Test(arguments: [
    // All agree, on different scales.
    (Method.headToHead, [[9, 8, 7], [3, 2, 1], [6, 5, 4]], "A B C"),
    // Two of three prefer A; the third, by far, C: the majority decides.
    (.headToHead, [[6, 5, 4], [6, 5, 4], [1, 2, 10]], "A B C"),
    (.mean, [[6, 5, 4], [6, 5, 4], [1, 2, 10]], "C A B"),
    // A judge who marks all others lowest wins nothing.
    (.headToHead, [[8, 9, 7], [8, 9, 7], [10, 1, 1]], "B A C"),
    // A circle, A over B over C over A, each by one judge: margins and offsets decide, here by points.
    (.headToHead, [[9, 5, 1], [2, 9, 6], [6, 1, 9]], "A C B"),
    // The same circle with equal points is a tie, never time or chance.
    (.headToHead, [[3, 2, 1], [1, 3, 2], [2, 1, 3]], "ABC"),
    // Recused from the best, a judge costs it nothing.
    (.headToHead, [[nil, 8, 7], [9, 8, 7], [9, 8, 7]], "A B C"),
    (.mean, [[nil, 8, 7], [9, 8, 7], [9, 8, 7]], "A B C"),
    // A severe judge who saw only A does not pull it down.
    (.mean, [[2, nil], [9, 9], [9, 8]], "A B"),
    // The lowest and the highest of four do not count: only the middle two do.
    (.trimmed, [[5, 4], [5, 4], [5, 4], [1, 10]], "A B"),
    (.mean, [[5, 4], [5, 4], [5, 4], [1, 10]], "B A"),
    (.headToHead, [[5, 5], [5, 5]], "AB"),
    (.headToHead, [], ""),
  ])
  func `follows what most judges prefer`(_ method: Method, _ marks: [[Int?]], _ expected: String) {
    #expect(order(panel(marks), method) == expected)
  }

  @Test func `leaves out what nobody has marked, and says so`() {
    let panel = panel([[5, nil, 4], [5, nil, 6]])
    #expect(panel.unmarked == ["B"])
    #expect(order(panel) == "AC" && Ranking(panel, by: .headToHead).places.map(\.place) == [1])
  }

  @Test func `counts on after a tie`() {
    #expect(
      Ranking(panel([[5, 5, 4], [4, 4, 3]]), by: .headToHead).places.map(\.place) == [1, 3])
  }

  @Test func `asks the criteria in order where all else is equal`() throws {
    func card(_ entry: String, _ marks: [Int]) -> Panel.Card {
      Panel.Card(judge: "J", entry: entry, marks: marks)
    }
    let criteria = [
      Panel.Criterion(id: "line", weight: 1), Panel.Criterion(id: "colour", weight: 2),
    ]
    let panel = Panel(
      entries: ["A", "B"], criteria: criteria, cards: [card("A", [4, 3]), card("B", [6, 2])])
    let ranking = Ranking(panel, by: .headToHead)
    #expect(order(panel) == "B A")
    #expect(ranking.places[0].steps.map(\.rule) == [.criterion(id: "line", 1)])
    #expect(ranking.places[1].steps.map(\.rule) == [.criterion(id: "line", -1)])
  }

  @Test func `says in which steps a place came about`() throws {
    let places = Ranking(panel([[9, 5, 1, 0], [2, 9, 6, 0], [6, 1, 9, 0]]), by: .headToHead).places
    #expect(places.map(\.entries) == [["A"], ["C"], ["B"], ["D"]])
    #expect(places[0].steps[0].rule == .comparisons(won: 2, lost: 1))
    #expect(places[0].steps[0].group == ["A", "B", "C", "D"])
    #expect(places[0].steps[1].group == ["A", "B", "C"])
    #expect(places[3].steps.map(\.rule) == [.comparisons(won: 0, lost: 3)])
    let comparison = try #require(
      panel([[9, 5], [2, 9], [6, 6]]).comparison(of: "A", with: "B"))
    #expect((comparison.ahead, comparison.behind, comparison.level) == (1, 1, 1))
  }
}

// MARK: Panels by chance

/// Marks by judge and entry, for one or two criteria.
private struct RandomPanel {
  var entries: [String]
  var marks: [String: [String: [Int]]]
  let weights: [Int]

  init(seed: UInt64) {
    var random = SplitMix(state: seed)
    entries = (0..<Int.random(in: 1...7, using: &random)).map(name)
    weights = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      Int.random(in: 1...3, using: &random)
    }
    marks = [:]
    let top = [3, 5, 10].randomElement(using: &random) ?? 10
    for judge in 0..<Int.random(in: 1...6, using: &random) {
      for entry in entries where Int.random(in: 0..<8, using: &random) > 0 {
        marks["J\(judge)", default: [:]][entry] = weights.map { _ in
          Int.random(in: 1...top, using: &random)
        }
      }
    }
  }

  var panel: Panel {
    Panel(
      entries: entries,
      criteria: weights.enumerated().map { Panel.Criterion(id: "\($0)", weight: $1) },
      cards: marks.flatMap { judge, row in
        row.map { Panel.Card(judge: judge, entry: $0, marks: $1) }
      })
  }

  func total(_ marks: [Int]) -> Int { zip(marks, weights).map(*).reduce(0, +) }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A fraction of small numbers, exact.
private struct Fraction: Comparable {
  var top: Int
  var bottom = 1

  static func + (one: Self, other: Self) -> Self {
    var sum = Fraction(
      top: one.top * other.bottom + other.top * one.bottom, bottom: one.bottom * other.bottom)
    var (a, b) = (abs(sum.top), sum.bottom)
    while b != 0 { (a, b) = (b, a % b) }
    if a > 1 { sum = Fraction(top: sum.top / a, bottom: sum.bottom / a) }
    return sum
  }
  static func < (one: Self, other: Self) -> Bool { one.top * other.bottom < other.top * one.bottom }
  static func == (one: Self, other: Self) -> Bool {
    one.top * other.bottom == other.top * one.bottom
  }
}

/// The same method as its description says it, slowly: a sort by a list of keys, cut into what is equal.
private struct SlowRanking {
  let random: RandomPanel
  let method: Method

  var order: String {
    let marked = random.entries.filter { entry in random.marks.values.contains { $0[entry] != nil }
    }
    return split(marked).map { $0.sorted().joined() }.joined(separator: " ")
  }

  private func split(_ group: [String]) -> [[String]] {
    if group.count < 2 { return group.isEmpty ? [] : [group] }
    for key in keys(group) {
      let sorted = group.sorted { key($1) < key($0) }
      guard
        let cut = sorted.indices.dropFirst().first(where: { key(sorted[$0 - 1]) != key(sorted[$0]) }
        )
      else { continue }
      // The best class is divided further by itself; the rest again by this key, seen from the whole group.
      var classes: [[String]] = [Array(sorted[..<cut])]
      for entry in sorted[cut...] {
        if key(classes[classes.count - 1][0]) == key(entry) {
          classes[classes.count - 1].append(entry)
        } else {
          classes.append([entry])
        }
      }
      return classes.flatMap(split)
    }
    return [group]
  }

  private func keys(_ group: [String]) -> [(String) -> Fraction] {
    let criteria = random.weights.indices.map { index in
      { self.mean($0, group) { $0[index] } } as (String) -> Fraction
    }
    let mean = { self.mean($0, group, self.random.total) } as (String) -> Fraction
    guard method == .headToHead else { return [mean] + criteria }
    return [
      { entry in Fraction(top: group.map { margin(entry, $0).signum() }.reduce(0, +)) },
      { entry in Fraction(top: group.map { margin(entry, $0) }.reduce(0, +)) }, mean,
    ] + criteria
  }

  private func margin(_ one: String, _ other: String) -> Int {
    random.marks.values.map { row in
      guard let a = row[one], let b = row[other] else { return 0 }
      return (random.total(a) - random.total(b)).signum()
    }.reduce(0, +)
  }

  private func mean(_ entry: String, _ group: [String], _ value: ([Int]) -> Int) -> Fraction {
    let usual = method == .headToHead ? group : random.entries
    var offsets: [Fraction] = []
    for row in random.marks.values {
      guard let marks = row[entry] else { continue }
      let others = usual.compactMap { row[$0].map(value) }
      offsets.append(
        Fraction(top: value(marks)) + Fraction(top: -others.reduce(0, +), bottom: others.count))
    }
    offsets.sort()
    if method != .mean, offsets.count >= 4 { offsets = Array(offsets.dropFirst().dropLast()) }
    let sum = offsets.reduce(Fraction(top: 0), +)
    return Fraction(top: sum.top, bottom: sum.bottom * offsets.count)
  }
}

struct `Two thousand panels by chance` {
  @Test(arguments: Method.allCases)
  func `are ranked as the description says, worked out slowly`(_ method: Method) {
    for seed in 0..<2000 as Range<UInt64> {
      let random = RandomPanel(seed: seed)
      let slow = SlowRanking(random: random, method: method).order
      #expect(order(random.panel, method) == slow, "seed \(seed)")
    }
  }

  @Test(arguments: Method.allCases)
  func `are ranked the same in any order of judges and entries`(_ method: Method) {
    for seed in 0..<500 as Range<UInt64> {
      var random = RandomPanel(seed: seed)
      let expected = order(random.panel, method)
      var generator = SplitMix(state: seed ^ 0xABCD)
      random.entries.shuffle(using: &generator)
      let names = Array(random.marks.keys).shuffled(using: &generator)
      random.marks = Dictionary(
        uniqueKeysWithValues: zip(names, random.marks.values).map { ("K" + $0, $1) })
      #expect(order(random.panel, method) == expected, "seed \(seed)")
    }
  }

  @Test func `have the entry first that a majority prefers to each other one`() {
    var count = 0
    for seed in 0..<2000 as Range<UInt64> {
      let random = RandomPanel(seed: seed)
      let panel = random.panel
      let winner = panel.entries.first { entry in
        panel.entries.allSatisfy { other in
          guard other != entry, let both = panel.comparison(of: entry, with: other) else {
            return other == entry
          }
          return both.ahead > both.behind
        }
      }
      guard let winner, panel.entries.count > 1 else { continue }
      count += 1
      #expect(Ranking(panel, by: .headToHead).places[0].entries == [winner], "seed \(seed)")
    }
    #expect(count > 200)
  }

  @Test func `keep the order of the others when an entry comes that nobody prefers`() {
    for seed in 0..<2000 as Range<UInt64> {
      var random = RandomPanel(seed: seed)
      let before = order(random.panel)
      random.entries.append("Z")
      for judge in random.marks.keys { random.marks[judge]?["Z"] = random.weights.map { _ in 0 } }
      #expect(order(random.panel) == (before.isEmpty ? before : before + " Z"), "seed \(seed)")
    }
  }

  @Test func `cost nobody a place when a judge is taken off all entries`() {
    for seed in 0..<500 as Range<UInt64> {
      var random = RandomPanel(seed: seed)
      random.marks["absent"] = [:]
      #expect(order(random.panel) == order(RandomPanel(seed: seed).panel), "seed \(seed)")
    }
  }
}
