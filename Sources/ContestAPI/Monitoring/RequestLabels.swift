import ASCII
import CGI
public import Logging

/// The labels of the current request, for lines logged while it is being answered.
public enum RequestLabels {
  /// The request that this thread answers.
  @TaskLocal private static var current: Logger.Metadata = [:]

  /// Provides every logger with the labels of the current request.
  public static let provider = Logger.MetadataProvider { current }

  /// Runs `body` with the request's labels added to every line logged meanwhile.
  ///
  /// The web server names a request in `REQUEST_ID` (nginx) or `UNIQUE_ID` (Apache's mod_unique_id),
  /// so that its own logs can be correlated with these lines.
  static func labelling<Result>(_ request: Request, _ body: () -> Result) -> Result {
    let variables = request.metaVariables
    var labels: Logger.Metadata = [:]
    if let address = variables["REMOTE_ADDR"] { labels["client"] = "\(printable(address))" }
    if let name = variables["REQUEST_ID"] ?? variables["UNIQUE_ID"] {
      labels["request"] = "\(printable(name))"
    }
    return $current.withValue(labels, operation: body)
  }

  /// Reduces untrusted text to a single safe word.
  private static func printable(_ text: String) -> String {
    let bytes = text.utf8.prefix(64).map { byte in
      byte.isLetter || byte.isDigit || marks.contains(byte) ? byte : UInt8(ascii: "?")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What addresses and request identifiers hold besides letters and digits.
  private static let marks = Array(".:-_@%".utf8)
}
