/// A histogram with fixed bucket bounds.
struct Histogram: Equatable {
  /// The bounds of a kind of quantity.
  enum Scale {
    /// In seconds: from a commit on a quick disk to the limits of the protocol.
    case seconds
    /// A number of things.
    case count

    var bounds: [Double] {
      switch self {
      case .seconds:
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
      case .count: [1, 2, 4, 8, 16, 32, 64, 128]
      }
    }
  }

  /// The number of values in each bucket; the last bucket has no upper bound.
  private(set) var counts: [Int]
  /// All values added up, in millionths.
  private(set) var sumMillionths = 0

  init(_ scale: Scale) {
    counts = Array(repeating: 0, count: scale.bounds.count + 1)
  }

  /// Restores a histogram from its `numbers`; `nil` if their count does not fit the scale.
  init?(numbers: [Int], _ scale: Scale) {
    guard numbers.count == scale.bounds.count + 2, let sum = numbers.last else { return nil }
    (counts, sumMillionths) = (Array(numbers.dropLast()), sum)
  }

  /// The counts, and behind them the sum.
  var numbers: [Int] { counts + [sumMillionths] }

  mutating func observe(_ value: Double, _ scale: Scale) {
    let index = scale.bounds.firstIndex { value <= $0 } ?? scale.bounds.count
    counts[index] += 1
    sumMillionths += Int((value * 1_000_000).rounded())
  }

  mutating func add(_ other: Histogram) {
    for (index, count) in other.counts.enumerated() where counts.indices.contains(index) {
      counts[index] += count
    }
    sumMillionths += other.sumMillionths
  }
}
