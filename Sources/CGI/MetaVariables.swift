import ASCII
public import HTTPTypes

/// Why a request cannot be understood from its meta-variables.
public struct MetaVariableError: Error, Equatable, CustomStringConvertible {
  /// The meta-variable, such as `REQUEST_METHOD`.
  public let name: String
  /// What is wrong with it, in lower case.
  public let problem: String

  /// The meta-variable and its problem, for a log line.
  public var description: String { "\(name) \(problem)" }
}

/// The meta-variables of one request (RFC 3875, section 4.1), by name.
///
/// FastCGI hands over the same names as `FCGI_PARAMS` (FastCGI 1.0, section 6.2).
public struct MetaVariables: Sendable, Equatable {
  private let values: [String: String]

  /// Takes the variables as name and value.
  public init(_ values: [String: String]) {
    self.values = values
  }

  /// The value of a meta-variable; one that is empty counts as absent (RFC 3875, section 4.1).
  public subscript(name: String) -> String? {
    guard let value = values[name], !value.isEmpty else { return nil }
    return value
  }

  /// The request's method (RFC 3875, section 4.1.12).
  ///
  /// - Throws: `MetaVariableError` when `REQUEST_METHOD` is absent or not a token.
  public var method: HTTPRequest.Method {
    get throws(MetaVariableError) {
      guard let text = self["REQUEST_METHOD"] else {
        throw MetaVariableError(name: "REQUEST_METHOD", problem: "is missing")
      }
      guard let method = HTTPRequest.Method(text) else {
        throw MetaVariableError(name: "REQUEST_METHOD", problem: "is not a token")
      }
      return method
    }
  }

  /// The number of bytes in the message-body, 0 if there is none (RFC 3875, section 4.1.2).
  ///
  /// - Throws: `MetaVariableError` when `CONTENT_LENGTH` is not a decimal number that fits.
  public var contentLength: Int {
    get throws(MetaVariableError) {
      guard let text = self["CONTENT_LENGTH"] else { return 0 }
      guard text.utf8.allSatisfy(\.isDigit), let length = Int(text) else {
        throw MetaVariableError(name: "CONTENT_LENGTH", problem: "is not a number of bytes")
      }
      return length
    }
  }

  /// The path below the script, decoded, always with a leading slash (RFC 3875, section 4.1.5).
  public var path: String {
    let path = self["PATH_INFO"] ?? "/"
    return path.hasPrefix("/") ? path : "/" + path
  }

  /// The request's header fields, made of `HTTP_*`, `CONTENT_TYPE` and `CONTENT_LENGTH`
  /// (RFC 3875, sections 4.1.2, 4.1.3 and 4.1.18).
  public var headerFields: HTTPFields {
    var fields = HTTPFields()
    for (name, value) in values where name.hasPrefix("HTTP_") {
      let bytes = name.utf8.dropFirst(5).map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
      let fieldName = String(decoding: bytes, as: UTF8.self)
      if let fieldName = HTTPField.Name(fieldName) { fields[fieldName] = value }
    }
    if let type = self["CONTENT_TYPE"] { fields[.contentType] = type }
    if let length = self["CONTENT_LENGTH"] { fields[.contentLength] = length }
    return fields
  }
}
