import Contest
public import DurableStore
public import Photos

/// How photos and entries fit together.
extension Site {
  /// A photo younger than this may belong to a submission on its way.
  private static let minOrphanAgeMilliseconds = 60_000

  /// The local photos that entries need and that are not there.
  ///
  /// - Throws: `TransactionError` when the store or the directory cannot be read.
  public func missingPhotos() throws(TransactionError) -> [StoredPhoto] {
    // The entries first: what is stored after them is not missed.
    let referenced = try referencedPhotos()
    let stored = try photos.all() + photos.hidden()
    return referenced.subtracting(stored).sorted { $0.name < $1.name }
  }

  /// Removes the photos that no entry has, and that are over a minute old; hides those of entries
  /// that were rejected, which a crash may have left in sight.
  ///
  /// Recovers first: a pending transaction may be about to need one.
  /// - Returns: What was removed.
  /// - Throws: `TransactionError` when the store or the directory cannot be read.
  public func removeOrphans() throws(TransactionError) -> [StoredPhoto] {
    try store.recover()
    // Listed before the entries are read: a photo that is stored later is not in the list.
    let stored = try photos.all() + photos.hidden()
    let named = try namedPhotos()
    for entry in try store.read().state.allEntries.flatMap(\.entries)
    where entry.moderation == .rejected {
      if let photo = entry.imageURL.flatMap(StoredPhoto.init(url:)) { photos.hide(photo) }
    }
    let youngest = surroundings.nowMilliseconds() - Self.minOrphanAgeMilliseconds
    return stored.filter { photo in
      photo.storedAtMilliseconds < youngest && !named.contains(photo) && photos.remove(photo)
    }
  }

  private func referencedPhotos() throws(TransactionError) -> Set<StoredPhoto> {
    let entries = try store.read().state.allEntries.flatMap(\.entries)
    return Set(entries.compactMap { $0.imageURL.flatMap(StoredPhoto.init(url:)) })
  }

  /// The photos that entries may mean, however their URLs spell the path.
  func namedPhotos() throws(TransactionError) -> Set<StoredPhoto> {
    let urls = try store.read().state.allEntries.flatMap(\.entries).compactMap(\.imageURL)
    return Set(
      urls.compactMap { url in
        // There it has the same name, and is another file.
        if cloudinary?.holds(url) == true { return nil }
        let path = url.prefix { $0 != "?" && $0 != "#" }
        return path.split(separator: "/").last.flatMap { StoredPhoto(name: String($0)) }
      })
  }
}
