import ArgumentParser
import ContestAPI
import DurableStore

/// Finishes what dead processes left.
struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finishes what dead processes left; the responders do the same by themselves.")

  @OptionGroup var options: SiteOptions

  func run() throws {
    let store = try options.site().store
    try store.recover()
    print("Recovered; the state is at generation \(try store.read().generation).")
  }
}
