import ArgumentParser
import ContestAPI
import DirectoryStore
import DurableStore

/// Keeps the current state as a snapshot.
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Keeps the current state as a snapshot, until you remove it. Photos are not copied.")

  @OptionGroup var options: SiteOptions
  @Option(help: "Keep only this many of the snapshots made with this option, the newest.")
  var keep: Int?

  func validate() throws {
    guard let keep, keep < 1 else { return }
    throw ValidationError("--keep \(keep) is not a number of snapshots; for example --keep 14")
  }

  func run() throws {
    let store = try options.store()
    guard let keep else {
      return print(store.directory.backups + "/" + (try store.makeSnapshot()))
    }
    let rotation = try store.makeSnapshot(rotating: keep)
    print(store.directory.backups + "/" + rotation.made)
    for name in rotation.removed { print("removed backups/\(name)") }
  }
}
