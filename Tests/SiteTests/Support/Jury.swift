import Foundation
import JSON
import Testing

/// A site with entries, judges, a sheet and a round, as an organizer sets them up.
struct Jury {
  let site: Contestant
  let cookie: (String, String)
  /// The entries' identifiers, in the order of their numbers.
  private(set) var entries: [String] = []
  /// Each judge's session.
  private(set) var sessions: [String: (String, String)] = [:]
  private(set) var tokens: [String: String] = [:]

  static let sheet =
    #"{"id":"tattoo","name":"Tattoo","criteria":[{"id":"line","name":"Line","min":1,"max":10,"weight":2},"#
    + #"{"id":"idea","name":"Idea"}]}"#

  init(
    _ transport: Transport, judges: [String] = ["kim", "lee", "ole"], entries count: Int = 3,
    settings: [String: String] = [:]
  ) throws {
    site = try Contestant(transport, settings)
    cookie = try site.logIn()
    for number in 0..<count {
      let form = Form(fields: [
        ("category", "best"), ("caption", "tattoo \(number)"), ("name", "Nobody Knows"),
        ("phone", "0170 1234567"), ("artist", "Secret Artist"), ("studio", "Secret Studio"),
      ])
      let answer = try site.submit(form)
      entries.append(try #require(answer.json["entry"]?.object?["id"]?.string))
    }
    try expect(200, "POST", "/api/sheets", #"{"sheets":[\#(Self.sheet)]}"#)
    let list = judges.map {
      #"{"id":"\#($0)","name":"\#($0.uppercased())","studio":"Own","panels":null}"#
    }
    try expect(200, "POST", "/api/judges", #"{"judges":[\#(list.joined(separator: ","))]}"#)
    for judge in judges { try link(judge) }
    try expect(
      200, "POST", "/api/rounds",
      #"{"rounds":[{"id":"first","name":"Best","sheet":"tattoo","from":{"category":"best"},"minJudges":2}]}"#
    )
  }

  /// Sends JSON as the organizer, or as whoever the cookie says.
  func send(
    _ method: String, _ path: String, _ json: String = "{}", as session: (String, String)? = nil,
    fields: [(String, String)] = []
  ) throws -> Answer {
    try site.send(
      method, path, fields: [("Content-Type", "application/json"), session ?? cookie] + fields,
      body: method == "GET" ? [] : Array(json.utf8))
  }

  @discardableResult
  func expect(
    _ status: Int, _ method: String, _ path: String, _ json: String = "{}",
    as session: (String, String)? = nil, fields: [(String, String)] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Answer {
    let answer = try send(method, path, json, as: session, fields: fields)
    #expect(
      answer.status == status, "\(method) \(path): \(answer.text)", sourceLocation: sourceLocation)
    return answer
  }

  /// Gives a judge a new link, and opens it.
  mutating func link(_ judge: String) throws {
    let answer = try expect(200, "POST", "/api/judges/\(judge)/link")
    let token = try #require(answer.json["token"]?.string)
    #expect(answer.json["link"]?.string == "/judge#\(token)")
    tokens[judge] = token
    sessions[judge] = try open(token)
  }

  /// The session that a token opens.
  func open(_ token: String) throws -> (String, String) {
    let answer = try site.send(
      "POST", "/api/judge/session", fields: [("Content-Type", "application/json")],
      body: Array(#"{"token":"\#(token)"}"#.utf8))
    #expect(answer.status == 200, "\(answer.text)")
    let cookie = answer.fields["set-cookie"] ?? ""
    #expect(cookie.contains("Path=/api/judge;") && cookie.contains("HttpOnly"))
    return ("Cookie", cookie.split(separator: ";").first.map(String.init) ?? "")
  }

  /// Sends a card.
  func card(
    _ judge: String, _ entry: Int, _ scores: String, revision: Int = 1, state: String = "final",
    round: String = "first", fields: [(String, String)] = []
  ) throws -> Answer {
    try send(
      "PUT", "/api/judge/scorecards/\(round)/\(entries[entry])",
      #"{"revision":\#(revision),"scores":\#(scores),"state":"\#(state)","clientAt":1793000000000}"#,
      as: sessions[judge], fields: fields)
  }

  /// Marks an entry with the same mark in both criteria.
  func mark(
    _ judge: String, _ entry: Int, _ mark: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let answer = try card(judge, entry, #"{"line":\#(mark),"idea":\#(mark)}"#)
    #expect(answer.status == 200, "\(answer.text)", sourceLocation: sourceLocation)
  }

  func data() throws -> JSONObject {
    let text = try #require(FileManager.default.contents(atPath: site.dataDirectory + "/data.json"))
    return try #require(try JSONValue(parsing: Array(text)).object)
  }
}
