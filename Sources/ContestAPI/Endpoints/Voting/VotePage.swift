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
      try ballotForm(code: typed, text, for: request, site)
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
        guard form["vote"] != nil else {
          return try ballotForm(code: typed, text, for: request, site)
        }
        let sender = try sender(typed: typed, by: request, site)
        try sender.requireSameVote(isRunOff: form["runOff"].map { $0 == "1" })
        let choice = BallotChoice(
          choices: form.values(of: "choices"),
          id: form["form"].map { BallotPage.ballotID(ofForm: $0, form.values(of: "choices")) })
        let kept = try keep(choice, by: sender, way: .phone, site)
        let page = BallotPage(
          voter: sender.voter, code: typed, text: text, contest: sender.contest)
        return page.receipt(of: kept.ballot).response(.ok)
      }
    }
  }

  private static func ballotForm(
    code typed: String, _ text: VoteText, for request: Request, _ site: Site
  ) throws(APIError) -> Response {
    let sender = try sender(typed: typed, by: request, site, admitsNew: true)
    let page = BallotPage(
      voter: sender.voter, code: typed, text: text, contest: sender.contest)
    var response = page.form(atMilliseconds: site.surroundings.nowMilliseconds()).response(.ok)
    response.fields[.setCookie] = sender.device?.cookie(for: request)
    return response
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
      autocapitalize="characters"></div>
      <button type="submit" class="primary">\(text.open)</button>
      </form>
      """)
    return page
  }
}
