public import Files

/// Why a photo is not accepted.
public enum PhotoError: Error, Sendable, Equatable {
  /// It has no accepted format, or it is malformed.
  case notAnImage
  /// The file has a name but no content.
  case empty
  /// It is truncated.
  case incomplete
  /// It could not be converted to JPEG, for the reason given.
  case notConvertible(ConvertibleType, String)
  /// Too many photos are being converted at the moment.
  case busy
  /// It has more pixels than `maxPixels`.
  case tooManyPixels
  /// It has more bytes than allowed.
  case tooLarge
  /// It could not be stored.
  case storage(FileError)
}

/// The photos below `uploads/`, named by the server: `<ms>-<6 base36><look>.<ext>`, see `PhotoLook`.
public struct PhotoStore: Sendable {
  /// The maximum number of pixels; larger pictures are refused on their header alone.
  public static let maxPixels = 50_000_000

  private let folder: Folder
  private let surroundings: Surroundings
  /// Limits the number of threads that convert a photo to JPEG.
  private let places: Places

  /// Takes the photos of a data directory.
  public init(
    _ folder: Folder, places: Places = Places(4), surroundings: Surroundings = .machine
  ) {
    self.places = places
    self.folder = folder
    self.surroundings = surroundings
  }

  /// Begins to receive a photo.
  ///
  /// - Parameter maxBytes: How long it may be.
  /// - Returns: The upload, to be written to and then kept or discarded.
  public func receive(maxBytes: Int) -> PhotoUpload {
    PhotoUpload(maxBytes: maxBytes) { () throws(PhotoError) in try stagedFile() }
  }

  /// Checks an upload, strips its metadata, synchronizes it and gives it its name.
  ///
  /// - Parameters:
  ///   - received: The upload.
  ///   - colour: The placeholder's colour until the picture is loaded; `nil` for a neutral one.
  ///   - isHidden: Whether the photo stays hidden until `show`.
  /// - Returns: The stored photo.
  /// - Throws: `PhotoError`; nothing is then kept.
  public func keep(
    _ received: consuming PhotoUpload, colour: PhotoColour? = nil, isHidden: Bool = false
  ) throws(PhotoError) -> StoredPhoto {
    var upload = try accepted(received)
    let examined: PhotoUpload.Examined
    let file: StagedFile
    do throws(PhotoError) {
      examined = try upload.examine(maxPixels: Self.maxPixels)
      file = try strippedFile(of: &upload, examined)
    } catch {
      upload.discard()
      throw error
    }
    upload.discard()
    let look = PhotoLook(size: examined.size, colour: colour)
    let photo = StoredPhoto(
      made: "\(surroundings.identifier())\(look.text).\(examined.type.fileExtension)")
    let name = isHidden ? photo.hiddenName : photo.name
    do throws(FileError) {
      try file.keep(in: folder.path + "/uploads", asNew: name)
    } catch {
      throw .storage(error)
    }
    return photo
  }

  /// Returns the upload, converted to JPEG if its format requires it.
  private func accepted(_ received: consuming PhotoUpload) throws(PhotoError) -> PhotoUpload {
    var upload = received
    let jpeg: [UInt8]?
    do throws(PhotoError) {
      jpeg = try upload.convertibleType().map { type throws(PhotoError) in
        let made = try places.take { () throws(PhotoError) in try upload.jpeg(from: type) }
        guard let made else { throw .busy }
        return made
      }
    } catch {
      upload.discard()
      throw error
    }
    guard let jpeg else { return upload }
    upload.discard()
    var converted = receive(maxBytes: jpeg.count)
    do throws(PhotoError) {
      try converted.write(jpeg[...])
    } catch {
      converted.discard()
      throw error
    }
    return converted
  }

  /// The picture without metadata; the upload's own file if that is what it holds.
  private func strippedFile(
    of upload: inout PhotoUpload, _ examined: PhotoUpload.Examined
  ) throws(PhotoError) -> StagedFile {
    if examined.isClean, let file = upload.takeFile() { return file }
    var copy = try stagedFile()
    do throws(PhotoError) {
      for piece in examined.pieces { try upload.write(piece, to: &copy) }
    } catch {
      copy.discard()
      throw error
    }
    return copy
  }

  private func stagedFile() throws(PhotoError) -> StagedFile {
    do throws(FileError) {
      // A folder may have been deleted while the site runs.
      try folder.makeMissing([".temp", "uploads"])
      return try StagedFile(in: folder.folder(".temp"), surroundings: surroundings)
    } catch {
      throw .storage(error)
    }
  }

  /// Claims a photo in order to move it; `nil` if another process holds the claim, or the photo is gone.
  public func claim(_ photo: StoredPhoto) -> FileClaim? {
    try? FileClaim("uploads/" + photo.name, in: folder)
  }

  /// Hides a photo and removes its renditions.
  ///
  /// - Returns: Whether the photo is no longer public.
  @discardableResult
  public func hide(_ photo: StoredPhoto) -> Bool {
    let isHidden = folder.renameFile("uploads/" + photo.name, to: "uploads/" + photo.hiddenName)
    Renditions.remove(photo, in: folder)
    return isHidden
  }

  /// Makes a hidden photo public again.
  ///
  /// - Returns: Whether it can be loaded again.
  @discardableResult
  public func show(_ photo: StoredPhoto) -> Bool {
    folder.renameFile("uploads/" + photo.hiddenName, to: "uploads/" + photo.name)
  }

  /// Removes a stored photo and its renditions, if they are there.
  ///
  /// - Returns: Whether nobody can load it any more.
  @discardableResult
  public func remove(_ photo: StoredPhoto) -> Bool {
    // The photo goes first: renditions made after that are discarded.
    let isGone = folder.removeFile("uploads/" + photo.name)
    let isHiddenGone = folder.removeFile("uploads/" + photo.hiddenName)
    Renditions.remove(photo, in: folder)
    return isGone && isHiddenGone
  }

  /// Whether a photo can be loaded by everybody.
  public func shows(_ photo: StoredPhoto) -> Bool {
    folder.holdsFile("uploads/" + photo.name)
  }

  /// The name of a photo's file below `uploads/`, which differs while it is hidden; `nil` when it is not there.
  public func fileName(of photo: StoredPhoto) -> String? {
    [photo.name, photo.hiddenName].first { folder.holdsFile("uploads/" + $0) }
  }

  /// A photo's bytes, also of one that is hidden; `nil` when it is not there.
  public func contents(of photo: StoredPhoto) -> [UInt8]? {
    folder.contents(of: "uploads/" + photo.name)
      ?? folder.contents(of: "uploads/" + photo.hiddenName)
  }

  /// Lists the public photos; files with other names are ignored.
  ///
  /// - Throws: `FileError` when the directory cannot be listed.
  public func all() throws(FileError) -> [StoredPhoto] {
    try folder.names(in: "uploads").compactMap(StoredPhoto.init(name:))
  }

  /// The photos that are hidden.
  ///
  /// - Throws: `FileError` when the directory cannot be listed.
  public func hidden() throws(FileError) -> [StoredPhoto] {
    try folder.names(in: "uploads").compactMap(StoredPhoto.init(hiddenName:))
  }
}
