public import Contest
public import DurableStore
import Logging
public import Photos
import Synchronization

/// When Cloudinary is asked again after it failed: nobody who enters waits for what is down.
final class CloudinaryBreaker: Sendable {
  private static let pause = Duration.seconds(60)
  private let openUntil = Mutex<ContinuousClock.Instant?>(nil)

  var isOpen: Bool { openUntil.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

  func failed() { openUntil.withLock { $0 = ContinuousClock.now + Self.pause } }
  func succeeded() { openUntil.withLock { $0 = nil } }
}

/// Photos at Cloudinary. Those of entries that are `local-fallback` are the outbox: they are moved
/// as soon as that is possible.
extension Site {
  /// Where a photo of a new entry is published.
  ///
  /// Blocks for up to ten seconds while it is sent.
  func publish(_ photo: StoredPhoto) -> (url: String, method: Entry.StorageMethod) {
    guard let cloudinary else { return (photo.url, .localPrimary) }
    // What nobody may see yet stays here.
    guard !settings.isModerated, !breaker.isOpen else { return (photo.url, .localFallback) }
    do throws(CloudinaryError) {
      let sent = try slowPlaces.take { () throws(CloudinaryError) in try cloudinary.upload(photo) }
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
  func removePhoto(at url: String, mayBeMoving: Bool = false) {
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
  public func outbox(all: Bool = false) throws(TransactionError) -> [Entry] {
    let methods = [Entry.StorageMethod.localFallback] + (all ? [.localPrimary] : [])
    let entries = try store.read().state.allEntries.flatMap(\.entries).filter { entry in
      methods.contains { $0.rawValue == entry.storageMethod } && entry.isShown
        && entry.imageURL.flatMap(StoredPhoto.init(url:)) != nil
    }
    return entries.sorted { $0.createdAtMilliseconds < $1.createdAtMilliseconds }
  }

  /// Moves what waits in the outbox, until that fails; blocks meanwhile.
  ///
  /// - Throws: `TransactionError` when the store cannot be read or written.
  public func tendOutbox() throws(TransactionError) {
    removeMovedPhotos()
    guard let cloudinary, !breaker.isOpen else { return }
    for entry in try rejectedAtCloudinary() { bringHome(entry, cloudinary) }
    for url in try formerURLs() where cloudinary.holds(url) { removeFormer(url, cloudinary) }
    for entry in try outboxForThisRound() {
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
  private func outboxForThisRound() throws(TransactionError) -> [Entry] {
    let troubled = troubled.withLock { $0 }
    let entries = try outbox()
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
        try removeUnlessShown(url, entry, cloudinary)
        return false
      case .unknown: return false
      }
      return true
    }
  }

  /// Removes what was sent in vain; not what the entry shows, which has the same name there.
  private func removeUnlessShown(
    _ url: String, _ entry: Entry, _ cloudinary: Cloudinary
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
    for photo in photos where (try? namedPhotos().contains(photo)) == false {
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
    case .made: settlePhoto(ofEntry: entry.id)
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
      _ = try commit(
        .relocate(Relocation(entry, to: url, method)), transactionID: newTransactionID())
      return .made
    } catch {
      return error.outcome == .unknown ? .unknown : .refused
    }
  }
}
