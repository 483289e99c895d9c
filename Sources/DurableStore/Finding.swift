/// The result of checking one thing that a site depends on, and what to do about it.
public struct Finding: Sendable, Equatable, CustomStringConvertible {
  /// How it is.
  public enum Verdict: String, Sendable, CaseIterable, Comparable {
    case good
    /// It cannot be determined from here.
    case unknown
    case warning
    case bad

    /// The worse verdict is the greater one.
    public static func < (one: Verdict, other: Verdict) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// What was checked, such as `lock`.
  public let check: String
  /// How it is.
  public let verdict: Verdict
  /// What was found.
  public let detail: String
  /// What to do; `nil` when nothing has to be done.
  public let advice: String?

  /// Makes a finding.
  public init(_ check: String, _ verdict: Verdict, detail: String, advice: String? = nil) {
    self.check = check
    self.verdict = verdict
    self.detail = detail
    self.advice = advice
  }

  /// One line: verdict, check, what was found, what to do.
  public var description: String {
    "\(verdict.rawValue) \(check): \(detail)" + (advice.map { "; \($0)" } ?? "")
  }
}
