import Contest
public import DurableStore
import Logging
public import Photos

/// Keeps photos consistent with the entries that refer to them.
public struct EntryPhotos: Sendable {
  let photos: PhotoStore
  let store: any Store<Contest>
  let cloudinary: Cloudinary?
  let logger: Logger

  /// Returns the local photos that entries refer to but that are missing, or hidden although the entry
  /// is public.
  ///
  /// - Throws: `TransactionError` when the store cannot be read, `FileError` when the photos cannot.
  public func missing() throws -> [StoredPhoto] {
    // Entries are read first, so a photo stored later is not reported as missing.
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

  /// Hides or shows the photo of an entry to match its state: a pending or rejected entry's is hidden.
  func settle(ofEntry entryID: String) {
    // If the store cannot be read now, the next start or gc settles the photo.
    guard let url = (try? store.read().state)?.entry(id: entryID)?.imageURL else { return }
    settle(at: url)
  }

  /// Settles the photos of all entries: a process may have died after a decision but before the rename.
  ///
  /// - Throws: `TransactionError` when the store cannot be read.
  public func settleAll() throws(TransactionError) {
    let entries = try store.read().state.allEntries.flatMap(\.entries)
    // What was withdrawn and taken back says nothing of it; its photo may still be hidden.
    let hidden = Set((try? photos.hidden().map(\.url)) ?? [])
    let decided = entries.filter { entry in
      entry.moderation != nil || !entry.isShown || entry.imageURL.map(hidden.contains) ?? false
    }
    guard !decided.isEmpty else { return }
    let wanted = Set(entries.filter(\.isShown).compactMap(\.imageURL))
    for url in Set(decided.compactMap(\.imageURL)) {
      guard let photo = StoredPhoto(url: url) else { continue }
      if wanted.contains(url) != photos.shows(photo) { settle(at: url) }
    }
  }

  /// Renames the photo until it matches the state, which other processes may change meanwhile.
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

  /// Returns the photos that entries may refer to, whatever form their URLs have.
  package func named() throws(TransactionError) -> Set<StoredPhoto> {
    let contest = try store.read().state
    let urls =
      contest.allEntries.flatMap(\.entries).compactMap(\.imageURL)
      + [contest.event?.logo].compactMap(\.self)
    return Set(
      urls.compactMap { url in
        // At Cloudinary a photo has the same name, but it is not the local file.
        if cloudinary?.holds(url) == true { return nil }
        let path = url.prefix { $0 != "?" && $0 != "#" }
        return path.split(separator: "/").last.flatMap { StoredPhoto(name: String($0)) }
      })
  }
}
