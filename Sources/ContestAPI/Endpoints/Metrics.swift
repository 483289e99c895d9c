import CGI
import Contest
import Crypto
import DurableStore
import HTTPTypes
import JSON

/// How the site is doing.
extension Router {
  /// `GET /api/metrics`: for an administrator, a bearer of the token, or a direct request from this
  /// machine.
  static let metrics: Action = { (site, request) throws(APIError) in
    guard try site.mayReadMetrics(request) else { throw .unauthorized }
    let contest = try site.contest().state
    let inspection: Inspection
    do throws(TransactionError) {
      inspection = try site.store.inspect()
    } catch {
      throw APIError(error)
    }
    let now = site.surroundings.nowMilliseconds()
    let persistence = Persistence(inspection, site.store.directory)
    return .json([
      "timestamp": .int(now), "uptime": .int((now - site.startedAtMilliseconds) / 1000),
      "submissions": submissions(contest), "winners": winners(contest),
      "persistence": persistence.json, "status": persistence.statuses,
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

  private static func winners(_ contest: Contest) -> JSONValue {
    .object(
      JSONObject(contest.winners.map { .init(name: $0.category, value: .int($0.entryIDs.count)) }))
  }
}

extension Site {
  fileprivate func mayReadMetrics(_ request: Request) throws(APIError) -> Bool {
    if let token = settings.metricsToken, let field = request.fields[.authorization] {
      let key = SymmetricKey(size: .bits256)
      let code = HMAC<SHA256>.authenticationCode(for: Array("Bearer \(token)".utf8), using: key)
      if HMAC<SHA256>.isValidAuthenticationCode(
        Array(code), authenticating: Array(field.utf8), using: key)
      {
        return true
      }
    }
    return isDirectFromThisMachine(request) ? true : try isAdministrator(request)
  }

  /// A request that a proxy passed on is not direct, wherever the proxy is.
  private func isDirectFromThisMachine(_ request: Request) -> Bool {
    let address = request.metaVariables["REMOTE_ADDR"] ?? ""
    let traces = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"]
    return (address == "::1" || address.hasPrefix("127."))
      && !traces.compactMap { HTTPField.Name($0) }.contains { request.fields[$0] != nil }
  }
}

/// The state of the files, each with an indicator.
private struct Persistence {
  private enum Status: String {
    case good, warning, critical
  }

  private let inspection: Inspection
  private let directory: DataDirectory

  init(_ inspection: Inspection, _ directory: DataDirectory) {
    self.inspection = inspection
    self.directory = directory
  }

  var json: JSONValue {
    let last = inspection.lastTransaction
    return [
      "dataFile": [
        "exists": .bool(inspection.dataFileBytes != nil),
        "sizeBytes": .int(inspection.dataFileBytes ?? 0), "path": .string(directory.dataFile),
        "generation": .int(inspection.generation), "status": text(dataFile),
      ],
      "backups": [
        "count": .int(inspection.backupCount),
        "maxRetained": .int(Inspection.maxRetainedBackups), "path": .string(directory.backups),
        "status": text(backups),
      ],
      "wal": [
        "count": .int(inspection.pendingCount), "path": .string(directory.log), "status": text(wal),
      ],
      "temp": [
        "count": .int(inspection.temporaryCount), "path": .string(directory.temporary),
        "status": text(temporary),
      ],
      "quarantine": [
        "count": .int(inspection.quarantineCount), "path": .string(directory.quarantine),
        "status": text(quarantine),
      ],
      "recoveries": .int(inspection.recoveryCount),
      "lastTransaction": last.map { last in
        [
          "transactionId": .string(last.id), "operation": .string(last.operation),
          "timestamp": .int(last.timestampMilliseconds),
        ]
      } ?? .null,
    ]
  }

  var statuses: JSONValue {
    [
      "dataFile": text(dataFile), "backups": text(backups), "wal": text(wal),
      "temp": text(temporary), "quarantine": text(quarantine),
    ]
  }

  private var dataFile: Status {
    guard let bytes = inspection.dataFileBytes else { return .critical }
    return grade(bytes, warning: 5_000_000, critical: 10_000_000)
  }

  /// A store of few transactions cannot have many backups.
  private var backups: Status {
    let count = inspection.automaticBackupCount
    if count > Inspection.maxRetainedBackups { return .critical }
    if count >= min(5, inspection.generation) { return .good }
    return count > 0 ? .warning : .critical
  }

  private var wal: Status { grade(inspection.pendingCount, warning: 1, critical: 6) }
  private var temporary: Status { grade(inspection.temporaryCount, warning: 1, critical: 11) }
  private var quarantine: Status { inspection.quarantineCount > 0 ? .warning : .good }

  private func grade(_ value: Int, warning: Int, critical: Int) -> Status {
    value >= critical ? .critical : value >= warning ? .warning : .good
  }

  private func text(_ status: Status) -> JSONValue { .string(status.rawValue) }
}
