public import Contest
public import DurableStore
import Logging
public import Photos
import Synchronization

/// The photos that are to be at Cloudinary, and those on their way there.
///
/// Those of entries that are `local-fallback` wait: they are moved as soon as that is possible.
public final class PhotoOutbox: Sendable {
  private let entryPhotos: EntryPhotos
  private let committer: ChangeCommitter
  private let cloudinary: Cloudinary?
  private let isModerated: Bool
  private let breaker = CloudinaryBreaker()
  /// For threads that wait for Cloudinary on behalf of those who enter.
  private let places: Places
  /// Photos whose files are not needed any more.
  private let moved = Mutex<[StoredPhoto]>([])
  /// Addresses at Cloudinary where there is nothing any more.
  private let removed = Mutex<Set<String>>([])
  /// Entries whose photos could not be moved.
  private let troubled = Mutex<Set<String>>([])

  private var store: any Store<Contest> { committer.store }
  private var photos: PhotoStore { entryPhotos.photos }
  private var logger: Logger { committer.logger }

  /// - Parameters:
  ///   - entryPhotos: The photos, with what entries say of them.
  ///   - committer: Commits where a photo is.
  ///   - cloudinary: The account; without one there is nothing to move.
  ///   - isModerated: Whether nobody may see a photo before it was approved.
  ///   - places: For threads that wait for Cloudinary on behalf of those who enter.
  init(
    _ entryPhotos: EntryPhotos, _ committer: ChangeCommitter, cloudinary: Cloudinary?,
    isModerated: Bool, places: Places
  ) {
    self.entryPhotos = entryPhotos
    self.committer = committer
    self.cloudinary = cloudinary
    self.isModerated = isModerated
    self.places = places
  }

  /// Finds the place of a new entry's photo, and takes it there.
  ///
  /// Blocks for up to ten seconds while it is sent.
  func place(_ photo: StoredPhoto) -> (url: String, method: Entry.StorageMethod) {
    guard let cloudinary else { return (photo.url, .localPrimary) }
    // What nobody may see yet stays here.
    guard !isModerated, !breaker.isOpen else { return (photo.url, .localFallback) }
    do throws(CloudinaryError) {
      let sent = try places.take { () throws(CloudinaryError) in try cloudinary.upload(photo) }
      guard let url = sent else { return (photo.url, .localFallback) }
      breaker.succeeded()
      return (url, .cloudinary)
    } catch {
      if error.isTransient { breaker.failed() }
      logger.warning(
        "\(error); the photo is served from here", metadata: ["photo": "\(photo.name)"])
      return (photo.url, .localFallback)
    }
  }

  /// Removes a photo of an entry that is gone, or was never made, wherever it is.
  ///
  /// - Parameters:
  ///   - url: Its address.
  ///   - mayBeMoving: Whether it may have come to Cloudinary since.
  func remove(at url: String, mayBeMoving: Bool = false) {
    let isThere = cloudinary?.holds(url) == true
    // A photo that was moved may have its file here for a while.
    let name = url.split(separator: "/").last.map(String.init) ?? ""
    let photo = StoredPhoto(url: url) ?? (isThere ? StoredPhoto(name: name) : nil)
    if let photo, !photos.remove(photo) { logger.error("remove photo \(photo.name)") }
    // What is being moved at this moment is removed there by who moves it.
    guard let cloudinary, isThere || mayBeMoving && !breaker.isOpen else { return }
    do throws(CloudinaryError) {
      if isThere { try cloudinary.remove(url) } else if let photo { try cloudinary.remove(photo) }
    } catch {
      logger.error("\(error)")
    }
  }

  /// The entries whose photos wait to be moved to Cloudinary.
  ///
  /// - Parameter all: Whether those that were meant to stay are to be moved, too.
  /// - Returns: The entries, oldest first.
  /// - Throws: `TransactionError` when the store cannot be read.
  public func waiting(all: Bool = false) throws(TransactionError) -> [Entry] {
    let methods = [Entry.StorageMethod.localFallback] + (all ? [.localPrimary] : [])
    let entries = try store.read().state.allEntries.flatMap(\.entries).filter { entry in
      methods.contains { $0.rawValue == entry.storageMethod } && entry.isShown
        && entry.imageURL.flatMap(StoredPhoto.init(url:)) != nil
    }
    return entries.sorted { $0.createdAtMilliseconds < $1.createdAtMilliseconds }
  }

  /// Moves what waits, until that fails; blocks meanwhile.
  ///
  /// - Throws: `TransactionError` when the store cannot be read or written.
  public func tend() throws(TransactionError) {
    removeMovedPhotos()
    guard let cloudinary, !breaker.isOpen else { return }
    for entry in try rejectedAtCloudinary() { bringHome(entry, cloudinary) }
    for url in try formerURLs() where cloudinary.holds(url) { removeFormer(url, cloudinary) }
    for entry in try thisRound() {
      do throws(CloudinaryError) {
        try moveToCloudinary(entry, cloudinary)
      } catch {
        logger.warning("\(error); it is tried again", metadata: ["entry": "\(entry.id)"])
        // One that is refused keeps none of the others waiting.
        _ = troubled.withLock { $0.insert(entry.id) }
        guard error.isTransient else { continue }
        breaker.failed()
        return
      }
    }
  }

  /// What failed before comes last.
  private func thisRound() throws(TransactionError) -> [Entry] {
    let troubled = troubled.withLock { $0 }
    let entries = try waiting()
    return entries.filter { !troubled.contains($0.id) }
      + entries.filter { troubled.contains($0.id) }
  }

  /// Where photos were that came home.
  private func formerURLs() throws(TransactionError) -> [String] {
    try store.read().state.allEntries.flatMap(\.entries).compactMap(\.formerImageURL)
  }

  /// What nobody is to see and everybody could, there.
  private func rejectedAtCloudinary() throws(TransactionError) -> [Entry] {
    try store.read().state.allEntries.flatMap(\.entries).filter { entry in
      !entry.isShown && entry.imageURL.map { cloudinary?.holds($0) ?? false } ?? false
    }
  }

  private func bringHome(_ entry: Entry, _ cloudinary: Cloudinary) {
    do {
      _ = try moveFromCloudinary(entry, cloudinary)
    } catch {
      logger.warning("\(error); it is tried again", metadata: ["entry": "\(entry.id)"])
    }
  }

  /// Moves the photo of one entry to Cloudinary; does nothing while another process does.
  ///
  /// The photo's file stays for a moment, for those who have its address.
  /// - Returns: Whether it was moved.
  /// - Throws: `CloudinaryError`; the photo is where it was.
  @discardableResult
  public func moveToCloudinary(
    _ entry: Entry, _ cloudinary: Cloudinary
  ) throws(CloudinaryError) -> Bool {
    guard let photo = entry.imageURL.flatMap(StoredPhoto.init(url:)),
      let claim = photos.claim(photo)
    else { return false }
    return try withExtendedLifetime(claim) { () throws(CloudinaryError) in
      // Another process may have moved it since the list was read.
      guard isAt(entry.imageURL, entry) else { return false }
      let url = try cloudinary.upload(photo)
      breaker.succeeded()
      switch relocate(entry, to: url, .cloudinary) {
      case .made: moved.withLock { $0.append(photo) }
      case .refused:
        try removeUnlessShown(url, by: entry, from: cloudinary)
        return false
      case .unknown: return false
      }
      return true
    }
  }

  /// Removes what was sent in vain; not what the entry shows, which has the same name there.
  private func removeUnlessShown(
    _ url: String, by entry: Entry, from cloudinary: Cloudinary
  ) throws(CloudinaryError) {
    guard let contest = try? store.read().state else { return }
    let shown = contest.entry(id: entry.id)?.imageURL
    if shown.map({ cloudinary.isSamePicture($0, url) }) != true { try cloudinary.remove(url) }
  }

  /// Removes the files of photos that were moved in the last round; `gc` removes what this does not.
  private func removeMovedPhotos() {
    let photos = moved.withLock { moved in
      defer { moved = [] }
      return moved
    }
    for photo in photos where (try? entryPhotos.named().contains(photo)) == false {
      self.photos.remove(photo)
    }
  }

  /// Fetches the photo of one entry from Cloudinary, and removes it there.
  ///
  /// - Returns: Whether it was moved; one that is not a photo any more is not.
  /// - Throws: `CloudinaryError`, or `PhotoError` when it cannot be stored.
  public func moveFromCloudinary(_ entry: Entry, _ cloudinary: Cloudinary) throws -> Bool {
    guard let url = entry.imageURL, cloudinary.holds(url) else { return false }
    let bytes = try cloudinary.download(url)
    var upload = try photos.receive(maxBytes: bytes.count)
    do throws(PhotoError) {
      try upload.write(bytes)
    } catch {
      upload.discard()
      throw error
    }
    let photo = try photos.keep(upload, isHidden: !entry.isShown)
    switch relocate(entry, to: photo.url, .localPrimary) {
    case .made: entryPhotos.settle(ofEntry: entry.id)
    case .refused:
      photos.remove(photo)
      return false
    case .unknown: return false
    }
    removeFormer(url, cloudinary)
    return true
  }

  /// Removes a photo that came home, there; the entry keeps its address there, to try again.
  private func removeFormer(_ url: String, _ cloudinary: Cloudinary) {
    guard !removed.withLock({ $0.contains(url) }) else { return }
    do throws(CloudinaryError) {
      try cloudinary.remove(url)
      _ = removed.withLock { $0.insert(url) }
    } catch {
      logger.error("\(error); it is tried again")
    }
  }

  private enum Move {
    case made, refused
    /// Both photos have to stay.
    case unknown
  }

  private func isAt(_ url: String?, _ entry: Entry) -> Bool {
    (try? store.read().state.entry(id: entry.id)?.imageURL) == url
  }

  /// Commits the move, unless the entry is gone or its photo is somewhere else by now.
  private func relocate(_ entry: Entry, to url: String, _ method: Entry.StorageMethod) -> Move {
    do throws(TransactionError) {
      _ = try committer.commit(
        .relocate(Relocation(entry, to: url, method)), transactionID: committer.newTransactionID())
      return .made
    } catch {
      return error.outcome == .unknown ? .unknown : .refused
    }
  }
}
