public import HTTPTypes

/// One answer: a document response of a script (RFC 3875, section 6.2.1).
public struct Response: Sendable {
  /// The status code.
  public var status: HTTPResponse.Status
  /// The header fields; a value cannot hold CR, LF or NUL.
  public var fields: HTTPFields
  /// Writes parts of a content, and is told whether the client still takes them.
  public typealias Stream = @Sendable (_ write: (_ part: [UInt8]) -> Bool) -> Void

  /// The content.
  public var body: [UInt8]
  /// Writes what follows the content, for an answer that is too long for memory.
  ///
  /// The length is then not announced. The answer ends early when a part is not taken.
  public var stream: Stream?

  /// Makes an answer.
  public init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// The answer as the web server expects it, as a whole.
  public func serialized(for method: HTTPRequest.Method) -> [UInt8] {
    var text: [UInt8] = []
    send(for: method) { part in
      text += part
      return true
    }
    return text
  }

  /// Writes the answer as the web server expects it: `Status`, header fields, an empty line, the content.
  ///
  /// The content is left out for a `HEAD` request (RFC 3875, section 4.3.3).
  /// - Parameters:
  ///   - method: The request's method.
  ///   - write: Takes a part, and returns whether it could.
  public func send(for method: HTTPRequest.Method, _ write: (_ part: [UInt8]) -> Bool) {
    guard write(beginning(for: method)), method != .head else { return }
    stream?(write)
  }

  private func beginning(for method: HTTPRequest.Method) -> [UInt8] {
    var text = Array("Status: \(status.code) \(status.reasonPhrase)\r\n".utf8)
    if status != .notModified, stream == nil {
      text += Array("Content-Length: \(body.count)\r\n".utf8)
    }
    for field in fields { text += Array("\(field.name.rawName): \(field.value)\r\n".utf8) }
    text += Array("\r\n".utf8)
    return method == .head ? text : text + body
  }
}
