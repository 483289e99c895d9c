import ArgumentParser
import Contest
import ContestAPI
import DirectorySite
import DirectoryStore
import DurableStore
import FoundationEssentials
import Logging

/// The operator's tool.
struct ContestControl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contestctl",
    abstract: "Manages the data of a tattoo contest. Every command works while the site runs.",
    version: Release.version,
    subcommands: [
      StatusCommand.self, DoctorCommand.self, VerifyCommand.self, BackupCommand.self,
      RestoreCommand.self,
      RecoverCommand.self, LogCommand.self, ExportCommand.self, PasswordCommand.self,
      GarbageCommand.self,
      PhotosCommand.self, ArchiveCommand.self, EraseCommand.self, SettingsCommand.self,
      BenchCommand.self, DemoCommand.self,
    ])
}

/// The option that names the data directory, shared by the commands.
struct SiteOptions: ParsableArguments {
  @Option(help: "The data directory; otherwise DATA_DIR, or contest.env beside the program.")
  var dataDir: String?

  /// The settings as the responder reads them.
  func settings() throws -> Settings {
    var environment = ProcessInfo.processInfo.environment
    if let dataDir { environment["DATA_DIR"] = dataDir }
    return try Settings(environment: environment, executable: Settings.executablePath)
  }

  /// The site of a data directory that exists already.
  func site() throws -> Site { try open().site }

  /// The store of that directory.
  func store() throws -> DirectoryStore<Contest> { try open().store }

  /// The site with its store.
  func open() throws -> DirectorySite {
    let settings = try settings()
    guard FileManager.default.fileExists(atPath: settings.dataDirectory) else {
      throw ValidationError(
        "There is no data directory \(settings.dataDirectory); name it with --data-dir or DATA_DIR."
      )
    }
    let logger = Logger(label: "contestctl") { _ in LineLogHandler(level: .warning) }
    return try DirectorySite(settings, logger: logger)
  }
}
