import ArgumentParser
import ContestAPI
import Files
import FoundationEssentials

/// Lists, checks, copies and removes archived events.
struct ArchiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive",
    abstract: "Lists, verifies, copies and removes the archives of events that are over.",
    discussion: """
      An archive is a folder below archive/ in the data directory: the data, the photos, and a page with the \
      results, which needs no program. An event is archived at the desk.
      """)

  @OptionGroup var options: SiteOptions
  @Flag(help: "List the archives: identifier, name, time, entries, photos, bytes.") var list = false
  @Flag(help: "Read every file, and compare it with the manifest; exit status 1 on damage.")
  var verify = false
  @Option(help: ArgumentHelp("Copy an archive to --to, verified.", valueName: "event id"))
  var extract: String?
  @Option(help: ArgumentHelp("The directory that is made for the copy.", valueName: "directory"))
  var to: String?
  @Option(help: ArgumentHelp("Remove an archive with its photos, for good.", valueName: "event id"))
  var delete: String?

  func validate() throws {
    let wanted = [list, verify, extract != nil, delete != nil].count { $0 }
    guard wanted == 1, (extract == nil) == (to == nil) else {
      throw ValidationError(
        "Use one of --list, --verify, --extract ID --to DIRECTORY and --delete ID.")
    }
  }

  func run() throws {
    let archives = EventArchives(try options.site().folder)
    if list { return try show(archives) }
    if verify { return try check(try archives.all(), unreadable: try archives.unreadable()) }
    let archive = try named(extract ?? delete ?? "", in: archives)
    if let to { return try copy(archive, to: to) }
    try archives.remove(archive)
    print("Removed the archive of “\(archive.manifest.eventName)”.")
  }

  private func named(_ id: String, in archives: EventArchives) throws -> EventArchive {
    guard let archive = archives.archive(id: id) else {
      throw ValidationError("There is no archive “\(id)”; --list shows those that there are.")
    }
    return archive
  }

  private func show(_ archives: EventArchives) throws {
    let found = try archives.all()
    for archive in found {
      let manifest = archive.manifest
      let time = Date(timeIntervalSince1970: Double(manifest.archivedAtMilliseconds) / 1000)
      print(
        "\(manifest.eventID) “\(manifest.eventName)” \(time.formatted(.iso8601)) "
          + "\(manifest.entryCount) entries \(manifest.photoCount) photos \(manifest.bytes) bytes")
    }
    if found.isEmpty { print("There are no archives.") }
  }

  private func check(_ archives: [EventArchive], unreadable: [String]) throws {
    var isDamaged = !unreadable.isEmpty
    for name in unreadable { print("\(name)/manifest.json is missing, or cannot be read") }
    for archive in archives {
      let problems = archive.problems()
      for problem in problems { print("archive/\(archive.manifest.eventID)/\(problem)") }
      for url in archive.manifest.missing {
        print("archive/\(archive.manifest.eventID): \(url) was missing when it was archived")
      }
      isDamaged = isDamaged || !problems.isEmpty
    }
    guard !isDamaged else { throw ExitCode(1) }
    print("\(archives.count) archives verified.")
  }

  private func copy(_ archive: EventArchive, to directory: String) throws {
    let problems = archive.problems()
    guard problems.isEmpty else {
      throw ValidationError("The archive is damaged: \(problems.joined(separator: "; ")).")
    }
    guard !FileManager.default.fileExists(atPath: directory) else {
      throw ValidationError("\(directory) is there already; name a directory that is not.")
    }
    try FileManager.default.copyItem(atPath: archive.folder.path, toPath: directory)
    print("Copied to \(directory); open results.html there with a browser.")
  }
}
