import Contest
import Files
import JSON
import Photos
import SystemPackage

/// Makes the archive of an event, in a folder beside it that gets its name when everything is in it.
///
/// It stops after a while and goes on when it is asked again: a request must not wait for 30 GB.
struct ArchiveMaker {
  /// How far an archive is.
  enum Progress {
    case made(EventArchive)
    /// So many of its photos are in it.
    case underWay(done: Int, of: Int)
  }

  let archives: EventArchives
  let photos: PhotoStore
  let contest: Contest
  let event: Event
  let surroundings: Surroundings
  /// The language of the page with the results.
  let language: String

  private var folder: Folder { archives.folder }
  private var staging: String { EventArchives.folderName + "/.making-" + event.id }
  private var journal: String { staging + "/photos.json" }

  /// Makes the archive, or goes on with it.
  ///
  /// - Parameter deadline: When it stops.
  /// - Returns: How far it is.
  /// - Throws: `FileError`; what has been done so far stays for the next time.
  func make(until deadline: ContinuousClock.Instant) throws(FileError) -> Progress {
    if let made = archives.archive(id: event.id), isUsable(made) { return .made(made) }
    try folder.makeMissing([
      ".temp", EventArchives.folderName, staging, staging + "/" + EventArchive.photos,
    ])
    let wanted = referredPhotos()
    var (files, missing) = (try filesBefore(of: wanted), elsewhere)
    let done = Set(files.map(\.name))
    for (index, photo) in wanted.enumerated() {
      guard let name = photos.fileName(of: photo).map({ EventArchive.photos + "/" + $0 }) else {
        missing.append(photo.url)
        continue
      }
      if done.contains(name) { continue }
      guard ContinuousClock.now < deadline else {
        try write(JSONValue.array(files.map(\.json)).serialized, "photos.json")
        return .underWay(done: index, of: wanted.count)
      }
      files.append(try add(name))
    }
    try folder.synchronizeNames(in: staging + "/" + EventArchive.photos)
    return .made(try finish(files, missing))
  }

  /// Whether an archive of before is of the contest as it is: nothing but the transaction is missing then.
  private func isUsable(_ archive: EventArchive) -> Bool {
    archive.manifest.mark == contest.mark.text && archive.contents() != nil && archive.hasAllFiles
      && archive.manifest.files.allSatisfy { file in
        !folder.holdsFile(file.name) || isLinked(file.name, in: archive.folder)
          || (try? EventArchive.examine(file.name, in: archive.folder)) == file
      }
  }

  /// Whether a photo has another name in an archive: then it is the same one.
  private func isLinked(_ name: String, in archive: Folder) -> Bool {
    guard let own = try? folder.system.status(at: folder.path + "/" + name),
      let archived = try? archive.system.status(at: archive.path + "/" + name)
    else { return false }
    return own.isSameFile(as: archived)
  }

  /// The photos of this machine that the contest refers to, each once.
  private func referredPhotos() -> [StoredPhoto] {
    let urls =
      contest.allEntries.flatMap(\.entries).compactMap(\.imageURL)
      + [event.logo].compactMap(\.self)
    return Set(urls.compactMap(StoredPhoto.init(url:))).sorted { $0.name < $1.name }
  }

  /// The photos that are at another site: they are named, and not in the archive.
  private var elsewhere: [String] {
    Set(contest.allEntries.flatMap(\.entries).compactMap(\.imageURL))
      .filter { StoredPhoto(url: $0) == nil }.sorted()
  }

  /// What an earlier call has put into the archive, and is still wanted; the rest is removed.
  private func filesBefore(of wanted: [StoredPhoto]) throws(FileError) -> [ArchiveManifest.File] {
    let wanted = Set(wanted)
    let values = folder.contents(of: journal).flatMap { try? JSONValue(parsing: $0) }?.array ?? []
    let files = values.compactMap(ArchiveManifest.File.init).filter { file in
      let name = String(file.name.dropFirst(EventArchive.photos.count + 1))
      return StoredPhoto(fileName: name).map(wanted.contains) ?? false
        && isLinked(file.name, in: folder.folder(staging))
    }
    let kept = Set(files.map(\.name))
    for name in try folder.names(in: staging + "/" + EventArchive.photos)
    where !kept.contains(EventArchive.photos + "/" + name) {
      try folder.removeFolder(staging + "/" + EventArchive.photos + "/" + name)
    }
    return files
  }

  private func add(_ name: String) throws(FileError) -> ArchiveManifest.File {
    try folder.linkOrCopy(name, as: staging + "/" + name)
    // What was archived a moment ago, before something else changed, need not be read again.
    let former = archives.archive(id: event.id)?.manifest.files.first { $0.name == name }
    let status = try? folder.system.status(at: folder.path + "/" + staging + "/" + name)
    if let former, former.bytes == status?.size,
      let published = try? folder.system.status(
        at: folder.path + "/" + EventArchives.folderName + "/" + event.id + "/" + name),
      status?.isSameFile(as: published) == true
    {
      return former
    }
    return try EventArchive.examine(name, in: folder.folder(staging))
  }

  /// Writes the files that are made of the contest, and gives the folder its name.
  private func finish(
    _ photos: [ArchiveManifest.File], _ missing: [String]
  ) throws(FileError) -> EventArchive {
    try write(EventArchive.dataText(of: contest), EventArchive.data)
    let page = ResultsPage(of: contest, event, language: language)
    try write(page.text, EventArchive.results)
    var files = photos
    for name in [EventArchive.data, EventArchive.results] {
      files.append(try EventArchive.examine(name, in: folder.folder(staging)))
    }
    let manifest = ArchiveManifest(
      of: contest, event, archivedAtMilliseconds: surroundings.nowMilliseconds(), files: files,
      missing: missing)
    _ = folder.removeFile(journal)
    try write(manifest.json.serialized + [0x0A], EventArchive.manifest)
    return try publish()
  }

  /// Puts the folder into the place of an earlier archive, of which nothing is left in the end.
  private func publish() throws(FileError) -> EventArchive {
    let name = EventArchives.folderName + "/" + event.id
    let former = EventArchives.folderName + "/.former-" + event.id
    try folder.removeFolder(former)
    _ = folder.renameFile(name, to: former)
    guard folder.renameFile(staging, to: name) || archives.archive(id: event.id) != nil else {
      throw FileError(.keep, path: folder.path + "/" + name, .ioError)
    }
    try folder.synchronizeNames(in: EventArchives.folderName)
    try folder.removeFolder(former)
    guard let made = archives.archive(id: event.id), made.contents() != nil else {
      throw FileError(.read, path: folder.path + "/" + name, .ioError)
    }
    return made
  }

  private func write(_ bytes: [UInt8], _ name: String) throws(FileError) {
    try folder.writeFile(bytes, as: staging + "/" + name, surroundings: surroundings)
  }
}
