import ArgumentParser
import Contest
import ContestAPI
import DurableStore
import FoundationEssentials
import Glibc
import JSON
import Photos
import SystemPackage

/// Exports the entries.
struct ExportCommand: ParsableCommand {
  /// What is exported.
  enum Kind: String, EnumerableFlag {
    case csv, json, zip

    static func help(for kind: Kind) -> ArgumentHelp? {
      switch kind {
      case .csv: "A table of all entries, for spreadsheets."
      case .json: "Categories, entries and winners."
      case .zip: "Both, and the photos that are stored here."
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Exports the entries as a table, as JSON, or with their photos as a ZIP.")

  @OptionGroup var options: SiteOptions
  @Flag(help: "What is exported.") var kind: Kind?
  @Option(
    help: ArgumentHelp(
      "What there is about a person: the answer to a request for access.", valueName: "phone"))
  var person: String?
  @Option(name: .shortAndLong, help: "A file that does not exist yet; otherwise standard output.")
  var output: String?

  func validate() throws {
    guard (kind == nil) == (person != nil) else {
      throw ValidationError("Use one of --csv, --json, --zip and --person PHONE.")
    }
    if kind == .zip, output == nil, isatty(STDOUT_FILENO) == 1 {
      throw ValidationError("A ZIP is not written to a terminal; name a file with --output.")
    }
  }

  func run() throws {
    let site = try options.site()
    let contest = try site.store.read().state
    let file = try ExportFile(output)
    do {
      try write(contest, site, to: file)
    } catch {
      file.discard()
      throw error
    }
    try file.finish()
  }

  private func write(_ contest: Contest, _ site: Site, to file: ExportFile) throws {
    switch kind {
    case .csv: try file.write(Spreadsheet.byteOrderMark + EntryTable(contest).text)
    case .json: try file.write(Self.json(contest))
    case .zip: try archive(contest, of: site, in: file)
    case nil:
      let report = try PersonReport(phone: person ?? "", in: site)
      try file.write(report.json.serialized + [0x0A])
    }
  }

  private static func json(_ contest: Contest) -> [UInt8] {
    var text: [UInt8] = []
    contest.appendSerialized(to: &text)
    return Array("{\n".utf8) + text + Array("}\n".utf8)
  }

  private func archive(_ contest: Contest, of site: Site, in file: ExportFile) throws {
    let now = Int(Date().timeIntervalSince1970 * 1000)
    let missing = try PhotoArchive(of: contest, site.photos).write(
      json: Self.json(contest), nowMilliseconds: now
    ) { try file.write($0) }
    for name in missing {
      try FileDescriptor.standardError.writeAll(
        "uploads/\(name) is missing, and not in the ZIP\n".utf8)
    }
  }
}
