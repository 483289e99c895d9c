/// What is left of a picture when everything that tells of a person, a place or a device is taken out.
///
/// Nothing is decoded: the picture's own data stay byte for byte. What stays besides them is what a
/// viewer needs: the colour profile, the orientation, an animation's timing. Everything else goes,
/// known or not, and so does what follows the picture's end. A picture that is cut off, or of which
/// nothing would be left, is none.
package struct MetadataStripper {
  /// A part of the picture that is left.
  package enum Piece: Equatable {
    /// These bytes of the file.
    case copy(Range<Int>)
    /// Bytes in place of others.
    case bytes([UInt8])
  }

  /// What a picture turned out to be.
  package struct Result {
    /// In the order of the new file; a single copy of everything when nothing is to be taken out.
    package let pieces: [Piece]
    /// As one sees it.
    package let size: PictureSize
  }

  /// More parts than this are no picture, but an attempt to keep us busy.
  private static let maxPieces = 20_000

  /// In the order of the new file; neighbours are one.
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

  /// Tells what stays of a picture.
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

  /// Puts bytes in the place of a range of the file; the same bytes leave it as it is.
  mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) throws(PhotoError) {
    if range.count == bytes.count, try picture.bytes(range).elementsEqual(bytes) {
      try keep(range)
    } else {
      try append(.bytes(bytes))
    }
  }

  /// Puts bytes behind what there is.
  mutating func append(bytes: [UInt8]) throws(PhotoError) {
    try append(.bytes(bytes))
  }

  private mutating func append(_ piece: Piece) throws(PhotoError) {
    guard pieces.count < Self.maxPieces else { throw .notAnImage }
    pieces.append(piece)
  }
}
