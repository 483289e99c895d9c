import ArgumentParser
import ContestAPI
import DirectorySite
import DirectoryStore
import DurableStore
import FoundationEssentials

/// Replaces the whole state with that of a file, or with an earlier one.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Replaces the whole state with that of a file or a moment, as a transaction.",
    discussion: """
      The previous state is then the newest file in backups/, and restore --at brings it back.
      Photos are not touched: restored entries need theirs in uploads/.
      """)

  @OptionGroup var options: SiteOptions
  @Argument(help: "A backup, a snapshot, or a data.json of the original application.")
  var file: String?
  @Option(
    help: ArgumentHelp(
      "The moment to restore from backup and log: a time such as 2026-11-24T20:15:00Z, "
        + "milliseconds since 1970, or the identifier of the last transaction to include.",
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
    let opened = try options.open()
    let (text, generation) = try opened.store.text(at: try Self.moment(at))
    let receipt = try opened.store.restore(try opened.site.erasures.cleaned(text))
    try opened.site.erasures.eraseAgain()
    try opened.site.entryPhotos.settleAll()
    print("Restored the state after transaction \(generation) as \(receipt.transactionID).")
  }

  private func restore(_ file: String) throws {
    guard let text = FileManager.default.contents(atPath: file) else {
      throw ValidationError("\(file) cannot be read.")
    }
    let opened = try options.open()
    let receipt = try opened.store.restore(try opened.site.erasures.cleaned(Array(text)))
    try opened.site.erasures.eraseAgain()
    try opened.site.entryPhotos.settleAll()
    print("Restored \(file) as \(receipt.transactionID).")
  }

  /// Parses the value of `--at`.
  static func moment(_ text: String) throws -> Moment {
    if text.hasPrefix("txn-") { return .transaction(text) }
    return .time(milliseconds: try TimeText.milliseconds(text))
  }
}
