import ASCII

/// The bytes of a picture, read through a window so that small reads cost few system calls.
package final class PictureBytes {
  /// Gives bytes of the file; fewer than asked for at its end.
  package typealias Source = (_ offset: Int, _ count: Int) throws(PhotoError) -> [UInt8]

  private static let windowBytes = 65_536

  /// How long the file is, in bytes.
  let count: Int
  private let source: Source
  private var window: (offset: Int, bytes: [UInt8])

  /// - Parameters:
  ///   - count: How long the file is.
  ///   - beginning: The bytes of it that are in memory.
  ///   - source: Gives the others.
  package init(count: Int, beginning: [UInt8] = [], source: @escaping Source) {
    self.count = count
    self.source = source
    window = (0, beginning)
  }

  /// The bytes of a range, as far as there are any.
  func bytes(_ range: Range<Int>) throws(PhotoError) -> ArraySlice<UInt8> {
    let wanted = range.clamped(to: 0..<count)
    guard !wanted.isEmpty else { return [] }
    let known = window.offset..<(window.offset + window.bytes.count)
    if !(known.lowerBound <= wanted.lowerBound && wanted.upperBound <= known.upperBound) {
      window = (
        wanted.lowerBound, try source(wanted.lowerBound, max(wanted.count, Self.windowBytes))
      )
    }
    let start = wanted.lowerBound - window.offset
    return window.bytes.dropFirst(start).prefix(wanted.count)
  }
}

/// A position within a part of a picture; it never leaves that part.
///
/// Lengths in a picture are untrusted. A length either moves the cursor within the bytes that exist or
/// is an error, so callers never have to check a range themselves.
struct PictureCursor {
  private let picture: PictureBytes
  /// Where it is, in bytes from the beginning of the file.
  private(set) var offset: Int
  private let end: Int

  /// The beginning of a picture.
  init(_ picture: PictureBytes) {
    (self.picture, offset, end) = (picture, 0, picture.count)
  }

  private init(_ picture: PictureBytes, _ range: Range<Int>) {
    (self.picture, offset, end) = (picture, range.lowerBound, range.upperBound)
  }

  /// How many bytes follow.
  var remaining: Int { end - offset }
  /// Whether none do.
  var isAtEnd: Bool { offset == end }

  /// The next bytes, fewer at the end; the cursor stays.
  func peek(_ count: Int) throws(PhotoError) -> [UInt8] {
    Array(try picture.bytes(offset..<(offset + min(count, remaining))))
  }

  /// Skips `count` bytes.
  ///
  /// - Returns: Their range in the file.
  /// - Throws: `PhotoError.incomplete` when fewer remain.
  @discardableResult
  mutating func pass(_ count: Int) throws(PhotoError) -> Range<Int> {
    guard count <= remaining else { throw .incomplete }
    defer { offset += max(0, count) }
    return offset..<(offset + max(0, count))
  }

  /// Skips up to `count` bytes, fewer at the end.
  mutating func passUpTo(_ count: Int) {
    offset += max(0, min(count, remaining))
  }

  /// Takes so many bytes.
  mutating func take(_ count: Int) throws(PhotoError) -> [UInt8] {
    Array(try picture.bytes(try pass(count)))
  }

  /// Skips `count` bytes and returns a cursor confined to them.
  mutating func part(_ count: Int) throws(PhotoError) -> PictureCursor {
    PictureCursor(picture, try pass(count))
  }

  /// Takes the next byte.
  mutating func byte() throws(PhotoError) -> UInt8 {
    guard let byte = try picture.bytes(try pass(1)).first else { throw .incomplete }
    return byte
  }

  /// Reads a big-endian number of up to four bytes.
  mutating func bigEndian(_ count: Int) throws(PhotoError) -> Int {
    try take(count).reduce(0) { $0 << 8 | Int($1) }
  }

  /// Reads a little-endian number of up to four bytes.
  mutating func littleEndian(_ count: Int) throws(PhotoError) -> Int {
    try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Moves to the first pair of bytes that begins with `first` and whose second byte is wanted, or past
  /// the last byte.
  ///
  /// - Returns: Whether a pair was found.
  mutating func search(
    for first: UInt8, before isWanted: (UInt8) -> Bool
  ) throws(PhotoError) -> Bool {
    while remaining > 1 {
      let block = try picture.bytes(offset..<(offset + min(32_768, remaining)))
      var rest = block
      while let index = rest.index(ofByte: first), index + 1 < block.endIndex {
        if isWanted(block[index + 1]) {
          passUpTo(index - block.startIndex)
          return true
        }
        rest = block[(index + 1)...]
      }
      // The last byte may be the first of a pair.
      passUpTo(block.count - 1)
    }
    passUpTo(remaining)
    return false
  }
}
