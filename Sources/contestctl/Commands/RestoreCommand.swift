import ArgumentParser
import ContestAPI
import DirectoryStore
import DurableStore
import FoundationEssentials

/// Replaces the whole state by that of a file, or by what it was.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Replaces the whole state by that of a file or of a moment, as a transaction.",
    discussion: """
      The state before it is then the newest file in backups/, and restore --at brings it back.
      Photos are not touched: entries that come back need theirs in uploads/.
      """)

  @OptionGroup var options: SiteOptions
  @Argument(help: "A backup, a snapshot, or a data.json of the original application.")
  var file: String?
  @Option(
    help: ArgumentHelp(
      "The state as it was then, by backup and log: a time such as 2026-11-24T20:15:00Z, "
        + "milliseconds since 1970, or a transaction's identifier, after which it is.",
      valueName: "time"))
  var at: String?

  func validate() throws {
    guard (file == nil) != (at == nil) else {
      throw ValidationError(
        "Name either a file or a time; for example restore --at 2026-11-24T20:15:00Z")
    }
  }

  func run() throws {
    if let file { return try restore(file) }
    guard let at else { return }
    let store = try options.store()
    let (text, generation) = try store.text(at: try Self.moment(at))
    let receipt = try store.restore(text)
    print("Restored the state after transaction \(generation) as \(receipt.transactionID).")
  }

  private func restore(_ file: String) throws {
    guard let text = FileManager.default.contents(atPath: file) else {
      throw ValidationError("\(file) cannot be read.")
    }
    let receipt = try options.store().restore(Array(text))
    print("Restored \(file) as \(receipt.transactionID).")
  }

  /// Understands what `--at` says.
  static func moment(_ text: String) throws -> Moment {
    if text.hasPrefix("txn-") { return .transaction(text) }
    return .time(milliseconds: try TimeText.milliseconds(text))
  }
}
