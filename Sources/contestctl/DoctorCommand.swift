import ArgumentParser
import ContestAPI
import DurableStore
import JSON

/// Looks at everything that a site depends on.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Looks at disk, locks, clock, settings and web server, and says what to do.",
    discussion: """
      Each line is a verdict, what was looked at, what was found, and what to do. The exit status \
      is 0 when all is well, 1 after a warning, 2 when something is bad, as monitoring systems \
      expect it. Nothing is stored.
      """)

  @OptionGroup var options: SiteOptions
  @Option(help: "The site's address, such as https://contest.example.org; else the one of PORT.")
  var url: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let site = try options.site()
    let findings = site.examine() + webServer(site.settings)
    let worst = findings.map(\.verdict).max() ?? .unknown
    if json {
      let report: JSONValue = [
        "status": .string(worst.rawValue), "findings": .array(findings.map(\.json)),
      ]
      print(String(decoding: report.serialized, as: UTF8.self))
    } else {
      for finding in findings { print(finding) }
    }
    switch worst {
    case .good, .unknown: return
    case .warning: throw ExitCode(1)
    case .bad: throw ExitCode(2)
    }
  }

  /// One that was not named need not be there: the site may be served at another address.
  private func webServer(_ settings: Settings) -> [Finding] {
    let host = settings.bind.contains(":") ? "[\(settings.bind)]" : settings.bind
    let usual = host == "0.0.0.0" ? "127.0.0.1" : host == "[::]" ? "[::1]" : host
    let address = url ?? "http://\(usual):\(settings.port)"
    guard let examination = WebServerExamination(url: address, settings) else {
      return [
        Finding(
          "web server", .unknown, "curl is not there to ask it", advice: "apt-get install curl")
      ]
    }
    let findings = examination.findings()
    if url == nil, findings.count == 1 {
      return [
        Finding(
          "web server", .unknown, "none answers at \(address)",
          advice: "name yours: contestctl doctor --url https://contest.example.org")
      ]
    }
    return findings
  }
}
