import Foundation
import JSON
import TestSupport
import Testing

/// A site with three entries whose audience has ten codes.
struct Vote {
  let site: Contestant
  let cookie: (String, String)
  let entries: [String]
  let codes: [String]

  init(
    _ transport: Transport, isOpen: Bool = true, choices: Int = 2,
    _ settings: [String: String] = [:]
  ) throws {
    let site = try Contestant(transport, settings)
    let cookie = try site.logIn()
    entries = try (0..<3).map { number in
      let form = Form(fields: [("category", "best"), ("caption", "entry \(number)")])
      return try #require(try site.submit(form).json["entry"]?.object?["id"]?.string)
    }
    (self.site, self.cookie) = (site, cookie)
    func send(_ path: String, _ json: String) throws -> Answer {
      try site.send(
        "POST", path, fields: [("Content-Type", "application/json"), cookie],
        body: Array(json.utf8))
    }
    #expect(try send("/api/voting", #"{"choices":\#(choices)}"#).status == 200)
    let batch = try send("/api/vote-batches", #"{"count":10}"#)
    codes = batch.json["codes"]?.array?.compactMap(\.string) ?? []
    #expect(codes.count == 10)
    if isOpen { #expect(try send("/api/voting/open", "{}").status == 200) }
  }

  func send(
    _ method: String, _ path: String, _ json: String = "{}", isAdministrators: Bool = false,
    fields: [(String, String)] = []
  ) throws -> Answer {
    try site.send(
      method, path,
      fields: [("Content-Type", "application/json")] + (isAdministrators ? [cookie] : []) + fields,
      body: method == "GET" ? [] : Array(json.utf8))
  }

  func vote(_ code: String, _ choices: [Int], fields: [(String, String)] = []) throws -> Answer {
    let ids = choices.map { "\"\(entries[$0])\"" }.joined(separator: ",")
    return try send(
      "POST", "/api/vote", #"{"code":"\#(code)","choices":[\#(ids)]}"#, fields: fields)
  }

  /// A browser's cookie, as it gets it with the list.
  func browser() throws -> (String, String) {
    let list = try send("POST", "/api/vote/check")
    #expect(list.status == 200 && list.json["entries"]?.array?.count == 3)
    let cookie = try #require(list.fields["set-cookie"])
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite"))
    return ("Cookie", String(cookie.prefix { $0 != ";" }))
  }

  func send(_ choice: Int, from cookie: (String, String)?) throws -> Answer {
    try send(
      "POST", "/api/vote", #"{"choices":["\#(entries[choice])"]}"#,
      fields: cookie.map { [$0] } ?? [])
  }

  @discardableResult
  func organize(
    _ action: String, _ json: String = "{}", status: Int = 200,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Answer {
    let answer = try send("POST", "/api/" + action, json, isAdministrators: true)
    #expect(answer.status == status, "\(action): \(answer.text)", sourceLocation: sourceLocation)
    return answer
  }
}
