import CGI
import Contest
import Crypto
import DurableStore
import Files
import HTTPTypes
import JSON

/// How the site is doing.
extension Router {
  /// `GET /api/metrics`: for an administrator, a bearer of the token, or a direct request from this
  /// machine.
  static let metrics: Endpoint = { (site, request) throws(APIError) in
    guard try site.mayReadMetrics(request) else { throw .unauthorized }
    let contest = try site.contest().state
    let storage: StoreReport
    do throws(TransactionError) {
      storage = try site.store.report()
    } catch {
      throw APIError(error)
    }
    let now = site.surroundings.nowMilliseconds()
    return .json([
      "timestamp": .int(now), "uptime": .int((now - site.startedAtMilliseconds) / 1000),
      "submissions": submissions(contest), "winners": winners(contest),
      "judging": judging(contest, site.attendance),
      "persistence": storage.json,
      "status": .object(
        JSONObject(
          storage.indicators.map { .init(name: $0.name, value: .string($0.status.rawValue)) })),
      "realtime": LiveNoteboard(site.settings).read(nowMilliseconds: now) ?? .null,
    ])
  }

  private static func submissions(_ contest: Contest) -> JSONValue {
    let counts = contest.allEntries.map { ($0.category, $0.entries.count) }
    let listed = contest.categories.map { ($0.id, contest.entries(in: $0.id).count) }
    let others = counts.filter { count in !listed.contains { $0.0 == count.0 } }
    let members = (listed + others).map { JSONObject.Member(name: $0.0, value: .int($0.1)) }
    return [
      "total": .int(counts.reduce(0) { $0 + $1.1 }), "byCategory": .object(JSONObject(members)),
    ]
  }

  /// What the judges' phones had not sent when they were last heard of; a revoked judge's phone counts
  /// no more.
  private static func judging(_ contest: Contest, _ attendance: JudgeAttendance) -> JSONValue {
    let reports = attendance.reports()
    let pending = contest.jury.judges.filter { !$0.isRevoked }
      .reduce(0) { $0 + (reports[$1.id]?.pending ?? 0) }
    return ["pendingCards": .int(pending)]
  }

  private static func winners(_ contest: Contest) -> JSONValue {
    .object(
      JSONObject(contest.winners.map { .init(name: $0.category, value: .int($0.entryIDs.count)) }))
  }
}

extension Site {
  fileprivate func mayReadMetrics(_ request: Request) throws(APIError) -> Bool {
    if bearsMetricsToken(request) || isDirectFromThisMachine(request) { return true }
    return try isAdministrator(request)
  }

  /// Whether a request has the token that the settings name (RFC 6750, section 2.1).
  func bearsMetricsToken(_ request: Request) -> Bool {
    guard let token = settings.metricsToken, let field = request.fields[.authorization] else {
      return false
    }
    // The codes are compared in constant time.
    let key = SymmetricKey(size: .bits256)
    let code = HMAC<SHA256>.authenticationCode(for: Array("Bearer \(token)".utf8), using: key)
    return HMAC<SHA256>.isValidAuthenticationCode(
      Array(code), authenticating: Array(field.utf8), using: key)
  }

  /// A request that a proxy passed on is not direct, wherever the proxy is.
  private func isDirectFromThisMachine(_ request: Request) -> Bool {
    let address = request.metaVariables["REMOTE_ADDR"] ?? ""
    let traces = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"]
    return ClientNetwork.isLoopback(address)
      && !traces.compactMap { HTTPField.Name($0) }.contains { request.fields[$0] != nil }
  }
}
