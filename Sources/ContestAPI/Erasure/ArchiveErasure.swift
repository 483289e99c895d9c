import Contest
import Files
import JSON
import Photos

/// Erases what an archive has of some entries, and makes its manifest anew.
struct ArchiveErasure {
  let archive: EventArchive
  let folder: Folder
  let erasure: Erasure
  let surroundings: Surroundings

  /// Erases it; an interrupted one is repeated.
  ///
  /// - Parameter photos: The names of the photos that go.
  /// - Returns: Whether the archive is as its manifest says; one that was damaged before is erased, and stays so.
  /// - Throws: `FileError` when a file of it cannot be written.
  func perform(removing photos: Set<String>) throws(FileError) -> Bool {
    guard let contest = erasedContest, let event = contest.event else { return false }
    let isWhole = archive.manifest.erasing == erasure.id || isDataWhole
    if isWhole {
      // From now on another data file is this erasure's, and no damage.
      try write(archive.manifest.erasing(erasure.id).json.serialized, EventArchive.manifest)
    }
    try write(EventArchive.dataText(of: contest), EventArchive.data)
    let page = ResultsPage(of: contest, event, language: language)
    try write(page.text, EventArchive.results)
    let files = archive.manifest.files.filter { !isPhoto($0.name, of: photos) }
    for file in archive.manifest.files where !files.contains(file) {
      _ = archive.folder.removeFile(file.name)
    }
    guard isWhole else { return false }
    let manifest = ArchiveManifest(
      of: contest, event, archivedAtMilliseconds: archive.manifest.archivedAtMilliseconds,
      files: try examined(files), missing: archive.manifest.missing)
    try write(manifest.json.serialized + [0x0A], EventArchive.manifest)
    return true
  }

  /// The contest that is archived, erased; `nil` when it cannot be read.
  private var erasedContest: Contest? {
    guard let text = archive.folder.contents(of: EventArchive.data),
      var members = (try? JSONValue(parsing: text))?.object
    else { return nil }
    members["meta"] = nil
    guard var contest = try? Contest(members: members) else { return nil }
    do throws(Refusal) {
      _ = try contest.apply(.erase(erasure))
    } catch {
      return nil
    }
    return contest
  }

  private var isDataWhole: Bool {
    let found = try? EventArchive.examine(EventArchive.data, in: archive.folder)
    return found != nil && archive.manifest.files.first { $0.name == EventArchive.data } == found
  }

  /// Whether a file of the archive is one of some photos: whatever a URL ends with, nothing else is removed.
  private func isPhoto(_ name: String, of photos: Set<String>) -> Bool {
    let folder = EventArchive.photos + "/"
    guard name.hasPrefix(folder),
      let photo = StoredPhoto(fileName: String(name.dropFirst(folder.count)))
    else { return false }
    return photos.contains(photo.name)
  }

  /// The manifest's files, with the two that were written anew.
  private func examined(
    _ files: [ArchiveManifest.File]
  ) throws(FileError) -> [ArchiveManifest.File] {
    var files = files
    for name in [EventArchive.data, EventArchive.results] {
      let examined = try EventArchive.examine(name, in: archive.folder)
      files = files.map { $0.name == name ? examined : $0 }
    }
    return files
  }

  /// The language of the page that is there.
  private var language: String {
    let page = archive.folder.contents(of: EventArchive.results) ?? []
    return String(decoding: page.prefix(60), as: UTF8.self).contains("lang=\"de\"") ? "de" : "en"
  }

  private func write(_ bytes: [UInt8], _ name: String) throws(FileError) {
    try folder.writeFile(
      bytes, as: EventArchives.folderName + "/" + archive.manifest.eventID + "/" + name,
      surroundings: surroundings)
  }
}
