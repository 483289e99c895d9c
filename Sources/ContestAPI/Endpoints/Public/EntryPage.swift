import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// Entering without scripts: a form, and a page as the answer to it.
extension Router {
  /// `GET /enter`: the form, with a unique key, so that sending it twice makes one entry.
  static let entryPage: Endpoint = { (site, request) throws(APIError) in
    let text = PageText.best(for: request.fields[.acceptLanguage])
    let now = site.surroundings.nowMilliseconds()
    let contest = try site.contest().state
    let categories =
      contest.event?.state == .finalized
      ? [] : contest.categories.filter { $0.refusal(at: now) == nil }
    var page = HTMLPage(text.title, language: text.language)
    // The web server sends browsers here when it has refused a form itself.
    if let code = request.query["problem"], let problem = text.problems[code] {
      page.appendParagraph(problem, style: "problem")
    }
    guard !categories.isEmpty else {
      page.appendParagraph(text.closed, style: "problem")
      return page.response(.ok)
    }
    let key = "form-" + site.surroundings.identifier()
    page.append(
      "<form action=\"/api/submit\" method=\"post\" enctype=\"multipart/form-data\" class=\"fields\">"
        + "<input type=\"hidden\" name=\"submissionId\" value=\"\(key)\">")
    appendFields(to: &page, text, categories, chosen: request.query["category"])
    page.appendParagraph(text.privacy)
    for terms in [site.settings.consent, site.settings.rules].compactMap(\.self) {
      page.appendParagraph(terms)
    }
    page.append("<button type=\"submit\" class=\"primary\">\(text.submit)</button>\n</form>")
    return page.response(.ok)
  }

  private static func appendFields(
    to page: inout HTMLPage, _ text: PageText, _ categories: [Category], chosen: String?
  ) {
    let options = categories.map { category in
      let mark = category.id == chosen ? " selected" : ""
      return "<option value=\"\(HTMLPage.escaped(category.id))\"\(mark)>"
        + HTMLPage.escaped(category.name) + "</option>"
    }
    let accepted = "image/jpeg,image/png,image/webp,image/gif"
    for (name, label, opening, content) in [
      ("photo", text.photo, "input type=\"file\" accept=\"\(accepted)\"", ""),
      ("category", text.category, "select", options.joined() + "</select>"),
      ("caption", text.caption, "textarea rows=\"2\" maxlength=\"500\"", "</textarea>"),
      ("name", text.name, "input type=\"text\" maxlength=\"50\"", ""),
      ("phone", text.phone, "input type=\"tel\" maxlength=\"30\"", ""),
    ] {
      page.append(
        "<div class=\"field\"><label for=\"\(name)\">\(label)</label>"
          + "<\(opening) id=\"\(name)\" name=\"\(name)\">\(content)</div>")
    }
  }

  /// Whether an answer is to be a page: a browser that sends a form by itself says so (RFC 9110,
  /// section 12.5.1).
  static func wantsPage(_ request: Request) -> Bool {
    guard let accepted = request.fields[.accept] else { return false }
    return accepted.contains("text/html") && !accepted.contains("application/json")
  }

  /// Turns the JSON response to a form into a page.
  static func page(
    answering request: Request, _ answer: () throws(APIError) -> Response
  ) -> Response {
    let text = PageText.best(for: request.fields[.acceptLanguage])
    do throws(APIError) {
      return confirmation(try answer(), text)
    } catch {
      var page = HTMLPage(text.problem, language: text.language)
      page.appendParagraph(text.problems[error.code] ?? error.message, style: "problem")
      page.append("<p><a href=\"/enter\">\(text.back)</a></p>")
      var response = page.response(error.status)
      response.fields.append(contentsOf: error.fields)
      return response
    }
  }

  private static func confirmation(_ answer: Response, _ text: PageText) -> Response {
    let content = (try? JSONValue(parsing: answer.body))?.object
    let receipt = HTMLPage.escaped(content?["submissionId"]?.string ?? "")
    var page = HTMLPage(text.entered, language: text.language)
    if content?["entry"]?.object?["status"]?.string == Moderation.pending.rawValue {
      page.appendParagraph(text.pending)
    }
    page.append(
      "<p class=\"success\">\(text.receipt): <a href=\"/receipt.html?id=\(receipt)\">\(receipt)</a></p>"
    )
    return page.response(answer.status)
  }
}
