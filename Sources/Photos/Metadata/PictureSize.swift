/// How large a picture is, and how it is to be turned.
public struct PictureSize: Sendable, Equatable {
  /// The width in pixels as the file has it, at least 1.
  public let width: Int
  /// The height in pixels as the file has it, at least 1.
  public let height: Int

  /// The longest side that JPEG allows (ITU-T T.81, B.2.2); it applies to every format.
  private static let maxSide = 65_535

  /// - Throws: `PhotoError.notAnImage` when a side is not positive, `.tooManyPixels` when one is too long.
  init(_ width: Int, _ height: Int) throws(PhotoError) {
    guard width > 0, height > 0 else { throw .notAnImage }
    guard max(width, height) <= Self.maxSide else { throw .tooManyPixels }
    (self.width, self.height) = (width, height)
  }

  /// Both multiplied.
  var pixels: Int { width * height }

  /// Returns the size as displayed: orientations 5 to 8 swap width and height.
  func turned(_ orientation: Orientation?) -> PictureSize {
    (orientation?.value ?? 1) >= 5 ? PictureSize(unchecked: height, width) : self
  }

  private init(unchecked width: Int, _ height: Int) {
    (self.width, self.height) = (width, height)
  }
}
