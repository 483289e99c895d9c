import CGI
import Contest
import DurableStore
import HTTPTypes

/// What previews of links show (https://ogp.me): the pages are files, and their head has the event in it.
extension Router {
  /// `GET /api/page-head?page=winners&title=Winners`: what the web server includes in the head of its pages.
  ///
  /// It is a title with the event's name in it, and the event's `meta` elements. Without an event the title is
  /// the site's. `page` names the title's text for the page's own script; without it there is no title in the answer.
  static let pageHead: Endpoint = { (site, request) throws(APIError) in
    let event = try site.contest().state.event
    let markup =
      titleElement(of: event, asked: request)
      + (event.map { previewElements(of: $0, at: address(of: request)) } ?? "")
    return Response(
      status: .ok, fields: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
      body: Array(markup.utf8))
  }

  private static func titleElement(of event: Event?, asked request: Request) -> String {
    guard let page = request.query["page"], page.wholeMatch(of: /[a-z]{1,20}/) != nil else {
      return ""
    }
    let words = request.query["title"].map { String($0.prefix(maxTitleWords)) + " – " } ?? ""
    let title = HTMLPage.escaped(words + (event?.name ?? siteName))
    return "<title data-text=\"page.\(page)\">\(title)</title>\n"
  }

  private static let siteName = "Tattoo Contest"
  /// How many characters a page's own words in its title may have.
  private static let maxTitleWords = 40

  private static func previewElements(of event: Event, at address: String?) -> String {
    var properties = [
      ("og:type", "website"), ("og:site_name", event.name), ("og:title", event.name),
    ]
    if let tagline = event.tagline { properties.append(("og:description", tagline)) }
    // It has to be absolute.
    if let address, let logo = event.logo {
      properties.append(("og:image", logo.hasPrefix("/") ? address + logo : logo))
    }
    return properties.map { name, content in
      "<meta property=\"\(name)\" content=\"\(HTMLPage.escaped(content))\">\n"
    }.joined()
  }

  /// The scheme and authority that a visitor has used; `nil` if the authority is none (RFC 3986,
  /// section 3.2).
  private static func address(of request: Request) -> String? {
    guard let authority = request.metaVariables["HTTP_HOST"],
      authority.wholeMatch(of: /[A-Za-z0-9.:\[\]-]+/) != nil
    else { return nil }
    return (request.isSecure ? "https://" : "http://") + authority
  }
}
