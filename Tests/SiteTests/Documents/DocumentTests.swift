import Foundation
import TestSupport
import Testing

private let isLong = ProcessInfo.processInfo.environment["CONTEST_LONG_SWEEP"] != nil

/// The commands of a document, block by block: those of blocks marked with the word, and no other.
private func blocks(of document: String, marked word: String) throws -> [String] {
  let text = try String(contentsOfFile: Checkout.top + "/" + document, encoding: .utf8)
  var blocks: [String] = []
  var isInside = false
  for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
    if line.hasPrefix("```") {
      isInside = line == "```\(word)"
      if isInside { blocks.append("") }
    } else if isInside {
      blocks[blocks.count - 1] += line + "\n"
    }
  }
  return blocks
}

private let documents = [
  "README.md", "CONTRIBUTING.md", "docs/style.md", "docs/api.md", "docs/architecture.md",
  "docs/judging.md", "docs/live.md", "docs/operations.md", "docs/photos.md", "docs/privacy.md",
  "docs/storage.md", "docs/voting.md",
]

@Suite(.serialized, .blocking)
struct `The documents` {
  @Test func `mark each block of commands with where it is run`() throws {
    for document in documents {
      let text = try String(contentsOfFile: Checkout.top + "/" + document, encoding: .utf8)
      let marks = text.matches(of: /(?m)^```(.*)$/).map { String($0.output.1) }
      #expect(marks.count.isMultiple(of: 2), "\(document)")
      for (index, mark) in marks.enumerated() {
        let known = ["", "mermaid", "json", "sh", "sh debian", "sh elsewhere", "nginx", "text"]
        #expect(
          index.isMultiple(of: 2) ? known.contains(mark) : mark.isEmpty, "\(document): \(mark)")
      }
    }
  }

  /// A table's row cannot be broken; everything else can be read in a diff.
  @Test func `have no line over 120 bytes`() throws {
    for document in documents + ["CHANGELOG.md"] {
      let text = try String(contentsOfFile: Checkout.top + "/" + document, encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for (number, line) in lines.enumerated() where !line.hasPrefix("|") {
        #expect(line.utf8.count <= 120, "\(document):\(number + 1)")
      }
    }
  }

  /// The manifest tells the direct dependencies; the document leaves out what another one leads to.
  @Test func `have the graph of modules that the manifest has`() throws {
    let imports = try Manifest().imports
    func isReached(_ module: String, from other: String) -> Bool {
      imports[other, default: []].contains { $0 == module || isReached(module, from: $0) }
    }
    let arrows = imports.flatMap { name, modules in
      modules.filter { module in
        !modules.contains { $0 != module && isReached(module, from: $0) }
      }.map { "  \(name) --> \($0)" }
    }
    let drawn = try blocks(of: "docs/architecture.md", marked: "mermaid").joined()
    #expect(drawn.split(separator: "\n").dropFirst().map(String.init) == arrows.sorted())
    let text = try String(
      contentsOfFile: Checkout.top + "/docs/architecture.md", encoding: .utf8)
    for name in imports.keys where !name.hasPrefix("C") || name.contains("API") {
      #expect(text.contains("| `\(name)` |") || text.contains("/\(name)/main.swift"), "\(name)")
    }
  }

  @Test(.timeLimit(.minutes(20)), arguments: documents)
  func `have commands for a checkout that work`(_ document: String) throws {
    let commands = try blocks(of: document, marked: "sh")
    guard !commands.isEmpty else { return }
    let site = try RunningSite()
    var script = commands.joined(separator: "\n")
    // The tests do not run themselves; the site is at another port, and one of several.
    for (written, here) in [
      ("localhost:3000", "127.0.0.1:\(site.port)"), ("127.0.0.1:3000", "127.0.0.1:\(site.port)"),
      ("var/data", site.dataDirectory),
      (
        "pkill -9 -x tattoo-contest",
        "kill -9 \(site.responders.map(String.init).joined(separator: " "))"
      ),
    ] { script = script.replacing(written, with: here) }
    script = script.split(separator: "\n").filter { line in
      !["scripts/serve", "scripts/test", "scripts/bench", "scripts/package"].contains {
        line.hasPrefix($0)
      }
    }.joined(separator: "\n")
    let home = try TemporaryDirectory()
    try write("set -euo pipefail\ncd '\(Checkout.top)'\n\(script)\n", to: home.file("script"))
    let environment = ProcessInfo.processInfo.environment.merging([
      "DATA_DIR": site.dataDirectory, "PORT": String(site.port), "CONTEST_OUT": home.path,
    ]) { $1 }
    let result = try run("/bin/bash", [home.file("script")], environment: environment)
    let said = String(decoding: result.output, as: UTF8.self)
    #expect(result.status == 0, "\(script)\n\(said)\(result.errors)")
  }

  @Test func `name scripts that are there`() throws {
    for document in documents {
      let text = try String(contentsOfFile: Checkout.top + "/" + document, encoding: .utf8)
      for match in text.matches(of: /scripts\/[a-z-]+/) {
        let path = Checkout.top + "/" + match.output
        #expect(FileManager.default.fileExists(atPath: path), "\(document): \(match.output)")
      }
    }
  }

  @Test(.enabled(if: isLong), .timeLimit(.minutes(20)))
  func `have commands for a server that work on one`() throws {
    let result = try run(
      Checkout.top + "/Tests/Packages/documents",
      [
        Checkout.top + "/docs/operations.md", try machineRoot(), try makePackage(),
        try makePackage(revision: 2),
      ], environment: ProcessInfo.processInfo.environment)
    let said = String(decoding: result.output, as: UTF8.self)
    #expect(result.status == 0, "\(said)\(result.errors)")
    let count = try blocks(of: "docs/operations.md", marked: "sh debian").count
    #expect(count >= 18 && said.contains("blocks were run."))
  }

  @Test(.enabled(if: isLong))
  func `have alert rules that Prometheus takes, about metrics that there are`() throws {
    let alerts = Checkout.top + "/docs/alerts.yaml"
    let checked = try run("/usr/bin/promtool", ["check", "rules", alerts])
    #expect(checked.status == 0, "\(checked.errors)")
    let site = try RunningSite(["METRICS_TOKEN": "a token"])
    _ = try site.submit(Form())
    #expect(try site.submit(Form(fields: [("category", "none")])).status == 400)
    try eventually("all is there") {
      let page = try metrics(of: site)
      return page.contains("contest_transactions_total 1\n") && page.contains("contest_live_up 1\n")
    }
    let page = try metrics(of: site)
    let read = try run("/usr/bin/promtool", ["check", "metrics"], input: Array(page.utf8))
    #expect(read.status == 0, "\(read.errors)")
    let shown = try String(
      contentsOfFile: Checkout.top + "/docs/grafana-dashboard.json", encoding: .utf8)
    let asked = try String(contentsOfFile: alerts, encoding: .utf8) + shown
    for name in Set(asked.matches(of: /contest_[a-z_]+/).map { String($0.output) }) {
      #expect(page.contains("\n\(name) ") || page.contains("\n\(name){"), "\(name)")
    }
  }

  private func metrics(of site: RunningSite) throws -> String {
    try site.send("GET", "/metrics", fields: [("Authorization", "Bearer a token")]).text
  }
}
