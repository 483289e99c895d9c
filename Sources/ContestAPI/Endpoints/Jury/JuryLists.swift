import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// The lists of judges, sheets and rounds.
///
/// Each is replaced as a whole, or gets one item more: `{"judges":[…]}`, or one judge without that member.
/// With `If-Match` it is replaced only if it is unchanged since it was read with that entity tag.
extension Router {
  /// `GET /api/judges`: the list, without any token.
  static let judges: Endpoint = { (site, request) throws(APIError) in
    try list(ofAdministrator: request, site, named: "judges") { jury in
      (jury.judges.map(\.publicJSON), ListMark(of: jury.judges))
    }
  }

  /// `GET /api/sheets`.
  static let sheets: Endpoint = { (site, request) throws(APIError) in
    try list(ofAdministrator: request, site, named: "sheets") { jury in
      (jury.sheets.map(\.json), ListMark(of: jury.sheets))
    }
  }

  /// `GET /api/rounds`.
  static let rounds: Endpoint = { (site, request) throws(APIError) in
    try list(ofAdministrator: request, site, named: "rounds") { jury in
      (jury.rounds.map(\.json), ListMark(of: jury.rounds))
    }
  }

  /// `POST /api/judges`.
  static let saveJudges: Endpoint = { (site, request) throws(APIError) in
    try replace(
      ListOf<Judge>(
        name: "judges", maxCount: Judge.maxCount, current: \.judges, mark: { ListMark(of: $0) },
        parse: { value, _ throws(Refusal) in try Judge(value) }, id: \.id,
        change: { .setJudges($0, replacing: $1) }), by: request, site)
  }

  /// `POST /api/sheets`.
  static let saveSheets: Endpoint = { (site, request) throws(APIError) in
    try replace(
      ListOf<Sheet>(
        name: "sheets", maxCount: Sheet.maxCount, current: \.sheets, mark: { ListMark(of: $0) },
        parse: { value, _ throws(Refusal) in try Sheet(value) }, id: \.id,
        change: { .setSheets($0, replacing: $1) }), by: request, site)
  }

  /// `POST /api/rounds`.
  static let saveRounds: Endpoint = { (site, request) throws(APIError) in
    try replace(
      ListOf<Round>(
        name: "rounds", maxCount: Round.maxCount, current: \.rounds, mark: { ListMark(of: $0) },
        parse: round, id: \.id, change: { .setRounds($0, replacing: $1) }),
      by: request, site)
  }

  /// `POST /api/judges/{id}/link`: a new link for a judge; the former one ends, with its sessions.
  static let linkJudge: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let id = request.pathSegments[2]
    let jury = try site.contest().state.jury
    guard let judge = jury.judge(id: id) else { throw .notFound("There is no judge “\(id)”.") }
    guard !judge.isRevoked else {
      throw APIError(
        .conflict, code: "revoked", "The link of \(judge.name) was taken away. Give it back first.")
    }
    let token = JudgeToken.random()
    let hash = JudgeToken.stored(ofSecret: token.sessionSecret)
    let receipt = try site.commit(.jury(.linkJudge(id: id, tokenHash: hash)))
    return .json([
      "success": true, "judge": judge.publicJSON, "token": .string(token.text),
      "link": .string("/judge#\(token.text)"), "transactionId": .string(receipt.transactionID),
    ])
  }

  private static func list(
    ofAdministrator request: Request, _ site: Site, named name: String,
    _ values: (Jury) -> ([JSONValue], ListMark)
  ) throws(APIError) -> Response {
    try site.requireAdministrator(request)
    let (list, mark) = values(try site.contest().state.jury)
    var response = Response.json(.object(JSONObject([.init(name: name, value: .array(list))])))
    response.fields[.eTag] = mark.tag
    return response
  }

  /// Reads a round; its categories and its sheet must be there.
  private static func round(_ value: JSONValue, _ contest: Contest) throws(Refusal) -> Round {
    let round = try Round(value)
    let listed = contest.knownCategories
    if let unknown = round.categories.first(where: { !listed.contains($0) }) {
      throw .unknownCategory(unknown)
    }
    guard contest.jury.sheet(id: round.sheet) != nil else {
      throw .malformed("There is no sheet “\(round.sheet)”. Make it first.")
    }
    return round
  }

  /// What a list is replaced with.
  private struct ListOf<Item> {
    let name: String
    let maxCount: Int
    let current: (Jury) -> [Item]
    let mark: ([Item]) -> ListMark
    let parse: (JSONValue, Contest) throws(Refusal) -> Item
    let id: (Item) -> String
    let change: ([Item], ListMark) -> JuryChange

    /// The list that a request asks for.
    func wanted(_ object: JSONObject, _ contest: Contest, newID: String) throws(Refusal) -> [Item] {
      let sent = object[name]
      guard let values = sent?.array ?? (sent == nil ? [.object(object)] : nil) else {
        throw .malformed("Send the list as {\"\(name)\":[…]}.")
      }
      var items = sent == nil ? current(contest.jury) : []
      for (index, value) in values.enumerated() {
        let item = try parse(Self.identified(value, newID: "\(newID)-\(index + 1)"), contest)
        guard !items.contains(where: { id($0) == id(item) }) else {
          throw .malformed("“\(id(item))” is listed twice.")
        }
        items.append(item)
      }
      guard items.count <= maxCount else {
        throw .malformed("There may be at most \(maxCount) \(name).")
      }
      return items
    }

    private static func identified(_ value: JSONValue, newID: String) -> JSONValue {
      guard var object = value.object, object["id"] == nil else { return value }
      object["id"] = .string(newID)
      return .object(object)
    }
  }

  /// Replaces a list, again if somebody else was quicker and the client did not say what it saw.
  private static func replace<Item>(
    _ list: ListOf<Item>, by request: Request, _ site: Site
  ) throws(APIError) -> Response {
    try site.requireAdministratorsWrite(request)
    let object = try JSONBody.object(of: request)
    let newID = site.surroundings.identifier()
    return try basedOnLatest(request) { () throws(APIError) in
      let contest = try site.contest().state
      // Errors of the request itself take precedence (RFC 9110, section 13.2.1).
      let items = try refusing { () throws(Refusal) in
        try list.wanted(object, contest, newID: newID)
      }
      let mark = list.mark(list.current(contest.jury))
      _ = try request.seen(mark)
      let receipt = try site.commit(.jury(list.change(items, mark)))
      return .json([
        "success": true, "transactionId": .string(receipt.transactionID),
        "ids": .array(items.map { .string(list.id($0)) }),
      ])
    }
  }
}
