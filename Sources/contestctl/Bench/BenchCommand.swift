import ArgumentParser

/// Measures the store on this machine.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures the store on this machine, in a data directory of its own.",
    subcommands: [BenchCommitCommand.self, BenchReadCommand.self, BenchWriterCommand.self])
}
