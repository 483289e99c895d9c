/// What judges make of two entries, counting those who marked both.
public struct Comparison: Sendable, Equatable {
  /// How many marked the one higher.
  public let ahead: Int
  /// How many marked the other higher.
  public let behind: Int
  /// How many marked both the same.
  public let level: Int

  /// How many marked both.
  public var judges: Int { ahead + behind + level }
}

extension Panel {
  /// Compares two entries; both must be among `entries`.
  public func comparison(of one: String, with other: String) -> Comparison? {
    guard let one = entries.firstIndex(of: one), let other = entries.firstIndex(of: other) else {
      return nil
    }
    return comparison(of: one, with: other)
  }

  func comparison(of one: Int, with other: Int) -> Comparison {
    var (ahead, behind, level) = (0, 0, 0)
    for marks in judges {
      guard let first = marks[one], let second = marks[other] else { continue }
      let (a, b) = (total(first), total(second))
      if a > b { ahead += 1 } else if a < b { behind += 1 } else { level += 1 }
    }
    return Comparison(ahead: ahead, behind: behind, level: level)
  }
}

/// The margins between all entries of a panel.
struct Margins {
  private let rows: [[Int]]

  init(of panel: Panel) {
    let count = panel.entries.count
    var rows = Array(repeating: Array(repeating: 0, count: count), count: count)
    for marks in panel.judges {
      let totals = marks.map { (entry: $0.key, total: panel.total($0.value)) }
      for one in totals {
        for other in totals where one.total != other.total {
          rows[one.entry][other.entry] += one.total > other.total ? 1 : -1
        }
      }
    }
    self.rows = rows
  }

  /// How many comparisons with a group's other entries an entry has won and lost.
  func balance(of entry: Int, among group: [Int]) -> (won: Int, lost: Int) {
    group.reduce(into: (won: 0, lost: 0)) { balance, other in
      if rows[entry][other] > 0 { balance.won += 1 }
      if rows[entry][other] < 0 { balance.lost += 1 }
    }
  }

  /// The sum of an entry's margins over a group's other entries.
  func sum(of entry: Int, among group: [Int]) -> Int {
    group.reduce(0) { $0 + rows[entry][$1] }
  }
}
