import Contest
public import Files
import Photos
import SystemPackage

/// The archived events of a data directory: a folder each below `archive/`.
public struct EventArchives: Sendable {
  static let folderName = "archive"

  let folder: Folder

  /// Takes the archives of a data directory.
  public init(_ folder: Folder) {
    self.folder = folder
  }

  /// The archives, the newest first; a folder without a manifest is none.
  ///
  /// - Throws: `FileError` when the directory cannot be listed.
  public func all() throws(FileError) -> [EventArchive] {
    guard folder.holdsFolder(Self.folderName) else { return [] }
    return try folder.names(in: Self.folderName).compactMap(archive)
      .sorted { $0.manifest.archivedAtMilliseconds > $1.manifest.archivedAtMilliseconds }
  }

  /// The archive of an event; `nil` when there is none.
  public func archive(id: String) -> EventArchive? {
    guard Category.isIdentifier(id) else { return nil }
    let archive = EventArchive(folder.folder(Self.folderName + "/" + id))
    return archive?.manifest.eventID == id ? archive : nil
  }

  /// Removes an archive with its photos, for good.
  ///
  /// - Throws: `FileError` when a part of it cannot be removed.
  public func remove(_ archive: EventArchive) throws(FileError) {
    let name = Self.folderName + "/" + archive.manifest.eventID
    let removed = Self.folderName + "/.removed-" + archive.manifest.eventID
    try folder.removeFolder(removed)
    // Under that name it is no archive any more, and removed by whoever comes next if this is interrupted.
    guard folder.renameFile(name, to: removed) else {
      throw FileError(.remove, path: folder.path + "/" + name, .ioError)
    }
    for name in try unfinished() where name.hasSuffix("-" + archive.manifest.eventID) {
      try folder.removeFolder(name)
    }
  }

  /// Removes what interrupted work has left; whoever calls it holds the claim.
  ///
  /// - Throws: `FileError` when a part of it cannot be removed.
  func removeUnfinished() throws(FileError) {
    for name in try unfinished() { try folder.removeFolder(name) }
  }

  /// Removes what an archive has replaced, and what was not removed to the end; whoever calls it holds the claim.
  ///
  /// - Throws: `FileError` when a part of it cannot be removed.
  func removeFormer() throws(FileError) {
    for name in try unfinished() where !name.contains("/.making-") { try folder.removeFolder(name) }
  }

  /// The folders of archives that were not finished, or not removed to the end.
  func unfinished() throws(FileError) -> [String] {
    guard folder.holdsFolder(Self.folderName) else { return [] }
    return try folder.names(in: Self.folderName).filter { $0.hasPrefix(".") }
      .map { Self.folderName + "/" + $0 }
  }

  /// The folders that should be archives and have no manifest that can be read.
  ///
  /// - Returns: Their names, relative to the data directory.
  /// - Throws: `FileError` when the directory cannot be listed.
  public func unreadable() throws(FileError) -> [String] {
    guard folder.holdsFolder(Self.folderName) else { return [] }
    return try folder.names(in: Self.folderName)
      .filter { !$0.hasPrefix(".") && archive(id: $0) == nil }.map { Self.folderName + "/" + $0 }
  }

  /// Claims all work at archives; `nil` while somebody else is at it.
  ///
  /// - Throws: `FileError` when the folder cannot be made.
  func claim() throws(FileError) -> FileClaim? {
    try folder.makeMissing([Self.folderName])
    return try FileClaim(Self.folderName, in: folder)
  }

  /// Puts an archive's photos back to where entries have theirs.
  ///
  /// - Throws: `FileError` when one can neither be linked nor copied.
  func putBackPhotos(of archive: EventArchive) throws(FileError) {
    try folder.makeMissing([EventArchive.photos])
    let from = Self.folderName + "/" + archive.manifest.eventID + "/"
    let names = archive.manifest.files.map(\.name).filter {
      $0.hasPrefix(EventArchive.photos + "/") && !folder.holdsFile($0)
    }
    for name in names { try folder.linkOrCopy(from + name, as: name) }
    try folder.synchronizeNames(in: EventArchive.photos)
  }

  /// Removes the photos that an archive has from where entries have theirs.
  ///
  /// - Parameters:
  ///   - archive: The archive.
  ///   - kept: The photos that the contest refers to.
  ///   - store: The photos.
  func removePhotos(
    of archive: EventArchive, butFor kept: Set<StoredPhoto>, from store: PhotoStore
  ) {
    for file in archive.manifest.files where file.name.hasPrefix(EventArchive.photos + "/") {
      let name = String(file.name.dropFirst(EventArchive.photos.count + 1))
      guard let photo = StoredPhoto(fileName: name), !kept.contains(photo) else { continue }
      // If this fails, gc removes it.
      store.remove(photo)
    }
  }
}

extension Folder {
  /// Returns whether a subfolder is there.
  fileprivate func holdsFolder(_ name: String) -> Bool {
    (try? system.status(at: path + "/" + name))?.isDirectory ?? false
  }

  /// Gives a file a second name, or copies it where there can be none: in another file system, or with as many
  /// names as it may have.
  ///
  /// - Throws: `FileError` with the operating system's reason.
  func linkOrCopy(_ name: String, as newName: String) throws(FileError) {
    do throws(FileError) {
      try linkFile(name, as: newName)
    } catch  where [.improperLink, .tooManyLinks, .notPermitted].contains(error.reason) {
      try makeMissing([".temp"])
      var copy = try StagedFile(in: folder(".temp"))
      do throws(FileError) {
        try readParts(of: name) { part throws(FileError) in try copy.write(part) }
      } catch {
        copy.discard()
        throw error
      }
      let place = newName.split(separator: "/").map(String.init)
      try copy.keep(
        in: ([path] + place.dropLast()).joined(separator: "/"), as: place.last ?? newName)
    }
  }
}
