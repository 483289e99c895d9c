import ArgumentParser
import ContestAPI
import DurableStore

/// Keeps the current state as a snapshot.
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Keeps the current state as a snapshot, until you remove it. Photos are not copied.")

  @OptionGroup var options: SiteOptions

  func run() throws {
    let site = try options.site()
    print(site.store.directory.backups + "/" + (try site.store.makeSnapshot()))
  }
}
