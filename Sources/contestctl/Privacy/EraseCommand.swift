import ArgumentParser
import Contest
import ContestAPI
import JSON

/// Erases personal data.
struct EraseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Erases personal data from contest, log, backups, snapshots, photos and archives.",
    discussion: """
      Without --yes it prints a plan and changes nothing. The scope “contact” erases name and telephone number; \
      “entry” erases all words and the photo, and hides the entry. An erasure that was interrupted goes on by \
      itself, or with --again.
      """)

  @OptionGroup var options: SiteOptions
  @Option(help: ArgumentHelp("The identifiers of entries.", valueName: "id")) var entry: [String] =
    []
  @Option(help: "Everything that was entered with this telephone number.") var phone: String?
  @Option(
    help: ArgumentHelp(
      "Everything that was entered before a time, such as 2026-11-24T20:15:00Z.", valueName: "time")
  )
  var olderThan: String?
  /// What is erased; named apart from the contest's own type, which knows nothing of command lines.
  enum Scope: String, ExpressibleByArgument, CaseIterable {
    case contact, entry
  }

  @Option(help: "What is erased: contact or entry.") var scope = Scope.entry
  @Flag(help: "Remove files from quarantine, too, that may hold something of it.")
  var quarantine = false
  @Flag(help: "Carry it out.") var yes = false
  @Flag(
    help: "Carry out what is due: interrupted erasures, withdrawals, what a restore brought back.")
  var again = false

  func validate() throws {
    let wanted = [!entry.isEmpty, phone != nil, olderThan != nil, again].count { $0 }
    guard wanted == 1 else {
      throw ValidationError("Use one of --entry ID, --phone NUMBER, --older-than TIME and --again.")
    }
  }

  func run() throws {
    let erasures = try options.site().erasures
    if again {
      try erasures.tend()
      try erasures.eraseAgain()
      return print("What was due is erased.")
    }
    let plan = try erasures.plan(
      try selection(), scope == .entry ? .entry : .contact, removesQuarantined: quarantine)
    guard yes else {
      print(String(decoding: plan.json.serialized, as: UTF8.self))
      return print("Nothing is erased yet; with --yes it is.")
    }
    let certificate = try erasures.perform(plan)
    print(String(decoding: JSONValue.object(certificate).serialized, as: UTF8.self))
  }

  private func selection() throws -> ErasureSelection {
    if let phone { return .phone(phone) }
    if let olderThan {
      return .olderThan(milliseconds: try TimeText.milliseconds(olderThan))
    }
    return .entries(Set(entry))
  }
}
