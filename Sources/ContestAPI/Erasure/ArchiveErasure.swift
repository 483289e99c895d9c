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
  /// - Returns: Whether the archive could be read.
  /// - Throws: `FileError` when a file of it cannot be written.
  func perform(removing photos: Set<String>) throws(FileError) -> Bool {
    guard let text = archive.folder.contents(of: EventArchive.data),
      var members = (try? JSONValue(parsing: text))?.object
    else { return false }
    members["meta"] = nil
    guard var contest = try? Contest(members: members), let event = contest.event else {
      return false
    }
    do throws(Refusal) {
      _ = try contest.apply(.erase(erasure))
    } catch {
      return false
    }
    try write(EventArchive.dataText(of: contest), EventArchive.data)
    let page = ResultsPage(of: contest, event, language: language)
    try write(page.text, EventArchive.results)
    var files = archive.manifest.files.filter { file in
      let name = file.name.split(separator: "/").last.map(String.init) ?? file.name
      return !photos.contains(StoredPhoto(fileName: name)?.name ?? name)
    }
    for file in archive.manifest.files where !files.contains(file) {
      _ = archive.folder.removeFile(file.name)
    }
    for name in [EventArchive.data, EventArchive.results] {
      let examined = try EventArchive.examine(name, in: archive.folder)
      files = files.map { $0.name == name ? examined : $0 }
    }
    let manifest = ArchiveManifest(
      of: contest, event, archivedAtMilliseconds: archive.manifest.archivedAtMilliseconds,
      files: files, missing: archive.manifest.missing)
    try write(manifest.json.serialized + [0x0A], EventArchive.manifest)
    return true
  }

  /// The language of the page that is there.
  private var language: String {
    let page = archive.folder.contents(of: EventArchive.results) ?? []
    return String(decoding: page.prefix(60), as: UTF8.self).contains("lang=\"de\"") ? "de" : "en"
  }

  private func write(_ bytes: [UInt8], _ name: String) throws(FileError) {
    try folder.makeMissing([".temp"])
    var file = try StagedFile(in: folder.folder(".temp"), surroundings: surroundings)
    do throws(FileError) {
      try file.write(bytes)
    } catch {
      file.discard()
      throw error
    }
    try file.keep(in: archive.folder.path, as: name)
  }
}
