import CGI
public import DurableStore
public import JSON

/// Whether this machine is fit for the site.
extension Router {
  /// `GET /api/doctor`: what `contestctl doctor` tells, for an administrator:
  /// `{"status":"good|unknown|warning|bad","findings":[{"check","verdict","detail","advice"}]}`.
  static let doctor: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    return .json(json(site.examine()))
  }

  static func json(_ findings: [Finding]) -> JSONValue {
    let worst = findings.map(\.verdict).max() ?? .unknown
    return ["status": .string(worst.rawValue), "findings": .array(findings.map(\.json))]
  }
}

extension Finding {
  /// `{"check","verdict","detail","advice"}`; `advice` is null when nothing has to be done.
  public var json: JSONValue {
    [
      "check": .string(check), "verdict": .string(verdict.rawValue), "detail": .string(detail),
      "advice": advice.map { .string($0) } ?? .null,
    ]
  }
}
