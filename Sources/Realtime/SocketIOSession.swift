import DurableStore
import Files
import JSON

/// One Socket.IO client: what is to be sent to it, and the request that waits for that.
final class SocketIOSession {
  private static let maxPackets = 256
  private static let maxNamespaceBytes = 200

  let identifier: String
  /// Whether the client understands an extra last argument as the place to resume from.
  let takesOffsets: Bool
  /// The request that is answered when there is something to send.
  var poll: (any LiveConnection)?
  /// Further header fields of its answer, each with its line end.
  var fields = ""
  /// The last transaction whose events it was sent; `nil` while it is not connected to `/`.
  private(set) var cursor: Int?
  /// When it last had a waiting request, in milliseconds since 1970 UTC.
  var askedAt: Int
  /// Whether it has missed events that are no longer known.
  var needsReset = false
  private(set) var isClosed = false
  /// A packet whose attachments have not all arrived, and how many are missing.
  private var unfinished: (packet: SocketIOPacket, missing: Int)?
  private var packets: [[UInt8]] = []
  private var pingAt: Int
  private var pongBy: Int?

  init(_ identifier: String, takesOffsets: Bool, nowMilliseconds: Int) {
    self.identifier = identifier
    self.takesOffsets = takesOffsets
    pingAt = nowMilliseconds + EngineIO.pingIntervalMilliseconds
    askedAt = nowMilliseconds
  }

  var isConnected: Bool { cursor != nil }

  /// Processes a payload.
  ///
  /// - Parameters:
  ///   - payload: Packets, divided by the record separator.
  ///   - history: What it may resume from.
  ///   - surroundings: Time and randomness.
  /// - Throws: `EngineIO.Refusal.badRequest` for a malformed payload.
  func take(
    _ payload: [UInt8], history: inout EventHistory, surroundings: Surroundings
  ) throws(EngineIO.Refusal) {
    let parts = payload.split(separator: EngineIO.separator, omittingEmptySubsequences: false)
    guard parts.count <= 1000 else { throw .badRequest }
    for part in parts {
      if part.first == EngineIO.binaryMark {
        try take(bytes: part.dropFirst())
        continue
      }
      guard let first = part.first,
        let type = EngineIO.PacketType(rawValue: Character(UnicodeScalar(first)))
      else { throw .badRequest }
      switch type {
      case .message:
        try take(message: part.dropFirst(), history: &history, surroundings: surroundings)
      case .pong:
        guard pongBy != nil else { break }
        pongBy = nil
        pingAt = surroundings.nowMilliseconds() + EngineIO.pingIntervalMilliseconds
      case .close: isClosed = true
      case .noop: break
      case .open, .ping, .upgrade: throw .badRequest
      }
      // A client that sends a lot and never polls costs memory.
      guard packets.count <= Self.maxPackets else { throw .badRequest }
    }
  }

  private func take(
    message: ArraySlice<UInt8>, history: inout EventHistory, surroundings: Surroundings
  ) throws(EngineIO.Refusal) {
    guard unfinished == nil, let packet = SocketIOPacket(parsing: message) else {
      throw .badRequest
    }
    if packet.attachmentCount > 0 {
      unfinished = (packet, packet.attachmentCount)
    } else {
      try take(packet, history: &history, surroundings: surroundings)
    }
  }

  /// Takes an attachment of a packet; its content is ignored.
  private func take(bytes: ArraySlice<UInt8>) throws(EngineIO.Refusal) {
    guard EngineIO.isBase64(bytes), let (packet, missing) = unfinished else { throw .badRequest }
    unfinished = missing > 1 ? (packet, missing - 1) : nil
    if missing == 1 { try takeEvent(packet) }
  }

  private func takeEvent(_ packet: SocketIOPacket) throws(EngineIO.Refusal) {
    guard packet.kind == .event || packet.kind == .binaryEvent else { return }
    guard isConnected, packet.namespace == "/", packet.payload?.array?.isEmpty == false else {
      throw .badRequest
    }
    if let identifier = packet.identifier {
      packets.append(SocketIOPacket.acknowledgement(identifier))
    }
  }

  private func take(
    _ packet: SocketIOPacket, history: inout EventHistory, surroundings: Surroundings
  ) throws(EngineIO.Refusal) {
    switch packet.kind {
    case .connect where packet.namespace == "/":
      connect(packet.payload?.object, history: &history, surroundings: surroundings)
    case .connect:
      guard packet.namespace.utf8.count <= Self.maxNamespaceBytes else { throw .badRequest }
      packets.append(SocketIOPacket.refused(packet.namespace))
    case .disconnect where packet.namespace == "/": cursor = nil
    case .event, .binaryEvent: try takeEvent(packet)
    case .disconnect, .acknowledgement, .binaryAcknowledgement: break
    case .connectError: throw .badRequest
    }
  }

  /// Connects it, from its last position if the client states one (connection state recovery).
  ///
  /// All that this needs is in the log and in the client's packet, so it works even if the process
  /// that held the session has died.
  private func connect(
    _ authentication: JSONObject?, history: inout EventHistory, surroundings: Surroundings
  ) {
    let former = authentication?["pid"]?.string.flatMap(Self.recoverable)
    // A client that has received no event has no offset: it resumes from where it connected.
    let offset =
      authentication?["offset"]?.string.flatMap { Int($0) }
      ?? former?.split(separator: ".").last.flatMap { Int($0) }
    let canResume = offset.map { history.events(after: $0) != nil } ?? false
    // A different identifier tells the client that it was not resumed.
    let identifier = canResume ? former : nil
    let recoveryID = identifier ?? Self.newRecoveryID(at: history.end, surroundings)
    cursor = canResume ? offset : history.end
    needsReset = offset != nil && !canResume
    packets.append(
      SocketIOPacket.connected(String(recoveryID.prefix { $0 != "." }), recoveryID))
  }

  /// `<socket id>.<secret>.<sequence>`: a client that resumes keeps its socket's identifier and its place.
  private static func newRecoveryID(at sequence: Int, _ surroundings: Surroundings) -> String {
    "\(newIdentifier(surroundings)).\(newIdentifier(surroundings)).\(sequence)"
  }

  private static func recoverable(_ text: String) -> String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isOurs =
      parts.count == 3 && Int(parts[2]) != nil
      && parts.prefix(2).allSatisfy { part in
        part.utf8.count == 26
          && part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
      }
    return isOurs ? text : nil
  }

  /// Twenty-six random letters and digits: 128 bits.
  static func newIdentifier(_ surroundings: Surroundings) -> String {
    [surroundings.randomBits(), surroundings.randomBits()].map { bits in
      let digits = String(bits, radix: 36)
      return String(repeating: "0", count: 13 - digits.count) + digits
    }.joined()
  }

  /// Checks the time: a client that does not answer a ping in time is gone.
  func tick(nowMilliseconds now: Int) {
    // A client that is still there is never silent for so long.
    let limit = EngineIO.pingIntervalMilliseconds + EngineIO.pingTimeoutMilliseconds
    if poll == nil, now - askedAt > limit { isClosed = true }
    if let pongBy {
      if pongBy < now { isClosed = true }
    } else if pingAt <= now {
      packets.append(EngineIO.packet(.ping))
      pongBy = now + EngineIO.pingTimeoutMilliseconds
    }
  }

  /// Queues a packet that is sent in addition to the events.
  func say(_ packet: [UInt8]) {
    packets.append(packet)
  }

  /// Takes what there is to send, as one payload; `nil` if there is nothing.
  func takePayload(_ history: inout EventHistory) -> [UInt8]? {
    var parts = Array(packets.prefix(EngineIO.maxPayloadPackets))
    packets.removeFirst(parts.count)
    var bytes = parts.reduce(0) { $0 + $1.count + 1 }
    if let cursor {
      if let events = history.events(after: cursor), !needsReset {
        self.cursor = history.end
        for event in events where !event.isForDesk {
          let packet = encoded(event)
          bytes += packet.count + 1
          if bytes > EngineIO.maxPayloadBytes || parts.count >= EngineIO.maxPayloadPackets {
            // The rest comes with the next request.
            self.cursor = event.sequence - 1
            break
          }
          parts.append(packet)
        }
      } else if parts.count < EngineIO.maxPayloadPackets {
        parts.append(
          encoded(LiveEvent(sequence: history.end, name: "reset", data: Array("{}".utf8))))
        self.cursor = history.end
        needsReset = false
      }
    }
    guard !parts.isEmpty else { return nil }
    return Array(parts.joined(separator: [EngineIO.separator]))
  }

  private func encoded(_ event: LiveEvent) -> [UInt8] {
    SocketIOPacket.event(event, hasOffset: takesOffsets)
  }
}
