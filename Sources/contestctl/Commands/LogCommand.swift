import ArgumentParser
import ContestAPI
import DirectoryStore
import DurableStore
import FoundationEssentials
import Glibc

/// Prints the completed log.
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Prints the audit trail: what was committed, when, by which transaction.",
    discussion: """
      Each line has the time in UTC, the sequence, the transaction, whether it was completed or
      recovered, and the operation with its object. Only --json shows names and phone numbers.
      """)

  @OptionGroup var options: SiteOptions
  @Option(name: .shortAndLong, help: "Print only this many of the last lines.")
  var lines: Int?
  @Option(help: "Print only what was committed since this time, such as 2026-11-24T20:15:00Z.")
  var since: String?
  @Flag(name: .shortAndLong, help: "Keep running, and print new commits as they happen.")
  var follow = false
  @Flag(help: "Print each line as the log has it, with its data.") var json = false

  func run() throws {
    let store = try options.store()
    let start = try since.map(TimeText.milliseconds) ?? 0
    var transactions = try store.completedTransactions(after: 0).filter {
      $0.completedAtMilliseconds >= start
    }
    var last = try transactions.last?.sequence ?? store.read().generation
    if let lines { transactions = transactions.suffix(max(0, lines)) }
    for transaction in transactions { show(transaction) }
    while follow {
      fflush(nil)
      usleep(200_000)
      let new = try store.completedTransactions(after: last)
      for transaction in new { show(transaction) }
      last = new.last?.sequence ?? last
    }
  }

  private func show(_ completed: CompletedTransaction) {
    if json { return print(String(decoding: completed.line, as: UTF8.self)) }
    let time = TimeText.text(milliseconds: completed.completedAtMilliseconds)
    print(
      time, completed.sequence, completed.transaction.id,
      completed.isRecovered ? "recovered" : "completed", completed.transaction.operation)
  }
}
