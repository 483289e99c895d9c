/// How large a picture is, and how it is to be turned.
public struct PictureSize: Sendable, Equatable {
  /// The width in pixels as the file has it, at least 1.
  public let width: Int
  /// The height in pixels as the file has it, at least 1.
  public let height: Int

  /// No format has a longer side (PNG, section 11.2.1); the product then fits.
  private static let sides = 1...Int(Int32.max)

  /// - Throws: `PhotoError.notAnImage` for a side of nothing.
  init(_ width: Int, _ height: Int) throws(PhotoError) {
    guard Self.sides.contains(width), Self.sides.contains(height) else { throw .notAnImage }
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
