import ArgumentParser
import Contest
import ContestAPI
import DirectorySite
import DirectoryStore
import DurableStore
import FoundationEssentials

/// Finishes what dead processes left behind.
struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finishes what dead processes left behind; the responders do the same on their own.")

  @OptionGroup var options: SiteOptions
  @Flag(
    help: "Only print what would be done: recover a copy in the temporary directory."
  )
  var dryRun = false

  func run() throws {
    let opened = try options.open()
    let store = opened.store
    if dryRun { return try rehearse(store) }
    try store.recover()
    try opened.site.erasures.eraseAgain()
    print("Recovered; the state is at generation \(try store.read().generation).")
  }

  private func rehearse(_ store: DirectoryStore<Contest>) throws {
    let place = FileManager.default.temporaryDirectory.path
    let home = place + "/contest-rehearsal-\(UInt64.random(in: 0 ... .max))"
    // This fails if it exists: nobody else's directory is written to or removed.
    try FileManager.default.createDirectory(
      atPath: home, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    // If this fails, the copy is left in a directory that the system clears.
    defer { try? FileManager.default.removeItem(atPath: home) }
    let (events, generation) = try store.rehearseRecovery(in: home + "/data")
    for event in events { print("would: \(event)") }
    if events.isEmpty { print("There is nothing to recover.") }
    print("The state would be at generation \(generation). Nothing was changed.")
  }
}
