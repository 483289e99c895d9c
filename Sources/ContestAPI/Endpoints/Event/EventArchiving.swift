import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Logging
import Photos

/// Events that are over: archived, and brought back.
extension Router {
  /// How long a request works at an archive; the client then asks again.
  private static let patience = Duration.seconds(20)

  /// `GET /api/event/archive`: what stays and what goes if the event is archived now, with counts, what stands
  /// against its end, and the archives that there are.
  static let archivePlan: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let contest = try site.contest().state
    let archives = try site.attempt { () throws(FileError) in
      try EventArchives(site.folder).all()
    }
    let now = site.surroundings.nowMilliseconds()
    return .json([
      "event": contest.event?.json ?? .null,
      "blocked": .array(
        (contest.blockersOfEnd(atMilliseconds: now) + contest.blockersOfArchive).map(\.json)),
      "stays": contest.countsThatStay, "goes": goes(from: contest, site),
      "archives": .array(archives.map { summary($0.manifest) }),
    ])
  }

  private static func goes(from contest: Contest, _ site: Site) -> JSONValue {
    var counts = contest.countsThatGo
    let photos = Set(
      contest.allEntries.flatMap(\.entries).compactMap(\.imageURL)
        .compactMap(StoredPhoto.init(url:)))
    let sizes = photos.map { photo in
      site.photos.fileName(of: photo).flatMap { name in
        try? site.folder.system.status(at: site.folder.path + "/uploads/" + name).size
      }
    }
    counts["photos"] = .int(photos.count)
    counts["photoBytes"] = .int(sizes.reduce(0) { $0 + ($1 ?? 0) })
    counts["missingPhotos"] = .int(sizes.count { $0 == nil })
    return .object(counts)
  }

  private static func summary(_ manifest: ArchiveManifest) -> JSONValue {
    [
      "id": .string(manifest.eventID), "name": .string(manifest.eventName),
      "archivedAt": .int(manifest.archivedAtMilliseconds), "entries": .int(manifest.entryCount),
      "photos": .int(manifest.photoCount), "bytes": .int(manifest.bytes),
    ]
  }

  /// `POST /api/event/archive {"confirm":"<event id>"}`: makes `archive/<event id>/`, then takes out of the contest
  /// what belongs to the event.
  ///
  /// 202 with `done` and `of` while photos are being taken over: the client asks again. It may be repeated at any
  /// time, also after it was interrupted.
  static let archiveEvent: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.object(of: request)
    let contest = try site.contest().state
    guard let event = contest.event else { throw APIError(.badState(nil) as Refusal) }
    let claim = try claimArchives(of: site)
    return try withExtendedLifetime(claim) { () throws(APIError) in
      if let id = body["confirm"]?.string, id != event.id,
        let done = EventArchives(site.folder).archive(id: id)
      {
        // It was archived before: nothing but its photos may be left to remove.
        return try archived(done, site, answer: ["success": true, "replayed": true])
      }
      guard body["confirm"]?.string == event.id else {
        throw .badRequest(
          "not_confirmed", "Confirm it with the event's id, as {\"confirm\":\"\(event.id)\"}.")
      }
      guard event.state == .finalized else { throw APIError(.badState(event.state) as Refusal) }
      let language = PageText.best(for: request.fields[.acceptLanguage]).language
      return try archive(event, site, language: language)
    }
  }

  private static func claimArchives(of site: Site) throws(APIError) -> FileClaim {
    let claim = try site.attempt { () throws(FileError) in try EventArchives(site.folder).claim() }
    guard let claim else {
      throw APIError(.conflict, code: "busy", "Somebody else is at the archives right now.")
        .with(.retryAfter, "5")
    }
    return claim
  }

  /// How often the archive is made anew because something has changed meanwhile.
  private static let attempts = 3

  private static func archive(
    _ event: Event, _ site: Site, language: String
  ) throws(APIError) -> Response {
    let deadline = ContinuousClock.now + patience
    try site.attempt { () throws(FileError) in try EventArchives(site.folder).removeFormer() }
    guard try bringPhotosHome(site, until: deadline) else { return underWay(0, of: 0) }
    for attempt in 1...attempts {
      let contest = try site.contest().state
      let blockers = contest.blockersOfArchive
      guard blockers.isEmpty else {
        throw APIError(.blocked(blockers.map(\.sentence)) as Refusal)
          .with("blocked", .array(blockers.map(\.json)))
      }
      let maker = ArchiveMaker(
        archives: EventArchives(site.folder), photos: site.photos, contest: contest, event: event,
        surroundings: site.surroundings, language: language)
      switch try site.attempt({ () throws(FileError) in try maker.make(until: deadline) }) {
      case .underWay(let done, let count): return underWay(done, of: count)
      case .made(let archive):
        do throws(APIError) {
          return try takeOut(event, of: contest, into: archive, site)
        } catch {
          // A process that has died may have taken it out already; only a commit finishes that.
          if try site.contest().state.event?.id != event.id {
            return try archived(archive, site, answer: ["success": true, "replayed": true])
          }
          guard error.code == Refusal.changedMeanwhile.code, attempt < attempts else { throw error }
        }
      }
    }
    return underWay(0, of: 0)
  }

  /// Takes the event out of the contest, now that it is in an archive.
  private static func takeOut(
    _ event: Event, of contest: Contest, into archive: EventArchive, _ site: Site
  ) throws(APIError) -> Response {
    let snapshot = try site.attempt { () throws(TransactionError) in try site.store.makeSnapshot() }
    let successor = event.successor(id: site.surroundings.identifier())
    let receipt = try site.commit(
      .ending(.archive(eventID: event.id, mark: contest.mark, successor: successor)))
    return try archived(
      archive, site,
      answer: [
        "success": true, "transactionId": .string(receipt.transactionID),
        "archive": .string(event.id), "snapshot": .string(snapshot),
        "event": successor.publicJSON,
      ])
  }

  private static func underWay(_ done: Int, of count: Int) -> Response {
    .json(
      ["success": false, "code": "under_way", "done": .int(done), "of": .int(count)],
      status: .accepted)
  }

  /// Removes the photos that are in the archive now, and answers.
  private static func archived(
    _ archive: EventArchive, _ site: Site, answer: JSONValue
  ) throws(APIError) -> Response {
    let named = try site.attempt { () throws(TransactionError) in try site.entryPhotos.named() }
    EventArchives(site.folder).removePhotos(of: archive, butFor: named, from: site.photos)
    site.store.keepReserve()
    return .json(answer)
  }

  /// Fetches the photos that are at Cloudinary: an archive has all of its own.
  ///
  /// - Returns: Whether that is done; the time may be over first.
  private static func bringPhotosHome(
    _ site: Site, until deadline: ContinuousClock.Instant
  ) throws(APIError) -> Bool {
    guard let cloudinary = site.cloudinary else { return true }
    let entries = try site.contest().state.allEntries.flatMap(\.entries)
    for entry in entries where entry.imageURL.map(cloudinary.holds) ?? false {
      guard ContinuousClock.now < deadline else { return false }
      do {
        _ = try site.outbox.moveFromCloudinary(entry, cloudinary)
      } catch {
        site.logger.error("\(error)", metadata: ["entry": "\(entry.id)"])
        throw photosUnreachable
      }
    }
    let left = try site.contest().state.allEntries.flatMap(\.entries).contains { entry in
      entry.imageURL.map(cloudinary.holds) ?? false
    }
    guard !left else { throw photosUnreachable }
    return true
  }

  private static var photosUnreachable: APIError {
    APIError(
      .serviceUnavailable, code: "photos_unreachable",
      "A photo cannot be fetched from Cloudinary, so the archive would not be whole. Try again later."
    ).with(.retryAfter, "30")
  }

  /// `POST /api/event/unarchive {"id"}`: the contest is again what it was when the event was archived.
  static let unarchiveEvent: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    guard let id = try JSONBody.object(of: request)["id"]?.string else {
      throw .badRequest("malformed", "Name the archive, as {\"id\":\"<event id>\"}.")
    }
    let claim = try claimArchives(of: site)
    return try withExtendedLifetime(claim) { () throws(APIError) in
      try bringBack(id, site)
    }
  }

  private static func bringBack(_ id: String, _ site: Site) throws(APIError) -> Response {
    let archives = EventArchives(site.folder)
    guard let archive = archives.archive(id: id) else {
      throw .notFound("There is no archive “\(id)”.")
    }
    guard let archived = archive.contents(), archive.hasAllFiles else {
      throw APIError(
        .conflict, code: "archive_damaged",
        "The archive is damaged. contestctl archive --verify says what is wrong with it.")
    }
    let contents = try site.attempt { () throws(FileError) in
      try site.erasures.cleaned(contents: archived)
    }
    let contest = try site.contest().state
    func putBackPhotos() throws(APIError) {
      try site.attempt { () throws(FileError) in try archives.putBackPhotos(of: archive) }
    }
    guard contest.event?.id != id else {
      // It was brought back before: nothing but photos may be missing.
      try putBackPhotos()
      return .json(["success": true, "replayed": true])
    }
    guard contest.allEntries.allSatisfy(\.entries.isEmpty) else {
      throw APIError(.hasEntries as Refusal)
    }
    try putBackPhotos()
    let snapshot = try site.attempt { () throws(TransactionError) in try site.store.makeSnapshot() }
    let receipt = try site.commit(.ending(.unarchive(eventID: id, contents: contents)))
    // What was an orphan until now may have been removed meanwhile.
    try putBackPhotos()
    return .json([
      "success": true, "transactionId": .string(receipt.transactionID),
      "snapshot": .string(snapshot),
    ])
  }
}
