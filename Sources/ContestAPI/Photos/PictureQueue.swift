import Contest
import DurableStore
import Logging
import Photos
import Synchronization

/// Makes renditions before pages request them: the newest entries first, and the widths that the wall
/// shows before the others.
///
/// The queue is derived from the store, so after a restart it finds again what is missing.
public final class PictureQueue: Sendable {
  /// The number of newest entries considered per category: as many as a page first shows.
  private static let entriesOfCategory = 60

  private struct Picture: Hashable {
    let photo: StoredPhoto
    let width: Int
  }

  private struct Waiting {
    var generation = -1
    /// In reverse order: the last is made next.
    var pictures: [Picture] = []
    /// Renditions that failed; they are not retried.
    var failed: Set<Picture> = []
  }

  private let site: Site
  private let waiting = Mutex(Waiting())

  /// A queue for the photos of a site.
  public init(_ site: Site) {
    self.site = site
  }

  /// Makes the next picture that is missing; blocks meanwhile.
  ///
  /// - Returns: Whether there was one.
  public func makeNext() -> Bool {
    look()
    guard let picture = waiting.withLock({ $0.pictures.popLast() }) else { return false }
    do throws(RenditionError) {
      // Without the tool there is nothing to be made.
      guard try site.renditions.rendition(of: picture.photo, width: picture.width) != nil else {
        waiting.withLock { $0.pictures = [] }
        return false
      }
    } catch {
      if error != .unknown {
        site.logger.warning(
          "no rendition", metadata: ["photo": "\(picture.photo.name)", "reason": "\(error)"])
      }
      waiting.withLock { _ = $0.failed.insert(picture) }
    }
    return true
  }

  /// Finds the missing renditions, if anything has been committed since the last look.
  private func look() {
    // If the store cannot be read now, the next call looks again.
    guard let snapshot = try? site.store.read() else { return }
    guard waiting.withLock({ $0.generation != snapshot.generation }) else { return }
    let photos = newestPhotos(snapshot.state)
    let failed = waiting.withLock { $0.failed }
    let missing = Renditions.widthsByUse.flatMap { width in
      photos.map { Picture(photo: $0, width: width) }
    }.filter { !failed.contains($0) && !site.renditions.isThere($0.photo, width: $0.width) }
    waiting.withLock { waiting in
      waiting.generation = snapshot.generation
      waiting.pictures = missing.reversed()
      waiting.failed.formIntersection(
        photos.flatMap { photo in Renditions.widths.map { Picture(photo: photo, width: $0) } })
    }
  }

  private func newestPhotos(_ contest: Contest) -> [StoredPhoto] {
    let entries = contest.categories.flatMap { category in
      contest.entries(in: category.id).lazy.filter(\.isShown).prefix(Self.entriesOfCategory)
    }
    let newest = entries.sorted { $0.createdAtMilliseconds > $1.createdAtMilliseconds }
    var seen: Set<StoredPhoto> = []
    return newest.compactMap { $0.imageURL.flatMap(StoredPhoto.init(url:)) }
      .filter { seen.insert($0).inserted }
  }
}
