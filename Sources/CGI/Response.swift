public import HTTPTypes

/// One answer: a document response of a script (RFC 3875, section 6.2.1).
public struct Response: Sendable {
  /// The status code.
  public var status: HTTPResponse.Status
  /// The header fields; a value cannot hold CR, LF or NUL.
  public var fields: HTTPFields
  /// The content.
  public var body: [UInt8]

  /// Makes an answer.
  public init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// The answer as the web server expects it: `Status`, header fields, an empty line, the content.
  ///
  /// The content is left out for a `HEAD` request (RFC 3875, section 4.3.3).
  public func serialized(for method: HTTPRequest.Method) -> [UInt8] {
    var text = Array("Status: \(status.code) \(status.reasonPhrase)\r\n".utf8)
    if status != .notModified { text += Array("Content-Length: \(body.count)\r\n".utf8) }
    for field in fields { text += Array("\(field.name.rawName): \(field.value)\r\n".utf8) }
    text += Array("\r\n".utf8)
    return method == .head ? text : text + body
  }
}
