/// What is left of a picture when everything that tells of a person, a place or a device is taken out.
///
/// Nothing is decoded: the picture's own data stay byte for byte. What stays besides them is what a
/// viewer needs: the colour profile, the orientation, an animation's timing. Everything else goes,
/// known or not, and so does what follows the picture's end. What makes no sense ends the picture.
struct MetadataStripper {
  /// Gives bytes of the file; fewer than asked for at its end.
  typealias Source = (_ offset: Int, _ count: Int) throws(PhotoError) -> [UInt8]

  /// A part of the picture that is left.
  enum Piece: Equatable {
    /// These bytes of the file.
    case copy(Range<Int>)
    /// Bytes in place of others.
    case bytes([UInt8])
  }

  /// More parts than this are no picture, but an attempt to keep us busy.
  private static let maxPieces = 20_000

  /// In the order of the new file; neighbours are one.
  var pieces: [Piece] = []
  /// How long the file is, in bytes.
  let length: Int

  private init(length: Int) {
    self.length = length
  }

  /// Tells what stays of a picture.
  ///
  /// - Parameters:
  ///   - type: The type, recognized by the signature.
  ///   - length: How long the file is, in bytes.
  ///   - source: Gives its bytes.
  /// - Returns: The parts in order; a single copy of everything when nothing is to be taken out.
  /// - Throws: `PhotoError.notAnImage` for too many parts, and what the source throws.
  static func pieces(
    of type: ImageType, length: Int, from source: Source
  ) throws(PhotoError) -> [Piece] {
    var stripper = MetadataStripper(length: length)
    // Formats have many small blocks; the file is read in few large ones.
    var window: (offset: Int, bytes: [UInt8]) = (0, [])
    func read(_ offset: Int, _ count: Int) throws(PhotoError) -> [UInt8] {
      guard offset < length, count > 0 else { return [] }
      let wanted = offset..<min(offset + count, length)
      if wanted.lowerBound < window.offset
        || wanted.upperBound > window.offset + window.bytes.count
      {
        window = (offset, try source(offset, max(count, 65_536)))
      }
      return Array(window.bytes.dropFirst(offset - window.offset).prefix(count))
    }
    switch type {
    case .jpeg: try stripper.stripJPEG(read)
    case .png: try stripper.stripPNG(read)
    case .gif: try stripper.stripGIF(read)
    case .webp: try stripper.stripWebP(read)
    }
    return stripper.pieces
  }

  /// Keeps bytes of the file, as far as there are any.
  mutating func keep(_ range: Range<Int>) throws(PhotoError) {
    let range = range.clamped(to: 0..<length)
    guard !range.isEmpty else { return }
    if case .copy(let before) = pieces.last, before.upperBound == range.lowerBound {
      pieces[pieces.count - 1] = .copy(before.lowerBound..<range.upperBound)
    } else {
      try append(.copy(range))
    }
  }

  /// Puts bytes in the place of a range of the file; the same bytes leave it as it is.
  mutating func replace(
    _ range: Range<Int>, with bytes: [UInt8], _ read: Source
  ) throws(PhotoError) {
    if range.count == bytes.count, try read(range.lowerBound, range.count) == bytes {
      try keep(range)
    } else {
      try append(.bytes(bytes))
    }
  }

  private mutating func append(_ piece: Piece) throws(PhotoError) {
    guard pieces.count < Self.maxPieces else { throw .notAnImage }
    pieces.append(piece)
  }
}
