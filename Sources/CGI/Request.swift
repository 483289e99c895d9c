public import HTTPTypes

/// One request, however it reached the script: FastCGI, plain CGI or a test.
public struct Request {
  /// The method (RFC 9110, section 9).
  public let method: HTTPRequest.Method
  /// The decoded path below the script, with a leading slash.
  public let path: String
  /// The parameters of the query string.
  public let query: QueryString
  /// The header fields.
  public let fields: HTTPFields
  /// All that the web server said about the request.
  public let metaVariables: MetaVariables
  /// The message-body, to be read once.
  public let body: MessageBody

  /// Makes a request from its meta-variables.
  ///
  /// - Throws: `MetaVariableError` when the method is missing or malformed, or `CONTENT_LENGTH` is not
  ///   a number.
  public init(metaVariables: MetaVariables, bodySource: @escaping MessageBody.Source)
    throws(MetaVariableError)
  {
    method = try metaVariables.method
    path = metaVariables.path
    query = QueryString(metaVariables["QUERY_STRING"] ?? "")
    fields = metaVariables.headerFields
    body = MessageBody(announcedBytes: try metaVariables.contentLength, source: bodySource)
    self.metaVariables = metaVariables
  }

  /// Makes a request whose message-body is in memory, such as one that this program sends to itself.
  ///
  /// - Throws: `MetaVariableError` when the method is missing or malformed, or `CONTENT_LENGTH` is not
  ///   a number.
  public init(metaVariables: MetaVariables, body: [UInt8]) throws(MetaVariableError) {
    var rest = body[...]
    try self.init(metaVariables: metaVariables) { maxBytes in
      defer { rest = rest.dropFirst(maxBytes) }
      return Array(rest.prefix(maxBytes))
    }
  }
}

/// What a script does: it returns a response for every request, called by many threads at once.
public typealias Endpoint = @Sendable (Request) -> Response
