import CGI
import HTTPTypes

/// A page for browsers without scripts, generated here; all foreign content is inserted as text.
struct HTMLPage {
  private let language: String
  private let title: String
  private var body = ""

  /// Begins a page.
  init(_ title: String, language: String) {
    self.title = title
    self.language = language
  }

  /// Appends markup of ours.
  mutating func append(_ markup: String) { body += markup + "\n" }

  /// Appends a paragraph of text, of a style's class.
  mutating func appendParagraph(_ text: String, style: String = "hint") {
    append("<p class=\"\(style)\">\(Self.escaped(text))</p>")
  }

  /// Escapes text for an element or a quoted attribute.
  static func escaped(_ text: String) -> String {
    // Goes by scalars: a combining mark after `<` would make another `Character` of it.
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;".unicodeScalars
      case "<": result += "&lt;".unicodeScalars
      case ">": result += "&gt;".unicodeScalars
      case "\"": result += "&quot;".unicodeScalars
      case "'": result += "&#39;".unicodeScalars
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// The page as an answer that no cache keeps.
  func response(_ status: HTTPResponse.Status) -> Response {
    let title = Self.escaped(title)
    let text = """
      <!doctype html>
      <html lang="\(language)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <link rel="stylesheet" href="/assets/shared/style.css">
      </head>
      <body>
      <header class="top"><a class="brand" href="/">Tattoo<span>Contest</span></a></header>
      <main>
      <section class="hero"><h1>\(title)</h1></section>
      <section class="panel narrow">
      \(body)</section>
      </main>
      </body>
      </html>

      """
    return Response(
      status: status,
      fields: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
      body: Array(text.utf8))
  }
}
