/// Metrics in Prometheus's text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  /// Adds gauges or counters of one name.
  mutating func add(
    _ name: String, type: String, help: String, values: [(labels: String, value: Double)]
  ) {
    guard !values.isEmpty else { return }
    begin(name, type: type, help: help)
    for (labels, value) in values { line(name, labels: labels, value) }
  }

  /// Adds a gauge without labels.
  mutating func gauge(_ name: String, help: String, _ value: Int) {
    add(name, type: "gauge", help: help, values: [("", Double(value))])
  }

  /// Adds what all processes have counted.
  mutating func add(_ tally: Tally) {
    for family in MetricFamily.allCases {
      guard let scale = family.scale else {
        let counters = tally.counters.filter { $0.key.family == family }
          .sorted { $0.key.labels < $1.key.labels }
        add(
          family.rawValue, type: "counter", help: family.help,
          values: counters.isEmpty ? [("", 0)] : counters.map { ($0.key.labels, Double($0.value)) })
        continue
      }
      let histograms = tally.histograms.filter { $0.key.family == family }
        .sorted { $0.key.labels < $1.key.labels }
      guard !histograms.isEmpty else { continue }
      begin(family.rawValue, type: "histogram", help: family.help)
      for (series, histogram) in histograms { add(histogram, scale: scale, series: series) }
    }
  }

  private mutating func add(
    _ histogram: Histogram, scale: Histogram.Scale, series: Tally.Series
  ) {
    let name = series.family.rawValue
    var count = 0
    let bounds = scale.bounds.map { Self.number($0) } + ["+Inf"]
    for (bound, added) in zip(bounds, histogram.counts) {
      count += added
      let labels = series.labels.isEmpty ? "" : series.labels + ","
      line(name + "_bucket", labels: "\(labels)le=\"\(bound)\"", Double(count))
    }
    line(name + "_sum", labels: series.labels, Double(histogram.sumMillionths) / 1_000_000)
    line(name + "_count", labels: series.labels, Double(count))
  }

  /// A label's value: backslash, quote and line feed are escaped.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n", "\r\n", "\r": escaped += "\\n"
      default: escaped.append(character)
      }
    }
    return escaped
  }

  private mutating func begin(_ name: String, type: String, help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  private mutating func line(_ name: String, labels: String, _ value: Double) {
    text += labels.isEmpty ? name : "\(name){\(labels)}"
    text += " \(Self.number(value))\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
