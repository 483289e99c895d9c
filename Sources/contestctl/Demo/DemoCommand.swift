import ArgumentParser
import CGI
import ChildProcess
import Contest
import ContestAPI
import DurableStore
import HTTPTypes
import Synchronization
import Threads

/// Fills a site without entries with drawn tattoos.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Enters two dozen drawn tattoos, to show what a running contest looks like.",
    discussion: """
      Fills only a data directory without entries; scripts/serve --demo uses one of its own.
      """)

  private static let count = 24
  private static let artists = [
    "Ana Lima", "Jonas Weber", "Mei Tanaka", "Sofia Rossi", "Tom Okafor",
  ]

  @OptionGroup var options: SiteOptions

  func run() throws {
    let site = try options.site()
    guard try site.store.read().state.allEntries.allSatisfy({ $0.entries.isEmpty }) else {
      return print("There are entries already; nothing was added.")
    }
    let categories = try site.store.read().state.categories.map(\.id)
    guard !categories.isEmpty else {
      throw ValidationError("The contest has no category; add one at /admin.")
    }
    let entries = (0..<Self.count).map { number in
      let motifs = TattooDrawing.Motif.allCases
      return Submission(
        drawing: TattooDrawing(motif: motifs[number % motifs.count], variation: number * 7 / 5),
        category: categories[number % categories.count],
        name: Self.artists[number % Self.artists.count], number: number)
    }
    let failures = Mutex<[String]>([])
    inThreads(4) { thread in
      for entry in entries where entry.number % 4 == thread {
        guard let failure = Self.enter(entry, site) else { continue }
        failures.withLock { $0.append("drawing \(entry.number): \(failure)") }
      }
    }
    let found = failures.withLock { $0 }
    guard found.isEmpty else { throw ValidationError(found.sorted().joined(separator: "\n")) }
  }

  private struct Submission: Sendable {
    let drawing: TattooDrawing
    let category: String
    let name: String
    let number: Int
  }

  /// Submits an entry as a browser does, but in process; without `vipsthumbnail` it has no photo.
  ///
  /// - Returns: Why it was refused; `nil` if it was accepted.
  private static func enter(_ entry: Submission, _ site: Site) -> String? {
    let form = form(of: entry)
    let variables = MetaVariables([
      "REQUEST_METHOD": "POST", "PATH_INFO": "/api/submit", "REMOTE_ADDR": "127.0.0.1",
      "CONTENT_TYPE": "multipart/form-data; boundary=\(boundary)",
      "CONTENT_LENGTH": String(form.count), "HTTP_IDEMPOTENCY_KEY": "drawing-\(100 + entry.number)",
    ])
    do {
      let response = site.respond(to: try Request(metaVariables: variables, body: form))
      return response.status == .ok ? nil : String(decoding: response.body, as: UTF8.self)
    } catch {
      return "\(error)"
    }
  }

  private static let boundary = "drawn-by-tattoo-contest"

  private static func form(of entry: Submission) -> [UInt8] {
    let fields = [
      ("category", entry.category), ("caption", entry.drawing.motif.caption), ("name", entry.name),
    ]
    var form = fields.flatMap { name, value in
      Array(
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
      )
    }
    if let photo = photo(of: entry.drawing) {
      form += Array(
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"drawing.jpg\"\r\n\r\n"
          .utf8)
      form += photo + Array("\r\n".utf8)
    }
    return form + Array("--\(boundary)--\r\n".utf8)
  }

  private static func photo(of drawing: TattooDrawing) -> [UInt8]? {
    guard let tool = ChildProcess("vipsthumbnail") else { return nil }
    return try? tool.run(
      ["stdin", "--size", "900x1200", "-o", ".jpg[Q=82,strip]"],
      input: .bytes(Array(drawing.svg.utf8)), environment: ["VIPS_CONCURRENCY": "1"],
      limits: .init(seconds: 10, outputBytes: 4 << 20))
  }
}
