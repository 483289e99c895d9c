import Foundation
import JSON
import TestSupport
import Testing

extension Contestant {
  /// Sends JSON as an administrator.
  func administrate(
    _ target: String, _ body: String, _ cookie: (String, String)
  ) throws -> Answer {
    try send(
      "POST", target, fields: [("Content-Type", "application/json"), cookie], body: Array(body.utf8)
    )
  }

  fileprivate func ids(of target: String) throws -> [String] {
    let lists = try send("GET", target).json.members.first {
      ["feed", "winners"].contains($0.name)
    }
    return (lists?.value.object?.members ?? []).flatMap { $0.value.array ?? [] }
      .compactMap { $0.object?["id"]?.string }
  }
}

private func entered(_ answer: Answer) throws -> (id: String, receipt: String, image: String) {
  let entry = try #require(answer.json["entry"]?.object, "\(answer.text)")
  return (
    entry["id"]?.string ?? "", answer.json["submissionId"]?.string ?? "",
    entry["imageUrl"]?.string ?? ""
  )
}

@Suite(.blocking) struct `The rules of a contest` {
  @Test(arguments: [Transport.direct, .fastCGI])
  func `close a category, which says so with 409, and let a repeated entry through`(
    _ transport: Transport
  ) throws {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    let key = [("Idempotency-Key", "before-closing-1")]
    #expect(try site.submit(Form(), fields: key).status == 200)
    for (clock, code, reason) in [
      (#""closed":true"#, "category_closed", "“The best” is closed: it takes no more entries."),
      (#""closesAt":1000"#, "category_closed", "“The best” is closed: it takes no more entries."),
      (#""opensAt":253402300000000"#, "category_not_open", "“The best” is not open yet."),
    ] {
      let list = #"{"categories":[{"id":"best","name":"The best",\#(clock)}]}"#
      #expect(try site.administrate("/api/categories", list, cookie).status == 200)
      let refused = try site.submit(Form(photo: png()))
      #expect(refused.status == 409 && refused.json["code"]?.string == code)
      #expect(refused.json["error"]?.string == reason)
      #expect(try names(in: site.dataDirectory + "/uploads").isEmpty)
      #expect(
        try site.send("GET", "/categories.json").text
          == #"[{"id":"best","name":"The best",\#(clock)}]"# + "\n")
      #expect(try site.submit(Form(), fields: key).json["replayed"] == true)
    }
    let open = #"{"categories":[{"id":"best","name":"The best"}]}"#
    #expect(try site.administrate("/api/categories", open, cookie).status == 200)
    #expect(try site.submit(Form()).status == 200)
    let wrong = #"{"categories":[{"id":"best","name":"B","closesAt":"soon"}]}"#
    #expect(try site.administrate("/api/categories", wrong, cookie).status == 400)
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `let an entry wait for approval, where that is wanted`(_ transport: Transport) throws {
    let site = try Contestant(transport, ["MODERATION": "on"])
    let cookie = try site.logIn()
    let first = try site.submit(Form(photo: png()))
    #expect(first.json["entry"]?.object?["status"] == "pending")
    let (id, receipt, image) = try entered(first)
    let other = try entered(try site.submit(Form(photo: png())))
    try isHidden(id, receipt, image, site, cookie)

    let decision = #"{"approve":["\#(id)"],"reject":["\#(other.id)"]}"#
    let answer = try site.administrate("/api/moderation", decision, cookie)
    #expect(answer.status == 200 && answer.json["transactionIds"]?.array?.count == 2)
    #expect(try site.ids(of: "/api/feed") == [id])
    #expect(try site.send("GET", "/api/submissions/\(receipt)").json["status"] == "approved")
    #expect(try site.send("GET", "/api/submissions/\(other.receipt)").json["status"] == "rejected")
    let uploads = site.dataDirectory + "/uploads/"
    let hidden = other.image.dropFirst("/uploads/".count) + ".rejected"
    #expect(
      Set(try names(in: uploads)) == [String(image.dropFirst("/uploads/".count)), String(hidden)])
    if transport == .fastCGI {
      #expect(try site.send("GET", image).status == 200)
      for path in [
        "/api/submissions/\(other.receipt)/photo", other.image, other.image + ".rejected",
        other.image.replacingOccurrences(of: "/uploads/", with: "/thumbs/480/"),
      ] { #expect(try site.send("GET", path).status == 404, "\(path)") }
    }
    // It was a mistake.
    let mercy = #"{"approve":["\#(other.id)"]}"#
    #expect(try site.administrate("/api/moderation", mercy, cookie).status == 200)
    #expect(Set(try site.ids(of: "/api/feed")) == [id, other.id])
    if transport == .fastCGI { #expect(try site.send("GET", other.image).status == 200) }
    #expect(
      try site.send("DELETE", "/api/submissions/\(other.id)", fields: [cookie]).status == 200)
    #expect(try names(in: uploads).count == 1)
  }

  /// While an entry waits its photo is for organizers, and for whoever has the receipt.
  private func isHidden(
    _ id: String, _ receipt: String, _ image: String, _ site: Contestant,
    _ cookie: (String, String)
  ) throws {
    #expect(try site.ids(of: "/api/feed").isEmpty)
    #expect(try site.send("GET", "/api/submissions/\(receipt)").json["status"] == "pending")
    let name = String(image.dropFirst("/uploads/".count))
    #expect(try site.send("GET", image).status == 404)
    #expect(try site.send("GET", "/thumbs/480/\(name)").status == 404)
    #expect(try site.send("GET", "/api/photos/\(name)").status == 401)
    for target in ["/api/photos/\(name)", "/api/submissions/\(receipt)/photo"] {
      let shown = try site.send("GET", target, fields: [cookie])
      #expect(shown.status == 200 && shown.body == png(), "\(target)")
      #expect(shown.fields["cache-control"] == "private, no-store")
    }
    let metrics = try site.send("GET", "/api/metrics", fields: [cookie]).text
    #expect(!metrics.contains(id))
  }

  @Test func `refuse decisions that are none`() throws {
    let site = try Contestant(.direct)
    let cookie = try site.logIn()
    let id = try entered(try site.submit(Form())).id
    for (body, status) in [
      ("{}", 400), (#"{"approve":[]}"#, 400), (#"{"approve":"all"}"#, 400),
      (#"{"reject":[1]}"#, 400),
      (#"{"reject":["\#(id)","nobody"]}"#, 404),
    ] {
      #expect(try site.administrate("/api/moderation", body, cookie).status == status, "\(body)")
    }
    #expect(try site.send("POST", "/api/moderation", body: Array("{}".utf8)).status == 401)
    #expect(try site.ids(of: "/api/feed") == [id])
  }

  @Test(arguments: [Transport.direct, .fastCGI])
  func `publish winners by category or all at once, and take them back`(
    _ transport: Transport
  ) throws {
    let site = try Contestant(transport, ["PLACES_PER_CATEGORY": "3"])
    let cookie = try site.logIn()
    var ids: [String: String] = [:]
    for category in ["best", "worst"] {
      ids[category] = try entered(try site.submit(Form(fields: [("category", category)]))).id
    }
    let (best, worst) = (ids["best"] ?? "", ids["worst"] ?? "")
    #expect(try site.administrate("/api/publish-winners", "{}", cookie).status == 409)
    #expect(try site.administrate("/api/undo-winners", "{}", cookie).status == 409)

    let draft = #"{"winners":{"best":["\#(best)"],"worst":["\#(worst)"]}}"#
    #expect(try site.administrate("/api/winners-draft", draft, cookie).status == 200)
    #expect(try site.ids(of: "/api/winners").isEmpty)
    #expect(try site.send("GET", "/api/winners-draft").status == 401)
    #expect(
      try site.send("GET", "/api/winners-draft", fields: [cookie]).text
        == #"{"draft":{"best":["\#(best)"],"worst":["\#(worst)"]},"published":{},"before":{}}"#
        + "\n")

    let one = #"{"categories":["worst"]}"#
    #expect(try site.administrate("/api/publish-winners", one, cookie).status == 200)
    #expect(try site.ids(of: "/api/winners") == [worst])
    #expect(try site.administrate("/api/publish-winners", one, cookie).status == 409)
    #expect(try site.administrate("/api/publish-winners", "{}", cookie).status == 200)
    #expect(Set(try site.ids(of: "/api/winners")) == [best, worst])
    for expected in [[worst], [worst, best]] {
      #expect(try site.administrate("/api/undo-winners", "{}", cookie).status == 200)
      #expect(try site.ids(of: "/api/winners") == expected)
    }
  }

  @Test(.timeLimit(.minutes(20)))
  func `are told live`() throws {
    let site = try RunningSite(["MODERATION": "on"])
    let text = try events(site.port, seconds: 20, until: "winnersUpdated") {
      let fields = try site.logIn()
      let (id, _, _) = try entered(try site.submit(Form()))
      for (target, body) in [
        ("/api/moderation", #"{"approve":["\#(id)"]}"#),
        ("/api/winners-draft", #"{"winners":{"best":["\#(id)"]}}"#),
        ("/api/moderation", #"{"reject":["\#(id)"]}"#), ("/api/publish-winners", "{}"),
      ] {
        let answer = try site.send("POST", target, fields: fields, body: Array(body.utf8))
        #expect(answer.status == 200, "\(target): \(answer.text)")
      }
    }
    #expect(
      eventNames(in: text) == [
        "submissionPending", "entryApproved", "winnersDrafted", "submissionRemoved",
        "winnersUpdated",
      ])
    #expect(text.contains(#"data: {"category":"best"}"#))
    #expect(text.contains(#""artist":"Anonymous Artist""#) && text.contains(#""category":"best"}"#))
    #expect(text.contains(#"data: {"categories":["best"]}"#))
  }

  @Test func `are told to browsers without scripts as text, never as markup`() throws {
    let site = try Contestant(
      .direct, ["CONSENT": "a <b> & \"c\"", "RULES": "\u{301}<i>\u{600}<u>"])
    let form = try site.send("GET", "/enter?category=best").text
    #expect(form.contains("a &lt;b&gt; &amp; &quot;c&quot;") && !form.contains("<i>"))
    #expect(form.contains("&lt;u&gt;") && form.contains("<option value=\"best\" selected>Best"))
    let page = [("Accept", "text/html,*/*;q=0.8")]
    // A sign behind one that combines with it.
    for hostile in ["\u{600}<meta http-equiv=refresh>", "\"\u{301}'<script>"] {
      let answer = try site.submit(Form(fields: [("category", hostile)]), fields: page)
      #expect(answer.status == 400 && answer.fields["content-type"] == "text/html; charset=utf-8")
      #expect(!answer.text.contains("<meta http") && !answer.text.contains("<script"))
      #expect(answer.text.contains("&lt;"))
    }
    let german = try site.submit(Form(), fields: page + [("Accept-Language", "de-CH, en;q=0.5")])
    #expect(german.status == 200 && german.text.contains("<h1>Du bist dabei</h1>"))
    #expect(
      try site.submit(Form(), fields: [("Accept", "application/json, text/html")]).json["success"]
        == true)
  }

  @Test(.timeLimit(.minutes(20)))
  func `keep what was published before, though two publish and two take back at once`() async throws
  {
    let site = try RunningSite()
    let fields = try site.logIn()
    let port = site.port
    func post(_ target: String, _ body: String) throws -> Int {
      try site.send("POST", target, fields: fields, body: Array(body.utf8)).status
    }
    func both(_ target: String) async throws -> [Int] {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<2 {
          group.addTask {
            try HTTPClient.send("POST", target, fields: fields, body: Array("{}".utf8), port: port)
              .status
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }.sorted()
      }
    }
    for round in 0..<20 {
      #expect(try post("/api/save-winners", #"{"winners":{"best":["old\#(round)"]}}"#) == 200)
      #expect(try post("/api/winners-draft", #"{"winners":{"best":["new\#(round)"]}}"#) == 200)
      #expect(try await both("/api/publish-winners") == [200, 409])
      let state = try site.send("GET", "/api/winners-draft", fields: fields).json
      #expect(state["published"] == ["best": .array([.string("new\(round)")])])
      #expect(state["before"] == ["best": .array([.string("old\(round)")])])
      // One after the other undoes it twice, at once only once.
      let undone = try await both("/api/undo-winners")
      #expect(undone == [200, 200] || undone == [200, 409])
      let after = try site.send("GET", "/api/winners-draft", fields: fields).json
      let lists = [after["published"], after["before"]].compactMap(\.self)
      #expect(lists.count == 2 && lists[0] != lists[1])
    }
  }

  @Test(.timeLimit(.minutes(20)))
  func `leave an entry and its photo agreeing, though two decide at once`() async throws {
    let site = try RunningSite(["MODERATION": "on"])
    let fields = try site.logIn()
    let port = site.port
    for _ in 0..<15 {
      let (id, receipt, image) = try entered(try site.submit(Form(photo: png())))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for decision in ["approve", "reject"] {
          group.addTask {
            _ = try HTTPClient.send(
              "POST", "/api/moderation", fields: fields,
              body: Array(#"{"\#(decision)":["\#(id)"]}"#.utf8), port: port)
          }
        }
        try await group.waitForAll()
      }
      let status = try site.send("GET", "/api/submissions/\(receipt)").json["status"]?.string
      #expect(try site.send("GET", image).status == (status == "approved" ? 200 : 404))
    }
  }
}
