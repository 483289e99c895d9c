import CGI
import Contest
import DurableStore
import Files
import HTTPTypes

/// Voting without scripts: a card's code, then its ballot as a form, and a page as the answer to it.
extension Router {
  private static let maxFormBytes = 65_536

  /// `GET /vote?code=`: the ballot of a card; without a code, a form for it.
  static let votePage: Endpoint = { (site, request) throws(APIError) in
    let text = VoteText.best(for: request.fields[.acceptLanguage])
    guard let typed = request.query["code"] else { return codePage(text).response(.ok) }
    return answering(text, code: typed) { () throws(APIError) in
      try ballotPage(of: try code(typed, by: request, site), text, site).response(.ok)
    }
  }

  /// `POST /vote`: a code opens its ballot; with `vote`, the choices are kept.
  static let voteByForm: Endpoint = { (site, request) throws(APIError) in
    let text = VoteText.best(for: request.fields[.acceptLanguage])
    return answering(text) { () throws(APIError) in
      let body = try request.wholeBody(upTo: maxFormBytes)
      let form = QueryString(String(decoding: body, as: UTF8.self))
      let typed = form["code"] ?? ""
      return answering(text, code: typed) { () throws(APIError) in
        let code = try code(typed, by: request, site)
        guard form["vote"] != nil else {
          return try ballotPage(of: code, text, site).response(.ok)
        }
        let kept = try keep(form.values(of: "choices"), by: code, way: .phone, site)
        return try receiptPage(of: kept.ballot, by: code, text, site).response(.ok)
      }
    }
  }

  /// An error becomes a page with the code to send again.
  private static func answering(
    _ text: VoteText, code typed: String = "", _ answer: () throws(APIError) -> Response
  ) -> Response {
    do throws(APIError) {
      return try answer()
    } catch {
      let problem = text.problems[error.code] ?? error.message
      var response = codePage(text, typed: typed, problem: problem).response(error.status)
      response.fields.append(contentsOf: error.fields)
      return response
    }
  }

  private static func codePage(
    _ text: VoteText, typed: String = "", problem: String? = nil
  ) -> HTMLPage {
    var page = HTMLPage(text.title, language: text.language)
    if let problem { page.appendParagraph(problem, style: "problem") }
    page.append(
      """
      <form action="/vote" method="post" class="fields">
      <div class="field"><label for="code">\(text.code)</label>
      <input id="code" name="code" value="\(HTMLPage.escaped(typed))" maxlength="40" autocomplete="off" \
      autocapitalize="characters" required></div>
      <button type="submit" class="primary">\(text.open)</button>
      </form>
      """)
    return page
  }

  private static func ballotPage(
    of code: VotingCode, _ text: VoteText, _ site: Site
  ) throws(APIError) -> HTMLPage {
    let contest = try site.contest().state
    let voting = contest.voting
    let state = voting.state(atMilliseconds: site.surroundings.nowMilliseconds())
    var page = HTMLPage(text.title, language: text.language)
    if let ballot = contest.ballot(of: code.voter) {
      append(receiptOf: ballot, by: code, contest, text, to: &page)
    }
    guard state == .open else {
      page.appendParagraph(text.states[state] ?? "")
      return page
    }
    let count = voting.choices
    page.append("<h2>\(count == 1 ? text.chooseOne : text.choose(upTo: count))</h2>")
    page.append(
      "<form action=\"/vote\" method=\"post\" class=\"fields\">" + hiddenCode(code)
        + "<input type=\"hidden\" name=\"vote\" value=\"1\">")
    let chosen = Set(contest.ballot(of: code.voter)?.choices ?? [])
    let kind = count == 1 ? "radio" : "checkbox"
    for entry in candidates(of: contest, inOrderOf: code) {
      page.append(choice(entry, kind, isChosen: chosen.contains(entry.id)))
    }
    page.append("<button type=\"submit\" class=\"primary\">\(text.send)</button>\n</form>")
    return page
  }

  private static func choice(_ entry: Entry, _ kind: String, isChosen: Bool) -> String {
    let id = HTMLPage.escaped(entry.id)
    return """
      <label class="choice"><input type="\(kind)" name="choices" value="\(id)"\(isChosen ? " checked" : "")>
      \(picture(of: entry))<span>\(name(of: entry))</span></label>
      """
  }

  private static func picture(of entry: Entry) -> String {
    guard let url = entry.feedEntry.imageURL else { return "" }
    let prefix = "/uploads/"
    let source = url.hasPrefix(prefix) ? "/thumbs/320/" + url.dropFirst(prefix.count) : url
    return "<img src=\"\(HTMLPage.escaped(source))\" alt=\"\" loading=\"lazy\">"
  }

  private static func name(of entry: Entry) -> String {
    let shown = entry.feedEntry
    let number = shown.number.map { "<strong class=\"number\">\($0)</strong> " } ?? ""
    return number + "<bdi>\(HTMLPage.escaped(shown.caption))</bdi>"
  }

  private static func receiptPage(
    of ballot: Ballot, by code: VotingCode, _ text: VoteText, _ site: Site
  ) throws(APIError) -> HTMLPage {
    var page = HTMLPage(text.title, language: text.language)
    append(receiptOf: ballot, by: code, try site.contest().state, text, to: &page)
    page.append(
      "<form action=\"/vote\" method=\"post\">\(hiddenCode(code))"
        + "<button type=\"submit\">\(text.change)</button></form>\n"
        + "<p><a href=\"/vote\">\(text.otherCard)</a></p>")
    return page
  }

  private static func append(
    receiptOf ballot: Ballot, by code: VotingCode, _ contest: Contest, _ text: VoteText,
    to page: inout HTMLPage
  ) {
    page.append("<p class=\"success\">\(text.kept)</p>\n<ul>")
    let chosen = Set(ballot.choices)
    for entry in contest.candidates where chosen.contains(entry.id) {
      page.append("<li>\(name(of: entry))</li>")
    }
    page.append("</ul>\n<p>\(text.tracker): <strong>\(code.tracker)</strong></p>")
    page.appendParagraph(text.trackerNote)
  }

  private static func hiddenCode(_ code: VotingCode) -> String {
    "<input type=\"hidden\" name=\"code\" value=\"\(code.text)\">"
  }
}

extension VoteText {
  fileprivate func choose(upTo count: Int) -> String {
    choose.split(separator: "{count}", omittingEmptySubsequences: false).joined(
      separator: String(count))
  }
}
