import ArgumentParser
import ContestAPI
import DurableStore

/// Keeps the current state as a snapshot.
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Keeps the current state as a snapshot, until you remove it. Photos are not copied.")

  @OptionGroup var options: SiteOptions
  @Option(help: "Remove all snapshots but the newest so many.") var keep: Int?

  func validate() throws {
    guard let keep, keep < 1 else { return }
    throw ValidationError("--keep \(keep) is not a number of snapshots; for example --keep 14")
  }

  func run() throws {
    let site = try options.site()
    print(site.store.directory.backups + "/" + (try site.store.makeSnapshot()))
    guard let keep else { return }
    for name in try site.store.removeSnapshots(keeping: keep) { print("removed backups/\(name)") }
  }
}
