/// The text of `text/event-stream` (WHATWG HTML, section 9.2).
enum ServerSentEvents {
  /// The header and the beginning of a stream.
  ///
  /// The identifier without data gives a client a place to resume from before it gets its first event.
  /// `X-Accel-Buffering: no` makes nginx pass the stream on without buffering it.
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

  /// The event that tells a client to reload everything, and where it then stands.
  static func reset(at sequence: Int) -> [UInt8] {
    Array("id: \(sequence)\nevent: reset\ndata: {}\n\n".utf8)
  }

  /// The event that announces a planned stop: the server will be back.
  static let shutdown = Array("event: server-shutdown\ndata: {}\n\n".utf8)

  /// A line without content, so that no proxy closes the connection because it is silent.
  static let comment = Array(": \n\n".utf8)

  /// The same for pages that need to see it: scripts do not see comments.
  ///
  /// It has no identifier, so that no client resumes from it.
  static let heartbeat = Array("event: heartbeat\ndata: {}\n\n".utf8)
}
