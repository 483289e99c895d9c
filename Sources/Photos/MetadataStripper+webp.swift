/// WebP: chunks of a RIFF file (RFC 9649, section 2).
extension MetadataStripper {
  private static let keptWebPChunks: Set<String> = [
    "VP8 ", "VP8L", "ALPH", "ICCP",
  ]
  /// What a frame of an animation is made of.
  private static let keptFrameChunks: Set<String> = ["VP8 ", "VP8L", "ALPH"]
  private static let (exifFlag, xmpFlag): (UInt8, UInt8) = (0x08, 0x04)

  mutating func stripWebP(_ read: Source) throws(PhotoError) {
    let head = try read(0, 12)
    try keep(0..<12)
    let end = min(length, 8 + head.littleEndian(4, 4))
    var extended: Range<Int>?
    var orientation: Orientation?
    var offset = 12
    while offset < end, case let head = try read(offset, 8), head.count == 8 {
      let count = head.littleEndian(4, 4)
      // Chunks begin at even places.
      let chunk = offset..<(offset + 8 + count + count % 2)
      switch String(decoding: head[0..<4], as: UTF8.self) {
      // These have one length.
      case "VP8X" where count == 10:
        extended = chunk
        try keep(chunk)
      case "ANIM" where count == 6: try keep(chunk)
      case "ANMF" where count >= 16: try takeFrame(chunk, read)
      case "EXIF":
        let tiff = try read(offset + 8, min(count, 65_536))
        if let found = Orientation(tiff: tiff), extended != nil, orientation == nil {
          orientation = found
          try replace(chunk, with: Self.chunk("EXIF", found.tiff), read)
        }
      case let name where Self.keptWebPChunks.contains(name): try keep(chunk)
      default: break
      }
      offset = chunk.upperBound
    }
    try amendHeaders(extended, orientation, read)
  }

  /// A frame, without what is no part of its picture (RFC 9649, section 2.7.1.1).
  private mutating func takeFrame(_ chunk: Range<Int>, _ read: Source) throws(PhotoError) {
    let chunk = chunk.clamped(to: 0..<length)
    var parts: [Range<Int>] = []
    var offset = chunk.lowerBound + 24
    while offset < chunk.upperBound, case let head = try read(offset, 8), head.count == 8 {
      let count = head.littleEndian(4, 4)
      let part = offset..<(offset + 8 + count + count % 2)
      if Self.keptFrameChunks.contains(String(decoding: head[0..<4], as: UTF8.self)) {
        parts.append(part.clamped(to: chunk))
      }
      offset = part.upperBound
    }
    let size = 16 + parts.reduce(0) { $0 + $1.count }
    let sizeBytes = (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
    try keep(chunk.lowerBound..<(chunk.lowerBound + 4))
    try replace((chunk.lowerBound + 4)..<(chunk.lowerBound + 8), with: sizeBytes, read)
    try keep((chunk.lowerBound + 8)..<(chunk.lowerBound + 24))
    for part in parts { try keep(part) }
  }

  /// The length of the file, and the flags that say what is in it.
  private mutating func amendHeaders(
    _ extended: Range<Int>?, _ orientation: Orientation?, _ read: Source
  ) throws(PhotoError) {
    let written = self
    pieces = []
    let count = UInt32(truncatingIfNeeded: max(4, written.bytesKept - 8))
    let size = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    for piece in written.pieces {
      guard case .copy(var range) = piece else {
        pieces.append(piece)
        continue
      }
      if range.lowerBound == 0 {
        try keep(0..<4)
        try replace(4..<8, with: size, read)
        range = 8..<range.upperBound
      }
      if let flags = extended.map({ $0.lowerBound + 8 }), range.contains(flags) {
        try keep(range.lowerBound..<flags)
        let before = try read(flags, 1)[0] & ~(Self.exifFlag | Self.xmpFlag)
        try replace(
          flags..<(flags + 1), with: [orientation == nil ? before : before | Self.exifFlag], read)
        range = (flags + 1)..<range.upperBound
      }
      try keep(range)
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

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let size = (0..<4).map { UInt8(truncatingIfNeeded: data.count >> (8 * $0)) }
    return Array(name.utf8) + size + data + (data.count % 2 == 1 ? [0] : [])
  }
}
