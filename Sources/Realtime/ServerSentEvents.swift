/// The text of `text/event-stream` (WHATWG HTML, section 9.2).
enum ServerSentEvents {
  /// Header and beginning of a stream.
  ///
  /// The identifier without data tells a client that gets no event where it stands: it is what it
  /// resumes from. nginx passes a stream on as it comes if `X-Accel-Buffering` says so.
  static func opening(at sequence: Int, fields: String) -> [UInt8] {
    Array(
      """
      Status: 200 OK\r
      Content-Type: text/event-stream; charset=utf-8\r
      Cache-Control: no-store\r
      X-Accel-Buffering: no\r
      \(fields)\r
      retry: 1000
      id: \(sequence)


      """.utf8)
  }

  /// Some events, each with its sequence as identifier.
  static func text(of events: some Sequence<LiveEvent>) -> [UInt8] {
    var text: [UInt8] = []
    for event in events {
      text += Array("id: \(event.sequence)\nevent: \(event.name)\ndata: ".utf8)
      text += event.data
      text += [0x0A, 0x0A]
    }
    return text
  }

  /// What tells a client that it has to load everything anew, and where it then stands.
  static func reset(at sequence: Int) -> [UInt8] {
    Array("id: \(sequence)\nevent: reset\ndata: {}\n\n".utf8)
  }

  /// What tells a client that the server ends on purpose: it will be back.
  static let shutdown = Array("event: server-shutdown\ndata: {}\n\n".utf8)

  /// A line that says nothing, for whoever closes connections that are silent.
  static let comment = Array(": \n\n".utf8)

  /// The same for whoever wants to see it: scripts do not see comments.
  ///
  /// It has no identifier, so that it is no place to resume from.
  static let heartbeat = Array("event: heartbeat\ndata: {}\n\n".utf8)
}
