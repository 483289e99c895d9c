import JSON
import Judging

/// The steps to a place as sentences, with the contestants' numbers.
struct StepWords {
  private let labels: [String: String]
  private let criteria: [String: String]

  init(_ marks: RoundMarks) {
    labels = Dictionary(marks.entries.map { ($0.id, Self.list([$0])) }) { $1 }
    criteria = Dictionary(marks.sheet.criteria.map { ($0.id, $0.name) }) { $1 }
  }

  /// Names entries by their numbers: `17, 21 and 30`.
  static func list(_ entries: [Entry]) -> String {
    list(of: entries.map { $0.number.map(String.init) ?? $0.id })
  }

  private static func list(of names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }

  func sentence(of step: Ranking.Step) -> String {
    let group = group(step)
    return switch step.rule {
    case .comparisons(let won, let lost):
      "Compared with the others of \(group): \(won) won, \(lost) lost."
    case .margins(let sum): "Sum of margins among \(group): \(signed(Double(sum)))."
    case .offsets(let points):
      "Mean above each judge's own average, \(group): \(signed(points)) points."
    case .criterion(let id, let points):
      "Mean above each judge's own average in “\(criteria[id] ?? id)”, \(group): \(signed(points)) "
        + "points."
    case .tie: "\(group) are tied."
    }
  }

  private func group(_ step: Ranking.Step) -> String {
    step.group.count > 6
      ? "all \(step.group.count)" : Self.list(of: step.group.map { labels[$0] ?? $0 })
  }

  func json(of step: Ranking.Step) -> JSONValue {
    var members = JSONObject()
    switch step.rule {
    case .comparisons(let won, let lost):
      members["rule"] = "comparisons"
      members["won"] = .int(won)
      members["lost"] = .int(lost)
    case .margins(let sum):
      members["rule"] = "margins"
      members["sum"] = .int(sum)
    case .offsets(let points):
      members["rule"] = "offsets"
      members["points"] = .number("\(points)")
    case .criterion(let id, let points):
      members["rule"] = "criterion"
      members["criterion"] = .string(id)
      members["points"] = .number("\(points)")
    case .tie: members["rule"] = "tie"
    }
    members["among"] = .array(step.group.map(JSONValue.string))
    return .object(members)
  }

  /// With two places after the point, and a sign.
  private func signed(_ number: Double) -> String {
    let hundredths = Int((number.magnitude * 100).rounded())
    let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
    let fraction = rest == 0 ? "" : "." + (rest < 10 ? "0" : "") + "\(rest)"
    return (hundredths == 0 ? "±" : number < 0 ? "−" : "+") + "\(whole)" + fraction
  }
}
