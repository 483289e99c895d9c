/// Removes from a picture everything that identifies a person, a place or a device.
///
/// Nothing is decoded: the image data are kept byte for byte. Besides them, only what viewers need is
/// kept: the colour profile, the orientation, an animation's timing. Everything else is removed, known
/// or unknown, including data after the picture's end. A picture that is truncated, or that has no image
/// data, is refused.
package struct MetadataStripper {
  /// A piece of the stripped file.
  package enum Piece: Equatable {
    /// These bytes of the file.
    case copy(Range<Int>)
    /// Bytes in place of others.
    case bytes([UInt8])
  }

  /// The stripped picture.
  package struct Result {
    /// In file order; a single copy of everything when nothing is removed.
    package let pieces: [Piece]
    /// The size as displayed.
    package let size: PictureSize
  }

  /// More pieces than this indicate an attack, not a picture.
  private static let maxPieces = 20_000

  /// In file order; adjacent ranges are merged.
  var pieces: [Piece] = []
  /// As the file has it; `nil` until it is known.
  var size: PictureSize?
  /// The first that was found.
  var orientation: Orientation?
  let picture: PictureBytes
  private let maxPixels: Int

  private init(_ picture: PictureBytes, maxPixels: Int) {
    self.picture = picture
    self.maxPixels = maxPixels
  }

  /// Determines which pieces of a picture to keep.
  ///
  /// - Parameters:
  ///   - type: The type, recognized by the signature.
  ///   - picture: Its bytes.
  ///   - maxPixels: How many pixels it, and each frame of it, may have.
  /// - Returns: The parts, and how large it is.
  /// - Throws: `PhotoError.notAnImage`, `.incomplete`, `.tooManyPixels`, and what reading throws.
  package static func result(
    of type: ImageType, _ picture: PictureBytes, maxPixels: Int
  ) throws(PhotoError) -> Result {
    var stripper = MetadataStripper(picture, maxPixels: maxPixels)
    switch type {
    case .jpeg: try stripper.stripJPEG()
    case .png: try stripper.stripPNG()
    case .gif: try stripper.stripGIF()
    case .webp: try stripper.stripWebP()
    }
    guard let size = stripper.size else { throw .notAnImage }
    return Result(pieces: stripper.pieces, size: size.turned(stripper.orientation))
  }

  /// Takes note of the size that the picture, or a frame of it, says it has.
  mutating func note(_ width: Int, _ height: Int) throws(PhotoError) {
    let found = try PictureSize(width, height)
    guard found.pixels <= maxPixels else { throw .tooManyPixels }
    size = size ?? found
  }

  /// Keeps bytes of the file.
  mutating func keep(_ range: Range<Int>) throws(PhotoError) {
    guard !range.isEmpty else { return }
    if case .copy(let before) = pieces.last, before.upperBound == range.lowerBound {
      pieces[pieces.count - 1] = .copy(before.lowerBound..<range.upperBound)
    } else {
      try append(.copy(range))
    }
  }

  /// Replaces a range of the file; keeps the range when the bytes are the same.
  mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) throws(PhotoError) {
    if range.count == bytes.count, try picture.bytes(range).elementsEqual(bytes) {
      try keep(range)
    } else {
      try append(.bytes(bytes))
    }
  }

  /// Appends bytes.
  mutating func append(bytes: [UInt8]) throws(PhotoError) {
    try append(.bytes(bytes))
  }

  private mutating func append(_ piece: Piece) throws(PhotoError) {
    guard pieces.count < Self.maxPieces else { throw .notAnImage }
    pieces.append(piece)
  }
}
