import Foundation
import TestSupport
import Testing

@Suite(.serialized, .blocking)
struct `The OpenAPI description` {
  private let description = Checkout.top + "/docs/openapi.yaml"

  private func text() throws -> String { try String(contentsOfFile: description, encoding: .utf8) }

  @Test func `has every path that a responder answers, and the program's version`() throws {
    let described = Set(
      try text().matches(of: /(?m)^  (\/[^:]*):$/)
        .map { String($0.output.1.replacing(/\{\w+\}/, with: "{id}")) })
    let router = try String(
      contentsOfFile: Checkout.top + "/Sources/ContestAPI/HTTP/Router.swift", encoding: .utf8)
    let answered = router.matches(of: /path: "(\/[^"]*)", endpoints: \[\(\.\w+, (\w+)\)/)
      .filter { $0.output.2 != "file" }.map { String($0.output.1) }
    #expect(answered.count > 20)
    for path in answered where path != "/uploads/" {
      let template = path.replacingOccurrences(of: "*", with: "{id}")
      #expect(described.contains(path.hasSuffix("/") ? path + "{id}" : template), "\(path)")
    }
    let version = try run(Checkout.top + "/.build/release/contestctl", ["--version"])
    let number = String(decoding: version.output, as: UTF8.self).trimmingCharacters(in: .newlines)
    #expect(try text().contains("\n  version: \(number)\n"))
  }

  /// Schemathesis makes requests of the description and holds the answers against it.
  ///
  /// It looks at status, media type, content, header fields, methods, and that nobody gets in without
  /// a session. Only that a valid request may still be refused, because there is no such category,
  /// it cannot know.
  @Test(.timeLimit(.minutes(20)))
  func `is what the running site does`() throws {
    let site = try RunningSite(["METRICS_TOKEN": "a-token", "SUBMIT_RATE": "100000"])
    _ = try site.submit(Form(photo: png()))
    let home = try TemporaryDirectory()
    let cookie = try site.logIn().first { $0.0 == "Cookie" }?.1 ?? ""
    try write(
      """
      [auth.openapi.session]
      api_key = "\(cookie.split(separator: "=").last ?? "")"
      [auth.openapi.metricsToken]
      bearer = "a-token"
      """, to: home.file("schemathesis.toml"))
    // The cookie's name is the site's own.
    let name = String(cookie.prefix { $0 != "=" })
    let described = home.file("openapi.yaml")
    try write(
      try text().replacingOccurrences(of: "contest_session_00000000", with: name), to: described)
    let result = try schemathesis(described, site, home)
    let said = String(decoding: result.output, as: UTF8.self)
    #expect(result.status == 0, "\(said.suffix(6000))")
    // It has asked for much, and has not only found the door closed.
    let count = said.firstMatch(of: /(\d+) generated/).flatMap { Int($0.output.1) } ?? 0
    #expect(count > 500, "\(said.suffix(2000))")
    #expect(try site.send("GET", "/ready").status == 200)
    let checked = try run(
      Checkout.top + "/.build/release/contestctl", ["verify", "--data-dir", site.dataDirectory])
    #expect(checked.status == 0, "\(String(decoding: checked.output, as: UTF8.self))")
  }

  private func schemathesis(
    _ described: String, _ site: RunningSite, _ home: TemporaryDirectory
  ) throws -> (status: Int32, output: [UInt8], errors: String) {
    let packages = Checkout.top + "/.build/openapi"
    return try run(
      // Where it runs it leaves what it has learnt.
      "/bin/sh",
      [
        "-c", "cd \"$HOME\" && exec /usr/bin/python3 \"$@\"", "sh",
        packages + "/bin/schemathesis", "--config-file", home.file("schemathesis.toml"), "run",
        described, "--url", "http://127.0.0.1:\(site.port)", "--exclude-checks",
        "positive_data_acceptance", "--exclude-path", "/api/setup", "--exclude-path",
        "/api/logout", "--max-examples", "20", "--generation-deterministic",
        "--continue-on-failure", "--no-color",
        // How quickly this machine makes up requests says nothing about the site.
        "--suppress-health-check", "too_slow",
      ],
      environment: ["PATH": "/usr/bin:/bin", "PYTHONPATH": packages, "HOME": home.path])
  }
}
