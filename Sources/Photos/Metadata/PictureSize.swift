/// How large a picture is, and how it is to be turned.
public struct PictureSize: Sendable, Equatable {
  /// The width in pixels as the file has it, at least 1.
  public let width: Int
  /// The height in pixels as the file has it, at least 1.
  public let height: Int

  /// JPEG has no longer side (ITU-T T.81, B.2.2), and nobody shows one.
  private static let maxSide = 65_535

  /// - Throws: `PhotoError.notAnImage` for a side of nothing, `.tooManyPixels` for one that is too long.
  init(_ width: Int, _ height: Int) throws(PhotoError) {
    guard width > 0, height > 0 else { throw .notAnImage }
    guard max(width, height) <= Self.maxSide else { throw .tooManyPixels }
    (self.width, self.height) = (width, height)
  }

  /// Both multiplied.
  var pixels: Int { width * height }

  /// The size as one sees it: an orientation of 5 to 8 turns the picture on its side.
  func turned(_ orientation: Orientation?) -> PictureSize {
    (orientation?.value ?? 1) >= 5 ? PictureSize(unchecked: height, width) : self
  }

  private init(unchecked width: Int, _ height: Int) {
    (self.width, self.height) = (width, height)
  }
}
