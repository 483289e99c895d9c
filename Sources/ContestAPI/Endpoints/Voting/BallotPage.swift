import Contest
import Crypto

/// A voter's ballot for a browser without scripts.
struct BallotPage {
  let voter: Voter
  /// The code as it was typed; empty where the browser votes.
  let code: String
  let text: VoteText
  let contest: Contest

  /// The ballot as a form, as far as the vote is open.
  func form(atMilliseconds now: Int) -> HTMLPage {
    let voting = contest.voting
    let state = voting.state(atMilliseconds: now)
    let ballot = contest.ballot(of: voter.id)
    var page = HTMLPage(text.title, language: text.language)
    if let ballot { append(receiptOf: ballot, to: &page) }
    guard state == .open else {
      page.appendParagraph(text.states[state] ?? "")
      return page
    }
    page.append("<h2>\(text.choose(upTo: voting.choices))</h2>")
    page.append(
      "<form action=\"/vote\" method=\"post\" class=\"fields\">" + hiddenCode
        + "<input type=\"hidden\" name=\"vote\" value=\"1\">"
        + "<input type=\"hidden\" name=\"runOff\" value=\"\(voting.runOff == nil ? 0 : 1)\">"
        + "<input type=\"hidden\" name=\"form\" value=\"\(Self.newFormID())\">")
    let chosen = Set(ballot?.choices ?? [])
    let kind = voting.choices == 1 ? "radio" : "checkbox"
    for entry in Router.candidates(of: contest, inOrderOf: voter) {
      page.append(choice(entry, kind, isChosen: chosen.contains(entry.id)))
    }
    page.append("<button type=\"submit\" class=\"primary\">\(text.send)</button>\n</form>")
    return page
  }

  /// The page that says that a ballot is kept.
  func receipt(of ballot: Ballot) -> HTMLPage {
    var page = HTMLPage(text.title, language: text.language)
    append(receiptOf: ballot, to: &page)
    page.append(
      "<form action=\"/vote\" method=\"post\">\(hiddenCode)"
        + "<button type=\"submit\">\(text.change)</button></form>\n"
        + "<p><a href=\"/vote\">\(text.otherCard)</a></p>")
    return page
  }

  private func append(receiptOf ballot: Ballot, to page: inout HTMLPage) {
    page.append("<p class=\"success\">\(text.kept)</p>")
    if ballot.isSealed {
      page.appendParagraph(text.sealed)
    } else {
      appendChoices(of: ballot, to: &page)
    }
    page.append("<p>\(text.tracker): <strong>\(voter.tracker)</strong></p>")
    page.appendParagraph(text.trackerNote)
  }

  private func appendChoices(of ballot: Ballot, to page: inout HTMLPage) {
    let chosen = Set(ballot.choices)
    page.append("<ul>")
    for entry in contest.candidates where chosen.contains(entry.id) {
      page.append("<li>\(name(of: entry))</li>")
    }
    page.append("</ul>")
  }

  /// 120 random bits, which nobody but the voter's browser has.
  private static func newFormID() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in Base32.digits(of: generator.next(), count: 12) }.joined()
  }

  /// The identifier of a ballot: the same choices sent twice from one form are one ballot, others are another one.
  ///
  /// It tells nothing of the choices to whoever does not have the form.
  static func ballotID(ofForm form: String, _ choices: [String]) -> String {
    let digest = SHA256.hash(data: Array(([form] + choices.sorted()).joined(separator: " ").utf8))
    return "form-" + Base32.digits(of: Array(digest)).prefix(26)
  }

  private func choice(_ entry: Entry, _ kind: String, isChosen: Bool) -> String {
    let id = HTMLPage.escaped(entry.id)
    return """
      <label class="choice"><input type="\(kind)" name="choices" value="\(id)"\(isChosen ? " checked" : "")>
      \(picture(of: entry))<span>\(name(of: entry))</span></label>
      """
  }

  private func picture(of entry: Entry) -> String {
    guard let url = entry.feedEntry.imageURL else { return "" }
    let prefix = "/uploads/"
    let source = url.hasPrefix(prefix) ? "/thumbs/320/" + url.dropFirst(prefix.count) : url
    return "<img src=\"\(HTMLPage.escaped(source))\" alt=\"\" loading=\"lazy\">"
  }

  private func name(of entry: Entry) -> String {
    let shown = entry.feedEntry
    let number = shown.number.map { "<strong class=\"number\">\($0)</strong> " } ?? ""
    return number + "<bdi>\(HTMLPage.escaped(shown.caption))</bdi>"
  }

  private var hiddenCode: String {
    "<input type=\"hidden\" name=\"code\" value=\"\(HTMLPage.escaped(code))\">"
  }
}

extension VoteText {
  fileprivate func choose(upTo count: Int) -> String {
    guard count > 1 else { return chooseOne }
    return choose.split(separator: "{count}", omittingEmptySubsequences: false).joined(
      separator: String(count))
  }
}
