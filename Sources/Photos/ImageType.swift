/// An accepted picture format, recognized by content alone.
public enum ImageType: String, Sendable, CaseIterable {
  case jpeg, png, webp, gif

  /// The extension of a stored photo's name, and with it the media type the web server gives it.
  public var fileExtension: String {
    self == .jpeg ? "jpg" : rawValue
  }

  /// Recognizes a picture by its signature; `nil` for everything else.
  ///
  /// Signatures: JPEG (ITU-T T.81, B.1.1.3), PNG (section 5.2), WebP (RFC 9649, section 2.4),
  /// GIF (GIF89a, section 17).
  /// - Parameter head: The first bytes of the file; 12 are enough.
  public init?(signature head: [UInt8]) {
    if head.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if head.starts(with: Array("RIFF".utf8)),
      head.dropFirst(8).starts(with: Array("WEBP".utf8))
    {
      self = .webp
    } else if head.starts(with: Array("GIF87a".utf8)) || head.starts(with: Array("GIF89a".utf8)) {
      self = .gif
    } else {
      return nil
    }
  }
}
