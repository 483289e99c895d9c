public import Contest
public import DurableStore
import Logging
public import Photos
import Synchronization

/// Moves photos to Cloudinary, and back from there.
///
/// The photos of `local-fallback` entries are waiting; they are moved as soon as Cloudinary accepts them.
public final class PhotoOutbox: Sendable {
  private let entryPhotos: EntryPhotos
  private let committer: ChangeCommitter
  private let cloudinary: Cloudinary?
  private let isModerated: Bool
  private let breaker = CloudinaryBreaker()
  /// Limits the threads that wait for Cloudinary while they answer a submission.
  private let places: Places
  /// Photos moved to Cloudinary whose local files can be removed.
  private let moved = Mutex<[StoredPhoto]>([])
  /// URLs whose pictures have been removed from Cloudinary.
  private let removed = Mutex<Set<String>>([])
  /// Entries whose photos failed to move; they come last in a round.
  private let troubled = Mutex<Set<String>>([])

  private var store: any Store<Contest> { committer.store }
  private var photos: PhotoStore { entryPhotos.photos }
  private var logger: Logger { committer.logger }

  /// - Parameters:
  ///   - entryPhotos: The photos and the entries that refer to them.
  ///   - committer: Commits relocations.
  ///   - cloudinary: The client; without one there is nothing to move.
  ///   - isModerated: Whether photos stay hidden until they are approved.
  ///   - places: Limits the threads that wait for Cloudinary while they answer a submission.
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

  /// Decides where a new entry's photo is stored, and uploads it if that is Cloudinary.
  ///
  /// An upload blocks for up to ten seconds.
  func place(_ photo: StoredPhoto) -> (url: String, method: Entry.StorageMethod) {
    guard let cloudinary else { return (photo.url, .localPrimary) }
    // A photo that is not public yet must stay local.
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

  /// Removes the photo of an entry that was removed or never committed, wherever it is stored.
  ///
  /// - Parameters:
  ///   - url: The photo's URL.
  ///   - mayBeMoving: Whether the photo may have been uploaded to Cloudinary since.
  /// - Returns: Whether it is gone, as far as that is known.
  @discardableResult
  func remove(at url: String, mayBeMoving: Bool = false) -> Bool {
    let isThere = cloudinary?.holds(url) == true
    // A photo moved to Cloudinary keeps its local file for a while.
    let name = url.split(separator: "/").last.map(String.init) ?? ""
    let photo = StoredPhoto(url: url) ?? (isThere ? StoredPhoto(name: name) : nil)
    var isGone = true
    if let photo, !photos.remove(photo) {
      logger.error("remove photo \(photo.name)")
      isGone = false
    }
    // A photo being moved right now is removed from Cloudinary by the process that moves it.
    guard let cloudinary, isThere || mayBeMoving && !breaker.isOpen else { return isGone }
    do throws(CloudinaryError) {
      if isThere { try cloudinary.remove(url) } else if let photo { try cloudinary.remove(photo) }
    } catch {
      logger.error("\(error)")
      return isGone && !isThere
    }
    return isGone
  }

  /// The entries whose photos wait to be moved to Cloudinary.
  ///
  /// - Parameter all: Whether to include the `local-primary` photos, too.
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

  /// Moves the waiting photos, up to the first transient failure; blocks meanwhile.
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
        // A photo that fails must not hold up the others.
        _ = troubled.withLock { $0.insert(entry.id) }
        guard error.isTransient else { continue }
        breaker.failed()
        return
      }
    }
  }

  /// Returns the waiting entries; those that failed before come last.
  private func thisRound() throws(TransactionError) -> [Entry] {
    let troubled = troubled.withLock { $0 }
    let entries = try waiting()
    return entries.filter { !troubled.contains($0.id) }
      + entries.filter { troubled.contains($0.id) }
  }

  /// Returns the URLs at Cloudinary of photos that were moved back.
  private func formerURLs() throws(TransactionError) -> [String] {
    try store.read().state.allEntries.flatMap(\.entries).compactMap(\.formerImageURL)
  }

  /// Returns the entries that are not public although their photos are still at Cloudinary.
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

  /// Moves one entry's photo to Cloudinary; does nothing while another process is moving it.
  ///
  /// The local file stays until the next round, for clients that still have its URL.
  /// - Returns: Whether it was moved.
  /// - Throws: `CloudinaryError`; the photo is then not moved.
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

  /// Removes an upload that was not committed, unless the entry shows it: both have the same public ID.
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
  /// - Returns: Whether it was moved; `false` also when the photo is not at Cloudinary.
  /// - Throws: `CloudinaryError`, or `PhotoError` when it cannot be stored.
  public func moveFromCloudinary(_ entry: Entry, _ cloudinary: Cloudinary) throws -> Bool {
    guard let url = entry.imageURL, cloudinary.holds(url) else { return false }
    let bytes = try cloudinary.download(url)
    var upload = photos.receive(maxBytes: bytes.count)
    do throws(PhotoError) {
      try upload.write(bytes[...])
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

  /// Removes from Cloudinary a photo that was moved back; the entry keeps the former URL for a retry.
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
    /// The outcome of the commit is unknown, so both copies have to stay.
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
