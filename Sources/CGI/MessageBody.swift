/// Why a message-body could not be read to its announced length.
public enum MessageBodyError: Error, Equatable {
  /// It ended early: the client is gone, or announced more than it sent.
  case shorterThanAnnounced
  /// The stream itself failed; the reason is for the log.
  case unreadable(String)
}

/// The message-body of one request, read once from front to back (RFC 3875, section 4.2).
///
/// It returns at most the announced bytes and discards what a web server sends beyond them: unread
/// bytes would be taken for the next request on a kept connection.
/// It belongs to the thread that serves the request.
public final class MessageBody {
  /// Reads up to `maxBytes` from the web server; an empty result means the end.
  ///
  /// Blocks until there is at least one byte, or the end.
  public typealias Source = (_ maxBytes: Int) throws(MessageBodyError) -> [UInt8]

  /// What `CONTENT_LENGTH` announced, in bytes.
  public let announcedBytes: Int
  /// How long `read` has waited for the web server.
  public private(set) var waited = Duration.zero
  private var remainingBytes: Int
  private let source: Source

  /// Makes a body that reads from a stream.
  public init(announcedBytes: Int, source: @escaping Source) {
    self.announcedBytes = announcedBytes
    self.remainingBytes = announcedBytes
    self.source = source
  }

  /// Reads the next bytes, at least one and at most `maxBytes`; none at the end.
  ///
  /// Blocks until the web server has sent some.
  /// - Throws: `MessageBodyError` when the stream ends before the announced length, or fails.
  public func read(upTo maxBytes: Int = 65_536) throws(MessageBodyError) -> [UInt8] {
    guard remainingBytes > 0 else { return [] }
    let began = ContinuousClock.now
    defer { waited += .now - began }
    let bytes = try source(min(maxBytes, remainingBytes))
    guard !bytes.isEmpty else {
      remainingBytes = 0
      throw .shorterThanAnnounced
    }
    remainingBytes -= bytes.count
    return bytes
  }

  /// Reads the whole body, which must not be longer than `maxBytes`; `nil` if it is.
  ///
  /// - Throws: `MessageBodyError` when the stream ends before the announced length, or fails.
  public func readAll(upTo maxBytes: Int) throws(MessageBodyError) -> [UInt8]? {
    guard announcedBytes <= maxBytes else { return nil }
    var whole: [UInt8] = []
    while case let bytes = try read(), !bytes.isEmpty { whole += bytes }
    return whole
  }

  /// Reads and discards the rest of the stream, even beyond the announced length.
  ///
  /// - Returns: Whether the end was reached within `maxBytes`; if not, close the connection.
  public func drain(upTo maxBytes: Int) -> Bool {
    remainingBytes = 0
    var drained = 0
    while drained < maxBytes {
      // A failed stream leaves nothing that could be mistaken for a request.
      // There is seldom anything left.
      let size = drained == 0 ? 1024 : 65_536
      guard let bytes = try? source(size), !bytes.isEmpty else { return true }
      drained += bytes.count
    }
    return false
  }
}
