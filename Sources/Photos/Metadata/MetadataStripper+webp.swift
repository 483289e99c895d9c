/// WebP: chunks of a RIFF file (RFC 9649, section 2).
extension MetadataStripper {
  /// A chunk: its name, where its data are, and where all of it is.
  private struct Chunk {
    let name: String
    let data: Range<Int>
    let whole: Range<Int>
  }

  /// What an extended file says is in it, in the first byte of its header (section 2.7).
  private struct Flags: OptionSet {
    let rawValue: UInt8
    static let animation = Flags(rawValue: 0x02)
    static let xmp = Flags(rawValue: 0x04)
    static let exif = Flags(rawValue: 0x08)
    static let profile = Flags(rawValue: 0x20)
  }

  mutating func stripWebP() throws(PhotoError) {
    var cursor = PictureCursor(picture)
    try cursor.pass(4)
    let announced = try cursor.littleEndian(4)
    try cursor.pass(4)
    // The file ends at its stated length; only a final padding byte may be missing.
    guard announced >= 12, announced - 4 - announced % 2 <= cursor.remaining else {
      throw .incomplete
    }
    var file = try cursor.part(min(announced - 4, cursor.remaining))
    let first = try Self.chunk(&file)
    switch first.name {
    case "VP8 ", "VP8L":
      try noteSize(of: first)
      try keep(first.whole)
    case "VP8X": try takeExtended(first, &file)
    default: throw .notAnImage
    }
    try prependHeader()
  }

  private static func chunk(_ cursor: inout PictureCursor) throws(PhotoError) -> Chunk {
    let start = cursor.offset
    let name = String(decoding: try cursor.take(4), as: UTF8.self)
    let count = try cursor.littleEndian(4)
    let data = try cursor.pass(count)
    // Chunks start at even offsets.
    cursor.passUpTo(count % 2)
    return Chunk(name: name, data: data, whole: start..<cursor.offset)
  }

  private mutating func takeExtended(
    _ header: Chunk, _ file: inout PictureCursor
  ) throws(PhotoError) {
    guard header.data.count == 10 else { throw .notAnImage }
    let head = Array(try picture.bytes(header.data))
    let said = Flags(rawValue: head[0])
    // Both sides are stored minus one.
    let width = head[4..<7].reversed().reduce(0) { $0 << 8 | Int($1) } + 1
    let height = head[7..<10].reversed().reduce(0) { $0 << 8 | Int($1) } + 1
    try note(width, height)
    var flags = said.subtracting([.exif, .xmp, .profile])
    var (hasPicture, hasAlpha) = (false, false)
    while !file.isAtEnd {
      let chunk = try Self.chunk(&file)
      switch chunk.name {
      case "ICCP" where said.contains(.profile) && !flags.contains(.profile) && !hasPicture:
        guard try isProfile(chunk.data) else { continue }
        flags.insert(.profile)
        try keep(chunk.whole)
      case "ANIM" where said.contains(.animation) && chunk.data.count == 6 && !hasPicture:
        try keep(chunk.whole)
      case "ANMF" where said.contains(.animation):
        try takeFrame(chunk, in: (width, height))
        hasPicture = true
      case "ALPH" where !said.contains(.animation) && !hasPicture && !hasAlpha:
        hasAlpha = true
        try keep(chunk.whole)
      case "VP8 ", "VP8L":
        guard !said.contains(.animation), !hasPicture else { continue }
        try noteSize(of: chunk, wanted: (width, height))
        try keep(chunk.whole)
        hasPicture = true
      case "EXIF" where orientation == nil:
        if try takeOrientation(chunk) { flags.insert(.exif) }
      default: break
      }
    }
    guard hasPicture else { throw .notAnImage }
    try prepend(header, [flags.rawValue] + head[1...])
  }

  /// Reduces an Exif chunk to the picture's orientation.
  ///
  /// - Returns: Whether the chunk has an orientation.
  private mutating func takeOrientation(_ chunk: Chunk) throws(PhotoError) -> Bool {
    let tiff = Array(try picture.bytes(chunk.data.prefix(65_536)))
    guard let found = Orientation(tiff: tiff) else { return false }
    orientation = found
    try replace(chunk.whole, with: Self.chunk("EXIF", found.tiff))
    return true
  }

  /// Whether it is a colour profile, as long as it says it is (ICC.1:2022, section 7.2).
  private func isProfile(_ data: Range<Int>) throws(PhotoError) -> Bool {
    let head = Array(try picture.bytes(data.prefix(40)))
    return head.prefix(4).reduce(0) { $0 << 8 | Int($1) } == data.count
      && head.dropFirst(36).elementsEqual("acsp".utf8)
  }

  /// Reads the size of a lossy or lossless picture from the beginning of its data (RFC 6386, section
  /// 9.1; RFC 9649, section 3.4).
  private mutating func noteSize(
    of chunk: Chunk, wanted: (width: Int, height: Int)? = nil
  ) throws(PhotoError) {
    let head = Array(try picture.bytes(chunk.data.prefix(10)))
    let width: Int
    let height: Int
    if chunk.name == "VP8L" {
      guard head.count >= 5, head[0] == 0x2F else { throw .notAnImage }
      let bits = head[1..<5].reversed().reduce(0) { $0 << 8 | Int($1) }
      (width, height) = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    } else {
      // A key frame; its start code, and the length of its first partition.
      guard head.count == 10, head[0] & 1 == 0, head[3..<6].elementsEqual([0x9D, 0x01, 0x2A]) else {
        throw .notAnImage
      }
      let partition = head[0..<3].reversed().reduce(0) { $0 << 8 | Int($1) } >> 5
      guard partition <= chunk.data.count - 10 else { throw .incomplete }
      width = Int(head[7] & 0x3F) << 8 | Int(head[6])
      height = Int(head[9] & 0x3F) << 8 | Int(head[8])
    }
    guard wanted.map({ $0 == (width, height) }) ?? true else { throw .notAnImage }
    try note(width, height)
  }

  /// Keeps a frame's picture and drops its other chunks (RFC 9649, section 2.7.1.1).
  private mutating func takeFrame(
    _ frame: Chunk, in canvas: (width: Int, height: Int)
  ) throws(PhotoError) {
    guard frame.data.count >= 16 else { throw .incomplete }
    let head = Array(try picture.bytes(frame.data.prefix(16)))
    func number(_ start: Int) -> Int {
      head[start..<(start + 3)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let size = (width: number(6) + 1, height: number(9) + 1)
    guard 2 * number(0) + size.width <= canvas.width, 2 * number(3) + size.height <= canvas.height
    else { throw .notAnImage }
    var inner = PictureCursor(picture)
    try inner.pass(frame.data.lowerBound + 16)
    var content = try inner.part(frame.data.count - 16)
    var parts: [Range<Int>] = []
    var hasPicture = false
    while !content.isAtEnd, !hasPicture {
      let part = try Self.chunk(&content)
      if part.name == "VP8 " || part.name == "VP8L" {
        try noteSize(of: part, wanted: size)
        hasPicture = true
      }
      if hasPicture || part.name == "ALPH" { parts.append(part.whole) }
    }
    guard hasPicture else { throw .notAnImage }
    let count = 16 + parts.reduce(0) { $0 + $1.count }
    let start = frame.whole.lowerBound
    try keep(start..<(start + 4))
    try replace((start + 4)..<(start + 8), with: Self.littleEndianBytes(count))
    try keep((start + 8)..<(start + 24))
    for part in parts { try keep(part) }
    // Pads the frame, because the next chunk starts at an even offset.
    if !count.isMultiple(of: 2) { try append(bytes: [0]) }
  }

  /// Prepends the extended file's header, with the flags updated.
  private mutating func prepend(_ header: Chunk, _ data: [UInt8]) throws(PhotoError) {
    try insertInFront { stripper throws(PhotoError) in
      let flags = header.data.lowerBound..<(header.data.lowerBound + 1)
      try stripper.keep(header.whole.lowerBound..<flags.lowerBound)
      try stripper.replace(flags, with: [data[0]])
      try stripper.keep(flags.upperBound..<header.whole.upperBound)
    }
  }

  /// Prepends the RIFF header, with the length updated.
  private mutating func prependHeader() throws(PhotoError) {
    let count = 4 + bytesKept
    try insertInFront { stripper throws(PhotoError) in
      try stripper.keep(0..<4)
      try stripper.replace(4..<8, with: Self.littleEndianBytes(count))
      try stripper.keep(8..<12)
    }
  }

  private mutating func insertInFront(
    _ body: (inout MetadataStripper) throws(PhotoError) -> Void
  ) throws(PhotoError) {
    let rest = pieces
    pieces = []
    try body(&self)
    for piece in rest {
      // Neighbours become one again.
      if case .copy(let range) = piece { try keep(range) } else { pieces.append(piece) }
    }
  }

  private var bytesKept: Int {
    pieces.reduce(0) { sum, piece in
      switch piece {
      case .copy(let range): sum + range.count
      case .bytes(let bytes): sum + bytes.count
      }
    }
  }

  private static func littleEndianBytes(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    Array(name.utf8) + littleEndianBytes(data.count) + data + (data.count % 2 == 1 ? [0] : [])
  }
}
