/// A histogram of latencies, each accurate to two percent.
struct LatencyHistogram {
  /// The number of steps within a power of two, as a power of two.
  private static let stepBits = 6

  private var counts = [Int](repeating: 0, count: 64 << stepBits)
  private var maxNanoseconds = 0
  /// How many latencies there are.
  private(set) var count = 0

  /// Makes an empty histogram.
  init() {}

  /// Parses what `text` wrote; `nil` if it is malformed.
  init?(text: String) {
    let lines = text.split(separator: "\n")
    guard let first = lines.first, let longest = Int(first) else { return nil }
    maxNanoseconds = longest
    for line in lines.dropFirst() {
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      guard numbers.count == 2, counts.indices.contains(numbers[0]) else { return nil }
      counts[numbers[0]] = numbers[1]
      count += numbers[1]
    }
  }

  /// The longest time in nanoseconds, then a line `<index> <count>` for each step that is not empty.
  var text: String {
    let lines = counts.indices.filter { counts[$0] > 0 }.map { "\($0) \(counts[$0])" }
    return ([String(maxNanoseconds)] + lines).joined(separator: "\n")
  }

  var maxMilliseconds: Double { Double(maxNanoseconds) / 1e6 }

  mutating func add(nanoseconds: Int) {
    counts[Self.index(of: max(1, nanoseconds))] += 1
    count += 1
    maxNanoseconds = max(maxNanoseconds, nanoseconds)
  }

  mutating func add(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    count += other.count
    maxNanoseconds = max(maxNanoseconds, other.maxNanoseconds)
  }

  /// The latency at a quantile, in milliseconds.
  func milliseconds(quantile: Double) -> Double {
    var rest = Int(Double(count) * quantile)
    for index in counts.indices {
      rest -= counts[index]
      if rest < 0 { return Double(Self.nanoseconds(at: index)) / 1e6 }
    }
    return maxMilliseconds
  }

  private static func index(of nanoseconds: Int) -> Int {
    let exponent = Int.bitWidth - 1 - nanoseconds.leadingZeroBitCount
    guard exponent >= stepBits else { return nanoseconds }
    let step = nanoseconds >> (exponent - stepBits) & (1 << stepBits - 1)
    return (exponent - stepBits + 1) << stepBits | step
  }

  private static func nanoseconds(at index: Int) -> Int {
    let group = index >> stepBits
    guard group > 0 else { return index }
    return (1 << stepBits | index & (1 << stepBits - 1)) << (group - 1)
  }
}
