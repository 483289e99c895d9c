import ArgumentParser
import ContestAPI
import DirectoryStore
import DurableStore
import FoundationEssentials
import JSON

/// Checks everything that a site depends on.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks disk, locks, clock, settings and web server, and says what to do.",
    discussion: """
      Each line has a verdict, what was checked, what was found, and what to do. The exit status \
      is 0 when all is well, 1 after a warning, 2 when something is bad, as monitoring systems \
      expect. No entry is made.
      """)

  @OptionGroup var options: SiteOptions
  @Option(help: "The site's address, such as https://contest.example.org; else from BIND and PORT.")
  var url: String?
  @Option(help: "Connect to this address, whatever the name in the URL resolves to.")
  var address: String?
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    // It becomes an argument of another program.
    let isURL =
      url?.wholeMatch(of: /https?:\/\/[A-Za-z0-9.:_\[\]-]+(?:\/[A-Za-z0-9._~\/-]*)?/) != nil
    guard url == nil || isURL else {
      throw ValidationError(
        "--url is not an address; for example --url https://contest.example.org")
    }
    let isAddress = address?.wholeMatch(of: /[A-Za-z0-9.:\[\]-]+/) != nil
    guard address == nil || isAddress else {
      throw ValidationError("--address is not an address; for example --address 127.0.0.1")
    }
  }

  func run() throws {
    let settings = try options.settings()
    let findings = try examine(settings) + webServer(settings)
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

  /// Examines the site; an unusable data directory is a finding to report, not a reason to stop.
  private func examine(_ settings: Settings) throws -> [Finding] {
    let directory = DataDirectory(settings.dataDirectory)
    guard FileManager.default.fileExists(atPath: directory.path) else {
      return [
        Finding(
          "directory", .bad, detail: "there is no \(directory.path)",
          advice: "name another with --data-dir or DATA_DIR, or create it")
      ]
    }
    do {
      return try options.site().examine()
    } catch {
      return DirectoryExamination(directory).findings() + [
        Finding("site", .bad, detail: "\(error)", advice: "fix what is bad above first")
      ]
    }
  }

  /// Examines the web server; without `--url` its absence is normal: the site may be at another address.
  private func webServer(_ settings: Settings) -> [Finding] {
    let host = settings.bind.contains(":") ? "[\(settings.bind)]" : settings.bind
    let usual = host == "0.0.0.0" ? "127.0.0.1" : host == "[::]" ? "[::1]" : host
    let place = url ?? "http://\(usual):\(settings.port)"
    guard let examination = WebServerExamination(url: place, at: address, settings) else {
      return [
        Finding(
          "web server", .unknown, detail: "curl is not installed, so it was not asked",
          advice: "apt-get install curl")
      ]
    }
    let findings = examination.findings()
    if url == nil, findings.count == 1 {
      return [
        Finding(
          "web server", .unknown, detail: "none answers at \(place)",
          advice: "name yours: contestctl doctor --url https://contest.example.org")
      ]
    }
    return findings
  }
}
