import ArgumentParser
import ContestAPI
import DirectorySite
import Photos

/// Removes photos that no entry has.
struct GarbageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Removes photos that no entry has: what a crash between photo and entry left.")

  @OptionGroup var options: SiteOptions

  func run() throws {
    let removed = try options.open().removeOrphans()
    for photo in removed { print("removed uploads/\(photo.name)") }
    print("\(removed.count) orphaned photos removed.")
  }
}
