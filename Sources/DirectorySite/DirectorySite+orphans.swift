import ContestAPI
import DirectoryStore
import DurableStore
import Files
public import Photos

extension DirectorySite {
  /// A photo younger than this may belong to a submission in progress.
  private static let minOrphanAgeMilliseconds = 60_000

  /// Removes photos over a minute old that no entry refers to, not even one in quarantine.
  ///
  /// Recovers first, because a pending entry may refer to such a photo. Also hides photos of
  /// entries that are not public: a crash may have left them visible.
  /// - Returns: The photos removed.
  /// - Throws: `TransactionError` when the store cannot be read, `FileError` when the photos cannot.
  public func removeOrphans() throws -> [StoredPhoto] {
    try store.recover()
    // Photos are listed before entries are read, so a photo stored later is never taken for an orphan.
    let stored = try site.photos.all() + site.photos.hidden()
    let named = try site.entryPhotos.named()
    try site.entryPhotos.settleAll()
    let quarantined = try quarantinedTexts()
    let youngest = site.surroundings.nowMilliseconds() - Self.minOrphanAgeMilliseconds
    return stored.filter { photo in
      photo.storedAtMilliseconds < youngest && !named.contains(photo)
        && !quarantined.contains { $0.contains(photo.name) } && site.photos.remove(photo)
    }
  }

  /// Returns the contents of quarantine: it may hold the only copy of an entry, which keeps its photo.
  private func quarantinedTexts() throws(FileError) -> [String] {
    try site.folder.names(in: "quarantine").compactMap { name in
      site.folder.contents(of: "quarantine/" + name).map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
