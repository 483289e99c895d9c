import ArgumentParser
import Contest
import ContestAPI
import DurableStore
import Photos

/// Lists where the photos are, and moves them.
struct PhotosCommand: ParsableCommand {
  /// A place where photos are.
  enum Place: String, ExpressibleByArgument, CaseIterable {
    case cloudinary, local
  }

  static let configuration = CommandConfiguration(
    commandName: "photos",
    abstract: "Lists where the photos are, and moves them to Cloudinary or back.",
    discussion: """
      Without an option it counts the photos by place and lists those that are waiting to be moved. \
      --retry moves those; --move moves all photos, each in a transaction of its own.
      """)

  @OptionGroup var options: SiteOptions
  @Flag(help: "Move the photos waiting in the outbox to Cloudinary.")
  var retry = false
  @Option(help: "Move all photos: to cloudinary, or to local.")
  var move: Place?

  func validate() throws {
    guard !retry || move == nil else { throw ValidationError("Use either --retry or --move.") }
  }

  func run() throws {
    let site = try options.site()
    guard retry || move != nil else { return try list(site) }
    guard let cloudinary = site.cloudinary else {
      throw ValidationError("Cloudinary is not configured; set CLOUDINARY_URL.")
    }
    let entries = try entries(to: move ?? .cloudinary, site, cloudinary)
    var failures = 0
    for entry in entries {
      do {
        let isMoved =
          move == .local
          ? try site.outbox.moveFromCloudinary(entry, cloudinary)
          : try site.outbox.moveToCloudinary(entry, cloudinary)
        print("\(isMoved ? "moved" : "left") \(entry.id)")
      } catch {
        failures += 1
        print("failed \(entry.id): \(error)")
      }
    }
    // This also brings rejected photos back from Cloudinary.
    if retry { try site.outbox.tend() }
    print("\(entries.count - failures) of \(entries.count) photos done.")
    if failures > 0 { throw ExitCode.failure }
  }

  private func entries(
    to place: Place, _ site: Site, _ cloudinary: Cloudinary
  ) throws -> [Entry] {
    guard place == .local else { return try site.outbox.waiting(all: move != nil) }
    let all = try site.store.read().state.allEntries.flatMap(\.entries)
    return all.filter { $0.imageURL.map(cloudinary.holds) ?? false }
  }

  private func list(_ site: Site) throws {
    let entries = try site.store.read().state.allEntries.flatMap(\.entries)
    for method in ["cloudinary", "local-primary", "local-fallback", "none"] {
      print("\(method) \(entries.count { $0.storageMethod == method })")
    }
    for entry in try site.outbox.waiting() { print("waiting \(entry.id) \(entry.imageURL ?? "")") }
  }
}
