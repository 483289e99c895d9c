import Foundation
import JSON
import TestSupport
import Testing

@Suite(.serialized, .blocking)
struct `Several front ends` {
  /// The configuration that the documents give, at other addresses.
  private func frontEnd(_ home: TemporaryDirectory, port: Int, site: Int) throws -> String {
    let document = try String(
      contentsOfFile: Checkout.top + "/docs/operations.md", encoding: .utf8)
    let block = try #require(document.firstMatch(of: /(?s)```nginx\n(.*?)```/))
    var text = String(block.output.1)
    for (written, here) in [
      ("listen 80;", "listen 127.0.0.1:\(port);"), ("10.0.0.5:80", "127.0.0.1:\(site)"),
      ("/var/cache/nginx/contest", home.file("cache")),
    ] {
      #expect(text.contains(written))
      text = text.replacing(written, with: here)
    }
    return text
  }

  @Test(.timeLimit(.minutes(20)))
  func `share one site: entries, photos, events and organizers come through each`() throws {
    let site = try RunningSite(["SUBMIT_RATE": "60"])
    let homes = [try TemporaryDirectory(), try TemporaryDirectory()]
    let ports = [RunningSite.freePort(), RunningSite.freePort()]
    let ends = try zip(homes, ports).map { home, port in
      try WebServer(
        try frontEnd(home, port: port, site: site.port), home: home, port: port)
    }
    defer { withExtendedLifetime(ends) {} }
    let listener = try HTTPClient.listen(port: ports[1])
    defer { close(listener) }
    let entered = try RunningSite.submit(
      Form(photo: png(extraBytes: 3_000_000)), fields: [("Origin", "http://127.0.0.1:\(ports[0])")],
      port: ports[0])
    #expect(entered.status == 200)
    let id = entered.json["entry"]?.object?["id"]?.string ?? "none"
    // Told through the other front end, at once.
    var told = ""
    var buffer = [UInt8](repeating: 0, count: 65_536)
    try eventually("the other front end's visitor is told") {
      let count = recv(listener, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 { told += String(decoding: buffer[..<count], as: UTF8.self) }
      return told.contains(id)
    }
    #expect(try HTTPClient.send("GET", "/api/feed", port: ports[1]).text.contains(id))
    let image = entered.json["entry"]?.object?["imageUrl"]?.string ?? ""
    for port in ports { #expect(try HTTPClient.send("GET", image, port: port).status == 200) }
    // An organizer's write is held against the address that his browser sees.
    for (origin, status) in [(ports[1], 200), (site.port, 403)] {
      let login = try HTTPClient.send(
        "POST", "/api/login", fields: [("Origin", "http://127.0.0.1:\(origin)")],
        body: Array("{\"password\":\"\(RunningSite.password)\"}".utf8), port: ports[1])
      #expect(login.status == status)
    }
    // Photos are kept: they are there while the site is not.
    site.stop()
    #expect(try HTTPClient.send("GET", image, port: ports[0]).status == 200)
  }
}
