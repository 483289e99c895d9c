import CGI
public import Logging

/// What the lines that are logged while a request is answered say about it.
public enum RequestLabels {
  /// The request that this thread answers.
  @TaskLocal private static var current: Logger.Metadata = [:]

  /// Gives every logger what is known of the request in hand.
  public static let provider = Logger.MetadataProvider { current }

  /// Answers a request; what is logged meanwhile names it.
  ///
  /// The web server names a request in `REQUEST_ID` (nginx) or `UNIQUE_ID` (Apache's mod_unique_id),
  /// so that its own logs and these lines can be held together.
  static func labelling<Result>(_ request: Request, _ body: () -> Result) -> Result {
    let variables = request.metaVariables
    var labels: Logger.Metadata = [:]
    if let address = variables["REMOTE_ADDR"] { labels["client"] = "\(printable(address))" }
    if let name = variables["REQUEST_ID"] ?? variables["UNIQUE_ID"] {
      labels["request"] = "\(printable(name))"
    }
    return $current.withValue(labels, operation: body)
  }

  /// One word, whoever made it up.
  private static func printable(_ text: String) -> String {
    String(
      text.prefix(64).map {
        $0.isASCII && ($0.isLetter || $0.isNumber || ".:-_@%".contains($0)) ? $0 : "?"
      })
  }
}
