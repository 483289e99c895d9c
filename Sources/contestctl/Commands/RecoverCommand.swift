import ArgumentParser
import Contest
import ContestAPI
import DirectoryStore
import DurableStore
import FoundationEssentials

/// Finishes what dead processes left.
struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finishes what dead processes left; the responders do the same by themselves.")

  @OptionGroup var options: SiteOptions
  @Flag(
    help: "Only tell what would be done: a copy is recovered, in the directory for temporary files."
  )
  var dryRun = false

  func run() throws {
    let store = try options.store()
    if dryRun { return try rehearse(store) }
    try store.recover()
    print("Recovered; the state is at generation \(try store.read().generation).")
  }

  private func rehearse(_ store: DirectoryStore<Contest>) throws {
    let place = FileManager.default.temporaryDirectory.path
    let home = place + "/contest-rehearsal-\(UInt64.random(in: 0 ... .max))"
    // It fails for one that is there: nobody else's directory is written to, or removed.
    try FileManager.default.createDirectory(
      atPath: home, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    // What is left of a copy is in a directory that the system clears.
    defer { try? FileManager.default.removeItem(atPath: home) }
    let (events, generation) = try store.rehearseRecovery(in: home + "/data")
    for event in events { print("would: \(event)") }
    if events.isEmpty { print("There is nothing to recover.") }
    print("The state would be at generation \(generation). Nothing was changed.")
  }
}
