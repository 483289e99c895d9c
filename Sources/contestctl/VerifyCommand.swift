import ArgumentParser
import ContestAPI
import DurableStore
import Photos

/// Checks every file.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks data, backups, write-ahead log and photos; exit status 1 on damage.")

  @OptionGroup var options: SiteOptions

  func run() throws {
    let site = try options.site()
    var damage = try site.store.findDamage()
    // With a damaged data file there are no entries to hold the photos against.
    if damage.isEmpty {
      damage += try site.missingPhotos().map { "uploads/\($0.name) is missing" }
    }
    for sentence in damage { print(sentence) }
    guard damage.isEmpty else { throw ExitCode(1) }
    print("No damage found.")
  }
}
