import ArgumentParser
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
    for problem in problems { print(problem) }
    guard problems.isEmpty else { throw ExitCode(1) }
    print("No damage found.")
  }
}
