import ChildProcess
public import Files
import Glibc

/// Why there is no rendition.
public enum RenditionError: Error, Sendable, Equatable {
  /// There is no such photo, or no such width.
  case unknown
  /// Too many renditions were being made to start this one in time.
  case busy
  /// Making it took too long.
  case tooSlow
  /// The photo cannot be decoded, for the reason given.
  case undecodable(String)
  /// It could not be stored.
  case storage(FileError)
}

/// Smaller versions of the photos, below `public/thumbs/<width>/`, made on first request.
///
/// They are always WebP, whatever the photo's extension, which they keep. They can be deleted at any time.
public final class Renditions: Sendable {
  /// The widths there are, in pixels.
  public static let widths = [320, 480, 800, 1600]
  /// The same widths, ordered by how soon pages request them.
  public static let widthsByUse = [480, 800, 320, 1600]
  /// The maximum wait for a place, and then again for another request's claim on the photo.
  private static let maxWait = Duration.seconds(20)
  private static let microsecondsBetweenLooks: UInt32 = 10_000

  private let folder: Folder
  private let surroundings: Surroundings
  private let places: Places

  /// Takes the photos of a data directory.
  ///
  /// - Parameters:
  ///   - folder: The data directory.
  ///   - places: Limits the threads that make a rendition or wait for one.
  ///   - surroundings: Time and randomness; tests replace them.
  public init(
    _ folder: Folder, places: Places, surroundings: Surroundings = .machine
  ) {
    self.folder = folder
    self.places = places
    self.surroundings = surroundings
  }

  /// Returns whether a rendition exists, or cannot be made because the photo is not there.
  public func isThere(_ photo: StoredPhoto, width: Int) -> Bool {
    folder.holdsFile(Self.name(of: photo, width))
      || !folder.holdsFile("uploads/" + photo.name)
  }

  /// A photo in another width; blocks while it is made.
  ///
  /// Concurrent requests, even in several processes, make it only once.
  /// - Parameters:
  ///   - photo: The photo.
  ///   - width: One of `widths`; a smaller photo stays as small as it is.
  /// - Returns: The picture, as WebP; `nil` where the tool to make it is not installed.
  /// - Throws: `RenditionError`; nothing is then kept.
  public func rendition(of photo: StoredPhoto, width: Int) throws(RenditionError) -> [UInt8]? {
    let original = "uploads/" + photo.name
    guard Self.widths.contains(width), folder.holdsFile(original) else {
      throw .unknown
    }
    guard let tool = PictureTool() else { return nil }
    let made = try places.takeInTurn(within: Self.maxWait) { () throws(RenditionError) in
      try makeOnce(photo, of: original, width: width, by: tool)
    }
    guard let made else { throw .busy }
    return made
  }

  private func makeOnce(
    _ photo: StoredPhoto, of original: String, width: Int, by tool: PictureTool
  ) throws(RenditionError) -> [UInt8] {
    let name = Self.name(of: photo, width)
    let claim = try claim(original)
    return try withExtendedLifetime(claim) { () throws(RenditionError) in
      if let made = folder.contents(of: name) { return made }
      let picture = try make(original, width: width, by: tool)
      try keep(picture, width: width, as: name)
      // The photo was removed meanwhile, along with the renditions it had by then.
      guard folder.holdsFile(original) else {
        Self.remove(photo, in: folder)
        throw .unknown
      }
      return picture
    }
  }

  /// Removes all renditions of a photo.
  static func remove(_ photo: StoredPhoto, in folder: Folder) {
    for width in widths {
      // A leftover can be reached only by someone who knows the photo's name.
      _ = folder.removeFile(name(of: photo, width))
    }
  }

  private static func name(of photo: StoredPhoto, _ width: Int) -> String {
    "public/thumbs/\(width)/\(photo.name)"
  }

  /// The right to make renditions of a photo.
  private func claim(_ original: String) throws(RenditionError) -> FileClaim {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < Self.maxWait {
      do throws(FileError) {
        if let claim = try FileClaim(original, in: folder) { return claim }
      } catch {
        throw .storage(error)
      }
      usleep(Self.microsecondsBetweenLooks)
    }
    throw .busy
  }

  private func make(
    _ original: String, width: Int, by tool: PictureTool
  ) throws(RenditionError) -> [UInt8] {
    do throws(ChildProcessError) {
      return try tool.rendition(of: folder.path + "/" + original, width: width)
    } catch {
      // A lack of resources says nothing about the picture.
      if error.couldNotStart { throw .busy }
      if error.isTimeout { throw .tooSlow }
      throw .undecodable("\(error)")
    }
  }

  private func keep(_ picture: [UInt8], width: Int, as name: String) throws(RenditionError) {
    do throws(FileError) {
      for needed in ["public", "public/thumbs", "public/thumbs/\(width)"] {
        try folder.makeFolder(needed)
      }
      try folder.writeFile(picture, as: name, surroundings: surroundings)
    } catch {
      throw .storage(error)
    }
  }
}
