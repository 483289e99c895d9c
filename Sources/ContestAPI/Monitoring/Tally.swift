import JSON

/// Counters and histograms by family and labels, such as `route="/api/feed"`.
struct Tally: Equatable {
  /// One line of a graph.
  struct Series: Hashable {
    let family: MetricFamily
    /// As Prometheus writes them, without the braces; empty when there are none.
    let labels: String

    init(_ family: MetricFamily, _ labels: String = "") {
      self.family = family
      self.labels = labels
    }
  }

  /// Numbers outside this range are damage: JSON integers interoperate only up to 2^53 (RFC 8259, section 6).
  private static let plausible = 0...(1 << 53)

  private(set) var counters: [Series: Int] = [:]
  private(set) var histograms: [Series: Histogram] = [:]

  var isEmpty: Bool { counters.isEmpty && histograms.isEmpty }

  mutating func count(_ family: MetricFamily, _ labels: String = "", by number: Int = 1) {
    counters[Series(family, labels), default: 0] += number
  }

  mutating func observe(_ family: MetricFamily, _ value: Double, labels: String = "") {
    guard let scale = family.scale else { return }
    histograms[Series(family, labels), default: Histogram(scale)].observe(value, scale)
  }

  mutating func add(_ other: Tally) {
    counters.merge(other.counters, uniquingKeysWith: +)
    for (series, histogram) in other.histograms {
      histograms[series]?.add(histogram)
      if histograms[series] == nil { histograms[series] = histogram }
    }
  }

  // MARK: The shared file

  /// `{"<family> <labels>":<count> or [<counts>…,<sum>]}`.
  var json: JSONValue {
    let counts = counters.map { (Self.name($0), JSONValue.int($1)) }
    let shapes = histograms.map { (Self.name($0), JSONValue.array($1.numbers.map { .int($0) })) }
    return .object(
      JSONObject((counts + shapes).sorted { $0.0 < $1.0 }.map { .init(name: $0.0, value: $0.1) }))
  }

  /// Reads the output of `json`; skips members that are unknown or invalid, say from another version.
  init(parsing text: [UInt8]) {
    let members = (try? JSONValue(parsing: text))?.object?.members ?? []
    for member in members {
      let parts = member.name.split(separator: " ", maxSplits: 1)
      guard let family = parts.first.flatMap({ MetricFamily(rawValue: String($0)) }) else {
        continue
      }
      let series = Series(family, parts.count > 1 ? String(parts[1]) : "")
      if let scale = family.scale {
        let numbers = member.value.array?.compactMap(\.int) ?? []
        guard numbers.allSatisfy(Self.plausible.contains) else { continue }
        histograms[series] = Histogram(numbers: numbers, scale)
      } else if let number = member.value.int, Self.plausible.contains(number) {
        counters[series] = number
      }
    }
  }

  init() {}

  private static func name(_ series: Series) -> String {
    series.labels.isEmpty ? series.family.rawValue : "\(series.family.rawValue) \(series.labels)"
  }
}
