import ContestAPI
import DirectoryStore
import DurableStore
import Files
public import Photos

extension DirectorySite {
  /// A photo younger than this may belong to a submission on its way.
  private static let minOrphanAgeMilliseconds = 60_000

  /// Removes the photos that no entry has, also none in quarantine, and that are over a minute old;
  /// hides those of entries that are not shown, which a crash may have left in sight.
  ///
  /// Recovers first: a pending transaction may be about to need one.
  /// - Returns: What was removed.
  /// - Throws: `TransactionError` when the store cannot be read, `FileError` when the photos cannot.
  public func removeOrphans() throws -> [StoredPhoto] {
    try store.recover()
    // Listed before the entries are read: a photo that is stored later is not in the list.
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

  /// What is in quarantine: an entry there may be the only one, and its photo the only copy.
  private func quarantinedTexts() throws(FileError) -> [String] {
    try site.folder.names(in: "quarantine").compactMap { name in
      site.folder.contents(of: "quarantine/" + name).map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
