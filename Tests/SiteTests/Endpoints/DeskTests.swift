import Foundation
import JSON
import TestSupport
import Testing
import Threads

/// What two desks, two sites and an old cookie do to one another: nothing.
@Suite(.serialized, .blocking) struct `The organizers' desk` {
  private func categories(_ names: [String]) -> [UInt8] {
    let list = names.map { "{\"id\":\"\($0)\",\"name\":\"\($0)\"}" }.joined(separator: ",")
    return Array("{\"categories\":[\(list)]}".utf8)
  }

  private func save(
    _ site: Contestant, _ names: [String], _ cookie: (String, String), ifMatch tag: String?
  ) throws -> Answer {
    try site.send(
      "POST", "/api/categories",
      fields: [cookie, ("Content-Type", "application/json")]
        + (tag.map { [("If-Match", $0)] } ?? []),
      body: categories(names))
  }

  // Two desks had the list open; the second saved what it had and wiped the first one's category, and
  // both were told that it was saved.
  @Test(arguments: [Transport.direct, .fastCGI])
  func `does not wipe what another desk has saved meanwhile`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    let cookie = try site.logIn()
    let tag = try #require(try site.send("GET", "/categories.json").fields["etag"])
    // Entries that come in meanwhile are no change of the list.
    _ = try site.submit(Form())
    #expect(try save(site, ["best", "one"], cookie, ifMatch: tag).status == 200)
    for stale in [tag, "W/" + tag, "\"fffff-1\"", "\"x\"", "x"] {
      let refused = try save(site, ["best", "two"], cookie, ifMatch: stale)
      #expect(refused.status == 412 && refused.json["code"] == "changed_meanwhile", "\(stale)")
    }
    #expect(try site.send("GET", "/categories.json").text.contains("one"))
    let current = try #require(try site.send("GET", "/categories.json").fields["etag"])
    #expect(
      try save(site, ["best", "two"], cookie, ifMatch: "\"0-0\", W/" + current).status == 200)
    #expect(try save(site, ["best", "three"], cookie, ifMatch: "*").status == 200)
    #expect(try save(site, ["best"], cookie, ifMatch: nil).status == 200)
  }

  @Test func `lets one of six in who save at once`() throws {
    let site = try RunningSite()
    let cookie = try site.logIn()
    let tag = try #require(try site.send("GET", "/categories.json").fields["etag"])
    let (port, statuses) = (site.port, Recorder())
    inThreads(6) { number in
      let body = Array(
        "{\"categories\":[{\"id\":\"best\",\"name\":\"B\"},{\"id\":\"n\(number)\",\"name\":\"N\"}]}"
          .utf8)
      let answer = try? HTTPClient.send(
        "POST", "/api/categories", fields: cookie + [("If-Match", tag)], body: body, port: port)
      statuses.append(answer?.status ?? 0)
    }
    #expect(statuses.all.sorted() == [200, 412, 412, 412, 412, 412])
  }

  // Cookies know no ports: whoever logged in at the second contest on a host was logged out at the first.
  @Test func `has a cookie of its own, and is not put off by an old one`() throws {
    let (one, other) = (try Contestant(.direct), try Contestant(.direct))
    let cookies = [try one.logIn().1, try other.logIn().1]
    let names = cookies.map { $0.prefix { $0 != "=" } }
    #expect(names[0] != names[1])
    let old = "\(names[0])=1.x.\(String(repeating: "0", count: 64)); "
    for field in [cookies.joined(separator: "; "), old + cookies[0], cookies[0] + "; " + old] {
      #expect(
        try one.send("GET", "/api/session", fields: [("Cookie", field)]).json["loggedIn"] == true)
    }
    #expect(
      try one.send("GET", "/api/session", fields: [("Cookie", cookies[1])]).json["loggedIn"]
        == false)
  }

  @Test func `asks for the entries that it has been told of, and no others`() throws {
    let site = try Contestant(.direct)
    let cookie = try site.logIn()
    let ids = try (0..<3).map { _ in
      try site.submit(Form()).json["entry"]?.object?["id"]?.string ?? ""
    }
    let answer = try site.send(
      "GET", "/api/submissions?ids=\(ids[0]),\(ids[2]),none", fields: [cookie])
    let found = answer.json["submissions"]?.object?["best"]?.array?.map { $0.object?["id"]?.string }
    #expect(found == [ids[2], ids[0]])
  }

  @Test func `asks for the newest of each category, and how many there are`() throws {
    let site = try Contestant(.direct)
    let cookie = try site.logIn()
    let ids = try (0..<3).map { _ in
      try site.submit(Form()).json["entry"]?.object?["id"]?.string ?? ""
    }
    for (number, expected) in [("0", []), ("2", [ids[2], ids[1]]), ("200", ids.reversed())] {
      let answer = try site.send("GET", "/api/submissions?newest=\(number)", fields: [cookie])
      let found = answer.json["submissions"]?.object?["best"]?.array?.map {
        $0.object?["id"]?.string
      }
      #expect(found == expected, "\(number)")
      #expect(answer.json["counts"]?.object?["best"] == .int(3))
    }
    for number in ["-1", "201", "x", ""] {
      let answer = try site.send("GET", "/api/submissions?newest=\(number)", fields: [cookie])
      #expect(answer.status == 400, "\(number)")
    }
  }
}
