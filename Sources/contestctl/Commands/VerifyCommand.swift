import ArgumentParser
import Contest
import ContestAPI
import DirectorySite
import DirectoryStore
import DurableStore
import Photos

/// Checks every file.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks data, backups, write-ahead log and photos; exit status 1 on damage.",
    discussion: "Each line names a file, what is wrong with it, and what to do.")

  @OptionGroup var options: SiteOptions
  @Flag(help: "Count the audience's ballots again, from the log, and compare.") var votes = false

  func run() throws {
    let opened = try options.open()
    let site = opened.site
    var problems = try opened.store.findProblems()
    // With a damaged data file there are no entries to check the photos against.
    if problems.isEmpty {
      problems += try site.entryPhotos.missing().map { photo in
        StoreProblem(
          file: "uploads/\(photo.name)", problem: "is missing",
          advice: "put it back from your backup, or remove its entry")
      }
    }
    // What nobody can read may have something; what can be read is looked through.
    if (try? site.store.known()) != nil || problems.isEmpty {
      problems += try site.erasures.leftovers().map { file in
        StoreProblem(
          file: file, problem: "has, or may have, something that was erased",
          advice: "contestctl erase --again; look at files in quarantine, and remove them by hand")
      }
    }
    for problem in problems { print(problem) }
    // Nor is there anything to compare the ballots with; reading it would also mend it.
    let isSame = try !votes || !problems.isEmpty || isRecounted(opened.store)
    guard problems.isEmpty, isSame else { throw ExitCode(1) }
    print("No damage found.")
  }

  /// Counts the ballots of the log, and prints what differs from the data file or from what was published.
  private func isRecounted(_ store: DirectoryStore<Contest>) throws -> Bool {
    let contest = try store.read().state
    var transactions = try store.completedTransactions(after: 0)[...]
    // A contest that began anew has none of the ballots of before; an edit or a restore takes none away unsaid.
    let beginnings = ["event-start-", EventEnding.archiving, EventEnding.unarchiving]
    let beginning = transactions.lastIndex { completed in
      beginnings.contains(where: completed.transaction.operation.hasPrefix)
    }
    // What came back from an archive is not in the log as ballots.
    let isWhole =
      beginning.map { !transactions[$0].transaction.operation.hasPrefix(EventEnding.unarchiving) }
      ?? (transactions.first.map { $0.sequence == 1 } ?? true)
    if let beginning { transactions = transactions[(beginning + 1)...] }
    let logged = transactions.compactMap { Change.ballot(written: $0.transaction.dataText) }
    let recount = VoteRecount(logged, isWhole: isWhole, comparedWith: contest)
    for difference in recount.differences { print("votes: \(difference)") }
    print("\(recount.loggedCount) ballots counted again from the log.")
    if recount.olderCount > 0 {
      print("\(recount.olderCount) are older than the log, and counted as the data file has them.")
    }
    return recount.differences.isEmpty
  }
}
