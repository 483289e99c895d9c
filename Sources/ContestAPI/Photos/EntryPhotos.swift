import Contest
public import DurableStore
import Logging
public import Photos

/// How photos and entries fit together.
public struct EntryPhotos: Sendable {
  let photos: PhotoStore
  let store: any Store<Contest>
  let cloudinary: Cloudinary?
  let logger: Logger

  /// The local photos that entries need and that are not there, or that nobody can see though the
  /// entry is shown.
  ///
  /// - Throws: `TransactionError` when the store cannot be read, `FileError` when the photos cannot.
  public func missing() throws -> [StoredPhoto] {
    // The entries first: what is stored after them is not missed.
    let entries = try store.read().state.allEntries.flatMap(\.entries)
    let stored = Set(try photos.all())
    let hidden = Set(try photos.hidden())
    let missing = entries.compactMap { entry -> StoredPhoto? in
      guard let photo = entry.imageURL.flatMap(StoredPhoto.init(url:)) else { return nil }
      let isThere = stored.contains(photo) || !entry.isShown && hidden.contains(photo)
      return isThere ? nil : photo
    }
    return Set(missing).sorted { $0.name < $1.name }
  }

  /// Hides the photo of an entry that waits or was rejected, or shows it: as the entry's state says.
  func settle(ofEntry entryID: String) {
    // What cannot be read now is settled by the next start, or by gc.
    guard let url = (try? store.read().state)?.entry(id: entryID)?.imageURL else { return }
    settle(at: url)
  }

  /// Settles the photos of all entries: a process may have died between a decision and its photo.
  ///
  /// - Throws: `TransactionError` when the store cannot be read.
  public func settleAll() throws(TransactionError) {
    let entries = try store.read().state.allEntries.flatMap(\.entries)
    let decided = entries.filter { $0.moderation != nil }
    guard !decided.isEmpty else { return }
    let wanted = Set(entries.filter(\.isShown).compactMap(\.imageURL))
    for url in Set(decided.compactMap(\.imageURL)) {
      guard let photo = StoredPhoto(url: url) else { continue }
      if wanted.contains(url) != photos.shows(photo) { settle(at: url) }
    }
  }

  /// Renames until that is what the state says: others decide meanwhile.
  private func settle(at url: String) {
    guard let photo = StoredPhoto(url: url) else { return }
    for _ in 0..<10 {
      guard let contest = try? store.read().state else { return }
      let entries = contest.entries(withImage: url)
      guard !entries.isEmpty else { return }
      let isWanted = entries.contains(where: \.isShown)
      if isWanted == photos.shows(photo) { return }
      if !(isWanted ? photos.show(photo) : photos.hide(photo)) {
        logger.error("\(isWanted ? "show" : "hide") photo \(photo.name)")
        return
      }
    }
  }

  /// The photos that entries may mean, however their URLs spell the path.
  package func named() throws(TransactionError) -> Set<StoredPhoto> {
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
