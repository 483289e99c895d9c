import CGI
public import DurableStore
public import Files
import JSON

/// All live clients, and how far each of them has received the events.
///
/// It is a value that one thread at a time changes; nothing in it waits.
public struct Audience {
  /// How long a client may leave what it was sent unread, in seconds.
  private static let patienceSeconds = 30
  /// How often a silent stream gets a comment, in seconds.
  private static let commentSeconds: UInt64 = 20
  /// How often a stream that asked for heartbeats gets one, in seconds.
  private static let heartbeatSeconds: UInt64 = 15
  /// The most events sent to a stream in one piece.
  private static let maxEventsAtOnce = 200
  /// The most sessions that may be open: each costs memory until it times out.
  private static let maxSessions = 50_000

  /// A stream of server-sent events.
  private struct Stream {
    let connection: any LiveConnection
    /// Whether it gets heartbeats instead of comments.
    let hasHeartbeat: Bool
    /// Whether it is an administrator's.
    let isOfDesk: Bool
    /// The last transaction whose events it was sent.
    var cursor: Int
    /// For how many seconds it has been busy.
    var busySeconds = 0
    var isBusy = false
  }

  /// A text for a stream, with how many events it has.
  private struct Piece {
    let text: [UInt8]
    let count: Int

    init(text: [UInt8], count: Int) {
      (self.text, self.count) = (text, count)
    }

    init(_ events: some Collection<LiveEvent>) {
      self.init(text: ServerSentEvents.text(of: events), count: events.count)
    }
  }

  private var history: EventHistory
  private let surroundings: Surroundings
  private var streams: [UInt64: Stream] = [:]
  private var sessions: [String: SocketIOSession] = [:]
  /// The session of each waiting request, by the connection's number.
  private var polls: [UInt64: String] = [:]
  private var ticks: UInt64 = 0
  private var counted = LiveMetrics()

  /// Makes an audience without clients.
  ///
  /// - Parameters:
  ///   - follower: The log.
  ///   - surroundings: Time and randomness.
  ///   - translate: Makes the event that all clients get for a transaction; `nil` if there is none.
  public init(
    _ follower: any CompletedTransactions, surroundings: Surroundings = .machine,
    translate: @escaping @Sendable (CompletedTransaction) -> LiveEvent?
  ) {
    history = EventHistory(follower, translate: translate)
    self.surroundings = surroundings
  }

  /// Whether the data file could be read, so that there is anything to send.
  public var isReady: Bool { history.isKnown }

  /// The current metrics.
  public var metrics: LiveMetrics {
    var metrics = counted
    (metrics.streams, metrics.sessions) = (streams.count, sessions.count)
    metrics.sequence = history.end
    return metrics
  }

  /// Whether there is anybody to send events to.
  public var hasClients: Bool { !streams.isEmpty || !sessions.isEmpty }

  // MARK: Sending events

  /// Checks for new commits, and sends their events to all clients.
  ///
  /// - Throws: `TransactionError` when the log cannot be read; the next call tries again.
  public mutating func look() throws(TransactionError) {
    let before = history.end
    let (isNew, committedAt) = try history.catchUp()
    guard isNew else { return }
    tellAll(since: before)
    if let committedAt, hasClients {
      counted.note(lag: surroundings.nowMilliseconds() - committedAt)
    }
  }

  private mutating func tellAll(since before: Int) {
    // Most clients are up to date: they share one text.
    let news = history.events(after: before)
    let isShort = news.map { $0.count <= Self.maxEventsAtOnce } ?? false
    let all = isShort ? news.map(Piece.init) : nil
    let forEverybody = isShort ? news.map { Piece($0.filter { !$0.isForDesk }) } : nil
    for (number, stream) in streams where !stream.isBusy {
      if stream.cursor == before, let piece = stream.isOfDesk ? all : forEverybody {
        if send(piece, to: number) { streams[number]?.cursor = history.end }
      } else {
        advance(number)
      }
    }
    for session in sessions.values where session.poll != nil { answer(session) }
  }

  /// Sends a stream the events that it has not received yet.
  private mutating func advance(_ number: UInt64) {
    while let stream = streams[number], stream.cursor != history.end {
      guard let events = history.events(after: stream.cursor) else {
        if send(Piece(text: ServerSentEvents.reset(at: history.end), count: 1), to: number) {
          streams[number]?.cursor = history.end
        }
        return
      }
      // In parts: a client that does not read must not cost memory.
      let part = events.prefix(Self.maxEventsAtOnce)
      let isLast = part.count == events.count
      let piece = Piece(part.filter { stream.isOfDesk || !$0.isForDesk })
      guard send(piece, to: number) else { return }
      streams[number]?.cursor = isLast ? history.end : part.last?.sequence ?? history.end
    }
  }

  /// Sends a text to a stream, if it accepts it.
  ///
  /// - Returns: Whether it did; a busy stream continues from its cursor when there is room.
  private mutating func send(_ piece: Piece, to number: UInt64) -> Bool {
    guard !piece.text.isEmpty else { return true }
    switch streams[number]?.connection.send(piece.text) {
    case .sent:
      counted.sentEvents += piece.count
      return true
    case .busy: streams[number]?.isBusy = true
    case .gone, nil: streams[number] = nil
    }
    return false
  }

  private mutating func answer(_ session: SocketIOSession) {
    guard let poll = session.poll else { return }
    if session.isClosed {
      respond(poll, EngineIO.packet(.noop), to: session)
      return
    }
    let before = session.cursor
    guard let payload = session.takePayload(&history) else { return }
    counted.sentEvents += payload.count { $0 == EngineIO.separator } + (before == nil ? 0 : 1)
    respond(poll, payload, to: session)
  }

  private mutating func respond(
    _ poll: any LiveConnection, _ payload: [UInt8], to session: SocketIOSession
  ) {
    session.poll = nil
    session.askedAt = surroundings.nowMilliseconds()
    polls[poll.number] = nil
    _ = poll.send(EngineIO.responseHead(byteCount: payload.count, session.fields) + payload)
    poll.finish()
  }

  // MARK: Coming and going

  /// Begins a stream of server-sent events.
  ///
  /// - Parameters:
  ///   - connection: The connection to the client.
  ///   - sequence: The last transaction that the client knows; `nil` if it begins now.
  ///   - hasHeartbeat: Whether it gets heartbeats regularly, and one at once, which shows that no proxy
  ///     holds events back.
  ///   - isOfDesk: Whether it is an administrator's, who gets the events that nobody else gets.
  ///   - fields: Additional header fields, each with its line end.
  public mutating func open(
    _ connection: any LiveConnection, after sequence: Int?, hasHeartbeat: Bool = false,
    isOfDesk: Bool = false, fields: String = ""
  ) {
    // Events that the client has missed follow the opening; they are not part of it.
    let start = sequence ?? history.end
    let opening = ServerSentEvents.opening(at: start, fields: fields)
    guard
      case .sent = connection.send(opening + (hasHeartbeat ? ServerSentEvents.heartbeat : []))
    else { return }
    streams[connection.number] = Stream(
      connection: connection, hasHeartbeat: hasHeartbeat, isOfDesk: isOfDesk, cursor: start)
    advance(connection.number)
  }

  /// Forgets a connection that is gone.
  public mutating func hasLeft(_ number: UInt64) {
    streams[number] = nil
    // The session stays: its client polls again.
    if let identifier = polls.removeValue(forKey: number) { sessions[identifier]?.poll = nil }
  }

  /// Continues with a connection that was busy and accepts more.
  public mutating func canSend(_ number: UInt64) {
    guard streams[number]?.isBusy == true else { return }
    streams[number]?.isBusy = false
    streams[number]?.busySeconds = 0
    advance(number)
  }

  /// Does what is due; called once a second.
  public mutating func tick() {
    ticks += 1
    for (number, stream) in streams {
      if stream.isBusy {
        streams[number]?.busySeconds += 1
        if stream.busySeconds > Self.patienceSeconds {
          stream.connection.drop()
          streams[number] = nil
          counted.droppedClients += 1
        }
      } else if isDue(number, stream.hasHeartbeat ? Self.heartbeatSeconds : Self.commentSeconds) {
        let sign = stream.hasHeartbeat ? ServerSentEvents.heartbeat : ServerSentEvents.comment
        _ = send(Piece(text: sign, count: 0), to: number)
      }
    }
    let now = surroundings.nowMilliseconds()
    for session in sessions.values {
      session.tick(nowMilliseconds: now)
      answer(session)
      if session.isClosed {
        sessions[session.identifier] = nil
        counted.droppedClients += 1
      }
    }
  }

  /// Whether it is a connection's turn: this spreads them over the seconds.
  private func isDue(_ number: UInt64, _ seconds: UInt64) -> Bool {
    number % seconds == ticks % seconds
  }

  /// Announces a planned stop to all clients, and ends all responses.
  public mutating func leave() {
    for stream in streams.values {
      _ = stream.connection.send(ServerSentEvents.shutdown)
      stream.connection.finish()
    }
    for session in sessions.values {
      // Not Engine.IO's `close`: after that, python-socketio clients do not reconnect.
      session.say(SocketIOPacket.shutdown)
      answer(session)
    }
    (streams, sessions, polls) = ([:], [:], [:])
  }

  // MARK: Socket.IO

  /// A long-polling request of Engine.IO.
  public struct Exchange: Sendable {
    /// Whether it is a GET; else a POST.
    public let isPoll: Bool
    /// Its parameters `EIO`, `transport` and `sid`.
    public let (version, transport, sessionID): (String?, String?, String?)
    /// Its content.
    public let content: [UInt8]
    /// Whether the client understands an extra last argument as the place to resume from.
    public let takesOffsets: Bool
    /// Additional header fields for the response, each with its line end.
    public let fields: String

    /// Makes an exchange.
    public init(
      isPoll: Bool, version: String?, transport: String?, sessionID: String?, content: [UInt8],
      takesOffsets: Bool, fields: String
    ) {
      self.isPoll = isPoll
      (self.version, self.transport, self.sessionID) = (version, transport, sessionID)
      self.content = content
      self.takesOffsets = takesOffsets
      self.fields = fields
    }
  }

  /// Answers a Socket.IO request, at once or when there is something to send.
  public mutating func take(_ exchange: Exchange, _ connection: any LiveConnection) {
    do throws(EngineIO.Refusal) {
      guard let payload = try payload(for: exchange, connection) else { return }
      _ = connection.send(
        EngineIO.responseHead(byteCount: payload.count, exchange.fields) + payload)
    } catch {
      _ = connection.send(EngineIO.response(to: error, exchange.fields))
    }
    connection.finish()
  }

  private mutating func payload(
    for exchange: Exchange, _ connection: any LiveConnection
  ) throws(EngineIO.Refusal) -> [UInt8]? {
    guard exchange.transport == "polling" else { throw .unknownTransport }
    guard let identifier = exchange.sessionID else { return try handshake(exchange) }
    guard let session = sessions[identifier], !session.isClosed else { throw .unknownSession }
    if exchange.isPoll {
      // The client or the web server has given up the earlier request.
      if let earlier = session.poll { respond(earlier, EngineIO.packet(.noop), to: session) }
      session.poll = connection
      session.askedAt = surroundings.nowMilliseconds()
      session.fields = exchange.fields
      polls[connection.number] = identifier
      answer(session)
      return nil
    }
    do throws(EngineIO.Refusal) {
      try session.take(exchange.content, history: &history, surroundings: surroundings)
    } catch {
      close(session)
      throw error
    }
    if session.isClosed { close(session) } else { answer(session) }
    return Array("ok".utf8)
  }

  private mutating func handshake(_ exchange: Exchange) throws(EngineIO.Refusal) -> [UInt8] {
    guard exchange.isPoll else { throw .badHandshakeMethod }
    guard exchange.version == "4" else { throw .unsupportedVersion }
    guard sessions.count < Self.maxSessions else { throw .forbidden }
    let session = SocketIOSession(
      SocketIOSession.newIdentifier(surroundings), takesOffsets: exchange.takesOffsets,
      nowMilliseconds: surroundings.nowMilliseconds())
    sessions[session.identifier] = session
    return EngineIO.open(session.identifier)
  }

  private mutating func close(_ session: SocketIOSession) {
    if let poll = session.poll { respond(poll, EngineIO.packet(.noop), to: session) }
    sessions[session.identifier] = nil
  }
}

extension EngineIO {
  /// The header of an answer with a payload.
  static func responseHead(byteCount: Int, _ fields: String) -> [UInt8] {
    Array(
      """
      Status: 200 OK\r
      Content-Type: text/plain; charset=UTF-8\r
      Cache-Control: no-store\r
      Content-Length: \(byteCount)\r
      \(fields)\r

      """.utf8)
  }

  /// The answer to a request that is refused.
  static func response(to refusal: Refusal, _ fields: String) -> [UInt8] {
    let status = refusal == .forbidden ? "403 Forbidden" : "400 Bad Request"
    let body = #"{"code":\#(refusal.rawValue),"message":"\#(refusal.message)"}"#
    return Array(
      """
      Status: \(status)\r
      Content-Type: application/json\r
      Cache-Control: no-store\r
      Content-Length: \(body.utf8.count)\r
      \(fields)\r
      \(body)
      """.utf8)
  }
}
