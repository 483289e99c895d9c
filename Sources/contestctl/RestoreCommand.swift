import ArgumentParser
import ContestAPI
import DurableStore
import FoundationEssentials

/// Replaces the whole state by that of a file.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Replaces the whole state by that of a file, as a transaction.",
    discussion: "The state before it is then the newest file in backups/.")

  @OptionGroup var options: SiteOptions
  @Argument(help: "A backup, a snapshot, or a data.json of the original application.")
  var file: String

  func run() throws {
    guard let text = FileManager.default.contents(atPath: file) else {
      throw ValidationError("\(file) cannot be read.")
    }
    let receipt = try options.site().store.restore(Array(text))
    print("Restored \(file) as \(receipt.transactionID).")
  }
}
