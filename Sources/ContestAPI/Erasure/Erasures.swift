import Contest
import DurableStore
import Files
import Glibc
import HTTPTypes
public import JSON
import Logging
import Photos

/// Erases personal data wherever a site has it.
public struct Erasures: Sendable {
  static let plans = ".admin/erasures"
  /// How long one erasure waits for another one, and for work at archives.
  private static let patience = Duration.seconds(30)

  let site: Site

  var folder: Folder { site.folder }
  var ledger: ErasureLedger { ErasureLedger(folder: folder) }
  var now: Int { site.surroundings.nowMilliseconds() }

  /// Carries a plan out: the ledger, the contest, its history, archives, photos.
  ///
  /// Interrupted anywhere, it is carried out again by `tend`.
  /// - Returns: The certificate.
  /// - Throws: `TransactionError`, `FileError`, `ErasureBusy`, or `PhotosLeft` where Cloudinary does not answer; a
  ///   part may be done.
  public func perform(_ plan: ErasurePlan) throws -> JSONObject {
    try alone { try performAlone(plan) }
  }

  /// Runs a closure while nobody else erases anything.
  func alone<Result>(_ body: () throws -> Result) throws -> Result {
    try folder.makeMissing([".admin", Self.plans])
    let claim = try Self.waiting { () throws(FileError) in try FileClaim(Self.plans, in: folder) }
    return try withExtendedLifetime(claim) { try body() }
  }

  private static func waiting(_ claim: () throws(FileError) -> FileClaim?) throws -> FileClaim {
    let deadline = ContinuousClock.now + patience
    repeat {
      if let claim = try claim() { return claim }
      usleep(50_000)
    } while ContinuousClock.now < deadline
    throw ErasureBusy()
  }

  func performAlone(_ plan: ErasurePlan) throws -> JSONObject {
    // Nothing comes out of an archive, or goes into one, meanwhile.
    let archives = EventArchives(folder)
    let claim = try Self.waiting { () throws(FileError) in try archives.claim() }
    return try withExtendedLifetime(claim) { try performAlone(plan, archives) }
  }

  private func performAlone(_ plan: ErasurePlan, _ archives: EventArchives) throws -> JSONObject {
    let erasure = plan.erasure
    try ledger.begin(erasure)
    var photoURLs = Set(plan.photoURLs)
    if erasure.scope == .entry { photoURLs.formUnion(try urls(of: erasure)) }
    try erase(erasure)
    let redaction = ContestRedaction(entryIDs: erasure.entryIDs, scope: erasure.scope)
    let history = try site.store.redactHistory(
      HistoryErasure(redaction: redaction), isRehearsal: false)
    if plan.removesQuarantined { removeQuarantined(history.unreadable) }
    var toLookAt = history.unreadable.filter(folder.holdsFile)
    toLookAt += try eraseArchives(archives, erasure, photos: photoURLs)
    toLookAt += try removePhotos(photoURLs)
    // Live clients have seen what the log has lost since.
    try commit(erasure.end)
    let certificate = Self.certificate(erasure, history, toLookAt: toLookAt, at: now)
    try ledger.finish(erasure, certificate)
    _ = folder.removeFile(Self.file(of: erasure.id))
    site.logger.notice("erased", metadata: ["erasure": "\(erasure.id)"])
    return certificate
  }

  /// Where the photos of the entries are, as far as the contest and the archives know.
  private func urls(of erasure: Erasure) throws -> Set<String> {
    let ids = Set(erasure.entryIDs)
    let finder = EntryFinder { ids.contains($0.id) }
    finder.look(at: try site.store.read().state.allEntries.flatMap(\.entries))
    for archive in try EventArchives(folder).all() { finder.look(at: archive.entries) }
    return finder.found.values.reduce(into: []) { $0.formUnion($1.photoURLs) }
  }

  /// Erases it in the contest; what is erased already makes no transaction.
  private func erase(_ erasure: Erasure) throws {
    for part in erasure.parts {
      var contest = try site.store.read().state
      let before = contest
      _ = try contest.apply(.erase(part))
      if contest != before { try commit(part) }
    }
  }

  private func commit(_ erasure: Erasure) throws {
    _ = try site.committer.commit(
      .erase(erasure), transactionID: site.committer.newTransactionID())
  }

  /// Removes files from quarantine that may hold something: an organizer has asked for it.
  private func removeQuarantined(_ names: [String]) {
    for name in names where name.hasPrefix("quarantine/") {
      // What cannot be removed is in the certificate.
      _ = folder.removeFile(name)
    }
  }

  /// - Returns: The files that cannot be read.
  private func eraseArchives(
    _ archives: EventArchives, _ erasure: Erasure, photos photoURLs: Set<String>
  ) throws -> [String] {
    let redaction = ContestRedaction(entryIDs: erasure.entryIDs, scope: erasure.scope)
    try archives.removeUnfinished()
    let photos = Set(photoURLs.compactMap(StoredPhoto.init(lastPartOf:)).map(\.name))
    var damaged = try archives.unreadable()
    for archive in try archives.all() where archive.mayConcern(redaction) {
      let erased = ArchiveErasure(
        archive: archive, folder: folder, erasure: erasure, surroundings: site.surroundings)
      if try !erased.perform(removing: photos) {
        damaged.append("archive/\(archive.manifest.eventID)/data.json")
      }
    }
    return damaged
  }

  /// - Returns: The URLs that are nowhere here.
  private func removePhotos(_ urls: Set<String>) throws -> [String] {
    let left = urls.filter { !site.outbox.remove(at: $0, mayBeMoving: true) }
    guard left.isEmpty else { throw PhotosLeft(urls: left.sorted()) }
    return urls.filter { url in
      StoredPhoto(url: url) == nil && site.cloudinary?.holds(url) != true
    }.sorted()
  }

  private static func certificate(
    _ erasure: Erasure, _ history: RedactionReport, toLookAt: [String], at now: Int
  ) -> JSONObject {
    JSONObject([
      .init(name: "erasure", value: .string(erasure.id)),
      .init(name: "scope", value: .string(erasure.scope.rawValue)),
      .init(name: "decidedAt", value: .int(erasure.atMilliseconds)),
      .init(name: "finishedAt", value: .int(now)),
      .init(name: "entries", value: .array(erasure.entryIDs.map(JSONValue.string))),
      .init(name: "count", value: .int(erasure.entryIDs.count)),
      .init(name: "lines", value: .int(history.lineCount)),
      .init(name: "states", value: .int(history.stateCount)),
      .init(name: "files", value: .int(history.removedCount)),
      .init(name: "toLookAt", value: .array(toLookAt.map(JSONValue.string))),
    ])
  }

  static func file(of token: String) -> String { plans + "/" + token + ".json" }
}

extension Site {
  /// Erases personal data.
  public var erasures: Erasures { Erasures(site: self) }
}

/// Another erasure, or work at an archive, is under way.
struct ErasureBusy: AnsweredError {
  var answer: APIError {
    APIError(
      .conflict, code: "busy",
      "Something else is being erased or archived right now. Try again in a moment."
    ).with(.retryAfter, "5")
  }
}

/// Photos that an erasure could not remove yet; it is carried out again.
struct PhotosLeft: AnsweredError {
  let urls: [String]

  var answer: APIError {
    APIError(
      .serviceUnavailable, code: "photos_unreachable",
      "\(urls.count) photos cannot be removed right now. All else is done; they are tried again by themselves."
    ).with(.retryAfter, "30")
  }
}

extension StoredPhoto {
  /// The photo that the last part of a URL names: at Cloudinary it has the same name.
  fileprivate init?(lastPartOf url: String) {
    guard let name = url.split(separator: "/").last else { return nil }
    self.init(name: String(name))
  }
}
