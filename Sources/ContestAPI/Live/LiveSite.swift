public import CGI
public import DurableStore
public import Files
import HTTPTypes
import JSON
public import Logging
public import Realtime
import Synchronization

/// The live half of the site: it sends every commit to all live clients, whichever process made it.
public final class LiveSite: Sendable {
  /// How long a body may be, in bytes.
  private static let maxBodyBytes = 1_000_000
  /// The longest interval between two reports to the other processes, in milliseconds.
  private static let noteMilliseconds = 5_000

  /// The log.
  public let follower: any CompletedTransactions
  private let settings: Settings
  private let password: AdminPassword
  private let logger: Logger
  private let surroundings: Surroundings
  private let startedAtMilliseconds: Int
  private let noteboard: LiveNoteboard
  /// The metrics last written to the noteboard, and when, in milliseconds since 1970 UTC.
  private let noted: Mutex<(metrics: LiveMetrics?, at: Int)> = Mutex((nil, 0))
  private let audience: Mutex<Audience>
  private let problem = Mutex<String?>(nil)

  /// Makes the live half of a site.
  ///
  /// - Parameters:
  ///   - settings: The settings.
  ///   - follower: The log.
  ///   - folder: The data directory, for the administrator's password.
  ///   - logger: Takes what operators should read.
  ///   - surroundings: Time and chance; others are for tests.
  public init(
    _ settings: Settings, following follower: any CompletedTransactions, folder: Folder,
    logger: Logger, surroundings: Surroundings = .machine
  ) {
    password = AdminPassword(settings, folder)
    self.follower = follower
    noteboard = LiveNoteboard(settings)
    self.settings = settings
    self.logger = logger
    self.surroundings = surroundings
    startedAtMilliseconds = surroundings.nowMilliseconds()
    audience = Mutex(
      Audience(follower, surroundings: surroundings, translate: LiveSite.event))
  }

  /// Answers a request, at once or when there is an event to send.
  public func take(_ request: Request, _ connection: any LiveConnection) {
    do throws(APIError) {
      switch request.path {
      case "/api/events": try open(request, connection)
      case "/socket.io/", "/socket.io": try exchange(request, connection)
      case "/api/realtime-health": answer(try health(request), to: request, over: connection)
      case "/api/realtime-metrics": answer(try metrics(request), to: request, over: connection)
      default: throw .notFound()
      }
    } catch {
      answer(error.response, to: request, over: connection)
    }
  }

  /// Checks the log for new commits and sends them to all clients.
  public func look() {
    follower.settle()
    let error = audience.withLock { audience -> TransactionError? in
      do throws(TransactionError) {
        try audience.look()
        return nil
      } catch {
        return error
      }
    }
    let isNew = problem.withLock { problem in
      defer { problem = error?.description }
      return problem != error?.description
    }
    if let error, isNew { logger.error("\(error)") }
  }

  /// Whether there are live clients; without any, nobody looks at the log for each commit.
  public var hasClients: Bool { audience.withLock { $0.hasClients } }

  /// A connection is gone.
  public func hasLeft(_ number: UInt64) { audience.withLock { $0.hasLeft(number) } }
  /// A connection that was blocked is writable again.
  public func canSend(_ number: UInt64) { audience.withLock { $0.canSend(number) } }
  /// A second has passed.
  public func tick() {
    let metrics = audience.withLock { audience in
      audience.tick()
      return audience.metrics
    }
    let now = surroundings.nowMilliseconds()
    let isNew = noted.withLock { noted in
      guard noted.metrics != metrics || abs(now - noted.at) >= Self.noteMilliseconds else {
        return false
      }
      noted = (metrics, now)
      return true
    }
    if isNew { noteboard.write(report(metrics)) }
  }
  /// Tells all clients that the process is shutting down.
  public func leave() { audience.withLock { $0.leave() } }

  // MARK: Requests

  private func open(_ request: Request, _ connection: any LiveConnection) throws(APIError) {
    try require([.get, .head], request)
    guard request.method == .get else {
      return answer(
        Response(status: .ok, fields: [.contentType: "text/event-stream"]), to: request,
        over: connection)
    }
    let known = request.fields[Self.lastEventID] ?? request.query["after"]
    var sequence: Int?
    if let known, !known.isEmpty {
      guard let number = Int(known), number >= 0 else {
        throw .badRequest("bad_sequence", "Last-Event-ID and after are the number of an event.")
      }
      sequence = number
    }
    let fields = corsFields(request)
    try requireReady()
    let hasHeartbeat = request.query["heartbeat"] == "1"
    let isOfDesk = request.query["desk"] == "1"
    if isOfDesk { try requireAdministrator(request) }
    audience.withLock {
      $0.open(
        connection, after: sequence, hasHeartbeat: hasHeartbeat, isOfDesk: isOfDesk, fields: fields)
    }
  }

  private func requireAdministrator(_ request: Request) throws(APIError) {
    let now = surroundings.nowMilliseconds()
    let hasSession: Bool
    do throws(FileError) {
      hasSession = try password.hasSession(request, nowMilliseconds: now)
    } catch {
      logger.error("\(error)")
      throw APIError(error)
    }
    guard hasSession else { throw .unauthorized }
  }

  private func exchange(_ request: Request, _ connection: any LiveConnection) throws(APIError) {
    if request.method == .options {
      return answer(Response(status: .noContent), to: request, over: connection)
    }
    try require([.get, .post], request)
    var content: [UInt8] = []
    if request.method == .post {
      guard let body = try? request.body.readAll(upTo: Self.maxBodyBytes) else {
        throw APIError(.contentTooLarge, code: "too_large", "The payload is too large.")
      }
      content = body
    }
    try requireReady()
    let exchange = Audience.Exchange(
      isPoll: request.method == .get, version: request.query["EIO"],
      transport: request.query["transport"], sessionID: request.query["sid"], content: content,
      takesOffsets: Self.takesOffsets(request), fields: corsFields(request))
    audience.withLock { $0.take(exchange, connection) }
  }

  /// Looks at the log before the first client comes, which is told of nothing that was before.
  private func requireReady() throws(APIError) {
    if !hasClients { look() }
    guard audience.withLock({ $0.isReady }) else {
      throw APIError(
        .serviceUnavailable, code: "unavailable",
        "The data file cannot be read at this moment. Try again in a moment."
      ).with(.retryAfter, "2")
    }
  }

  /// Returns whether a client's event handlers accept an extra argument: the offset to resume from.
  ///
  /// JavaScript handlers ignore it, and the official client uses it; a Python function raises an error
  /// when called with an extra argument.
  private static func takesOffsets(_ request: Request) -> Bool {
    let agent = request.fields[.userAgent] ?? ""
    return agent.hasPrefix("Mozilla/") || agent.hasPrefix("node-XMLHttpRequest")
      || request.query["recovery"] == "1"
  }

  private func require(_ methods: [HTTPRequest.Method], _ request: Request) throws(APIError) {
    guard !methods.contains(request.method) else { return }
    let allowed = methods.map(\.rawValue).joined(separator: ", ")
    throw APIError(.methodNotAllowed, code: "method_not_allowed", "Use \(allowed) here.")
      .with(.allow, allowed)
  }

  private func health(_ request: Request) throws(APIError) -> Response {
    try require([.get, .head], request)
    let problem = problem.withLock { $0 }
    let isHealthy = problem == nil && follower.generation != nil
    return .json(
      [
        "status": .string(isHealthy ? "healthy" : "unhealthy"),
        "timestamp": .int(surroundings.nowMilliseconds()), "uptime": .int(uptimeSeconds),
        "reason": isHealthy ? .null : .string(problem ?? "The data file cannot be read."),
      ], status: isHealthy ? .ok : .serviceUnavailable)
  }

  private func metrics(_ request: Request) throws(APIError) -> Response {
    try require([.get, .head], request)
    return .json(report(audience.withLock { $0.metrics }))
  }

  private func report(_ metrics: LiveMetrics) -> JSONValue {
    [
      "timestamp": .int(surroundings.nowMilliseconds()), "uptime": .int(uptimeSeconds),
      "connections": [
        "total": .int(metrics.streams + metrics.sessions), "eventStreams": .int(metrics.streams),
        "socketIO": .int(metrics.sessions),
      ],
      "events": [
        "sequence": .int(metrics.sequence), "sent": .int(metrics.sentEvents),
        "droppedClients": .int(metrics.droppedClients),
      ],
      "lagMs": ["p50": .int(metrics.medianLag), "p95": .int(metrics.longLag)],
    ]
  }

  private var uptimeSeconds: Int {
    (surroundings.nowMilliseconds() - startedAtMilliseconds) / 1000
  }

  private func answer(
    _ response: Response, to request: Request, over connection: any LiveConnection
  ) {
    var response = response
    for (name, value) in cors(request) { response.fields[name] = value }
    _ = connection.send(response.serialized(for: request.method))
    connection.finish()
  }

  // MARK: Pages of other origins

  /// The header fields that let a page of an allowed origin read an answer
  /// (https://fetch.spec.whatwg.org/#http-cors-protocol).
  private func cors(_ request: Request) -> [(HTTPField.Name, String)] {
    guard !settings.corsOrigins.isEmpty else { return [] }
    guard let origin = request.fields[.origin], settings.corsOrigins.contains(origin) else {
      return [(.vary, "Origin")]
    }
    var fields: [(HTTPField.Name, String)] = [
      (.vary, "Origin"), (.accessControlAllowOrigin, origin),
      (.accessControlAllowCredentials, "true"),
    ]
    if request.method == .options {
      fields += [
        (.accessControlAllowMethods, "GET, POST"), (.accessControlAllowHeaders, "Content-Type"),
        (.accessControlMaxAge, "600"),
      ]
    }
    return fields
  }

  private func corsFields(_ request: Request) -> String {
    cors(request).map { "\($0.0.rawName): \($0.1)\r\n" }.joined()
  }

  private static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .ifNoneMatch
}
