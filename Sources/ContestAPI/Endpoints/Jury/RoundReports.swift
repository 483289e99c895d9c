import CGI
import Contest
import DurableStore
import FoundationEssentials
import HTTPTypes
import JSON

/// What organizers read about a round.
extension Router {
  /// `GET /api/rounds/{id}/progress`: which judge has done what; marks only once the round is locked.
  static let roundProgress: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let (round, contest) = try round(of: request, in: site)
    let marks = try refusing { () throws(Refusal) in try contest.marks(ofRound: round.id) }
    let isOver = round.state == .locked || round.state == .decided
    let reports = site.attendance.reports()
    return .json([
      "round": .string(round.id), "name": .string(round.name),
      "state": .string(round.state.rawValue), "late": .int(marks.lateCount),
      "entries": .array(marks.entries.map { .object($0.roundJSON) }),
      "judges": .array(
        marks.judges.map { judge in
          progress(of: judge, marks, reports[judge.id], showsMarks: isOver)
        }),
    ])
  }

  private static func progress(
    of judge: Judge, _ marks: RoundMarks, _ report: JudgeAttendance.Report?, showsMarks: Bool
  ) -> JSONValue {
    var states = JSONObject()
    var scores = JSONObject()
    for entry in marks.entries {
      let card = marks.card(judge, entry)
      states[entry.id] = .string(card?.state.rawValue ?? "empty")
      if let card, card.state == .final { scores[entry.id] = .object(card.content.scores) }
    }
    var members = JSONObject([
      .init(name: "id", value: .string(judge.id)), .init(name: "name", value: .string(judge.name)),
      .init(name: "seenAt", value: report.map { .int($0.seenAtMilliseconds) } ?? .null),
      .init(name: "pending", value: .int(report?.pending ?? 0)),
      .init(name: "cards", value: .object(states)),
    ])
    members["scores"] = showsMarks ? .object(scores) : nil
    return .object(members)
  }

  /// `GET /api/rounds/{id}/result`: the places, with the steps to each.
  static let roundResult: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let (round, contest) = try round(of: request, in: site, beingIn: [.locked, .decided])
    var result = try result(of: round, contest, site)
    result.breakTies(by: round.decidedPlaces, because: "Decided by the organizers.")
    return .json(result.json)
  }

  /// `GET /api/rounds/{id}/audit.csv`: every revision of every card, the oldest first (RFC 4180).
  static let roundAudit: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let (round, contest) = try round(of: request, in: site, beingIn: [.locked, .decided])
    let marks = try refusing { () throws(Refusal) in try contest.marks(ofRound: round.id) }
    let heads = [
      "judge", "judgeName", "entry", "number", "revision", "state", "by", "late", "counts", "at",
      "clientAt", "reason", "transactionId",
    ]
    let table = [
      heads.map(Spreadsheet.cell) + marks.sheet.criteria.map { Spreadsheet.typed($0.name) }
    ]
    let numbers = Dictionary(marks.entries.map { ($0.id, $0.number) }) { $1 }
    let rows = contest.jury.cards.reversed().filter { $0.place.round == round.id }.map { card in
      row(card, marks, number: numbers[card.place.entry] ?? nil)
    }
    return Spreadsheet.response(table + rows, name: "audit-\(round.id).csv")
  }

  private static func row(_ card: Scorecard, _ marks: RoundMarks, number: Int?) -> [String] {
    let object = card.json.object
    let judge = marks.judges.first { $0.id == card.place.judge }
    func time(_ name: String) -> String {
      object?[name]?.int.map {
        Date(timeIntervalSince1970: Double($0) / 1000).formatted(.iso8601)
      } ?? ""
    }
    let content = card.content
    return [
      Spreadsheet.cell(card.place.judge), Spreadsheet.typed(judge?.name ?? ""),
      Spreadsheet.cell(card.place.entry), number.map(String.init) ?? "", "\(card.revision)",
      Spreadsheet.cell(card.state.rawValue), Spreadsheet.cell(card.author.rawValue),
      card.isLate ? "1" : "0", marks.counts(card) ? "1" : "0", Spreadsheet.cell(time("at")),
      Spreadsheet.cell(time("clientAt")), Spreadsheet.typed(content.reason),
      Spreadsheet.cell(card.transactionID),
    ]
      + marks.sheet.criteria.map { content.scores[$0.id]?.int.map { String($0) } ?? "" }
  }
}
