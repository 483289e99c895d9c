import ArgumentParser
import ContestAPI
import DirectorySite
import Photos

/// Removes photos that belong to no entry.
struct GarbageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Removes photos that belong to no entry: those that a crash left behind.")

  @OptionGroup var options: SiteOptions

  func run() throws {
    let removed = try options.open().removeOrphans()
    for photo in removed { print("removed uploads/\(photo.name)") }
    print("\(removed.count) orphaned photos removed.")
  }
}
