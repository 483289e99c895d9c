public import JSON

/// A report on a store's condition, for operators and for graphs.
public struct StoreReport: Sendable {
  /// How urgent something is.
  public enum Status: String, Sendable, CaseIterable {
    case good, warning, critical

    /// The same as a number from 0, for a graph.
    public var level: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Something that may need attention.
  public struct Indicator: Sendable {
    /// A word for programs, such as `backups`.
    public let name: String
    /// How urgent it is.
    public let status: Status
    /// Whether it is a lasting problem, not just the work that a busy store always has in progress.
    public let isLasting: Bool

    package init(_ name: String, _ status: Status, isLasting: Bool = true) {
      self.name = name
      self.status = status
      self.isLasting = isLasting
    }
  }

  /// A number for a graph.
  public struct Metric: Sendable {
    /// Its name, such as `contest_backups`.
    public let name: String
    /// What it is, for people.
    public let help: String
    /// The number.
    public let value: Int
    /// Whether it only ever grows.
    public let isCounter: Bool

    package init(_ name: String, help: String, _ value: Int, isCounter: Bool = false) {
      self.name = name
      self.help = help
      self.value = value
      self.isCounter = isCounter
    }
  }

  /// What operators read, as `persistence` of `GET /api/metrics`.
  public let json: JSONValue
  /// Each indicator.
  public let indicators: [Indicator]
  /// Each metric.
  public let metrics: [Metric]

  package init(json: JSONValue, indicators: [Indicator], metrics: [Metric]) {
    self.json = json
    self.indicators = indicators
    self.metrics = metrics
  }
}
