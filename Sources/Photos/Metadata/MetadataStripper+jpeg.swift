/// JPEG: markers and segments (ITU-T T.81, annex B).
extension MetadataStripper {
  /// More searches for a marker than this indicate an attack, not a picture.
  private static let maxSearches = 500

  mutating func stripJPEG() throws(PhotoError) {
    var cursor = PictureCursor(picture)
    try keep(try cursor.pass(2))
    var searches = 0
    var scans = 0
    while true {
      let head = try cursor.peek(2)
      guard head.count == 2 else { throw .incomplete }
      let marker = head[1]
      switch marker {
      // Stray bytes and fill bytes.
      case _ where head[0] != 0xFF || [0x00, 0xFF].contains(marker):
        try Self.count(&searches)
        guard try cursor.search(for: 0xFF, before: { $0 != 0x00 && $0 != 0xFF }) else {
          throw .incomplete
        }
      // Markers that stand alone.
      case 0x01, 0xD0...0xD8: try cursor.pass(2)
      case 0xD9:
        guard scans > 0 else { throw .notAnImage }
        return try keep(try cursor.pass(2))
      default:
        let segment = try Self.segment(&cursor)
        try takeSegment(segment, marker)
        guard marker == 0xDA else { continue }
        try Self.count(&searches)
        scans += 1
        try takeScan(&cursor, segment)
      }
    }
  }

  private static func count(_ searches: inout Int) throws(PhotoError) {
    searches += 1
    guard searches <= maxSearches else { throw .notAnImage }
  }

  /// Reads a segment: its marker, its length, and two bytes fewer than that length.
  private static func segment(_ cursor: inout PictureCursor) throws(PhotoError) -> Range<Int> {
    let head = try cursor.pass(2)
    let length = try cursor.bigEndian(2)
    guard length >= 2 else { throw .notAnImage }
    return head.lowerBound..<(try cursor.pass(length - 2).upperBound)
  }

  private mutating func takeSegment(_ segment: Range<Int>, _ marker: UInt8) throws(PhotoError) {
    switch marker {
    case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: try takeFrame(segment)
    case 0xC4, 0xDB: try takeTables(segment, marker)
    // Conditions of arithmetic coding, scans, restart intervals; each has its length.
    case 0xCC, 0xDA: try keep(segment)
    case 0xDD:
      guard segment.count == 6 else { throw .notAnImage }
      try keep(segment)
    // Hierarchical pictures (annex J), which viewers do not support.
    case 0xDE, 0xDF: throw .notAnImage
    case 0xE0: try takeJFIF(segment)
    case 0xE1: try takeExif(segment)
    // A part of the colour profile (ICC.1:2022, annex B.4); other APP2 segments hold extra pictures.
    case 0xE2 where try isProfile(segment): try keep(segment)
    case 0xEE: try takeAdobe(segment)
    default: break
    }
  }

  /// Whether a segment is a part of a colour profile; its first part begins as a profile does
  /// (ICC.1:2022, section 7.2).
  private func isProfile(_ segment: Range<Int>) throws(PhotoError) -> Bool {
    guard try bytes(of: segment, 4..<16) == Array("ICC_PROFILE\0".utf8) else { return false }
    let place = try bytes(of: segment, 16..<18)
    guard place.count == 2, place[0] > 0, place[0] <= place[1] else { return false }
    let signature = try bytes(of: segment, 54..<58)
    return place[0] > 1 || signature == Array("acsp".utf8)
  }

  /// Tables of quantization or of codes (T.81, B.2.4.1 and B.2.4.2), which fill their segment.
  private mutating func takeTables(
    _ segment: Range<Int>, _ marker: UInt8
  ) throws(PhotoError) {
    let content = try bytes(of: segment, 4..<segment.count)
    var offset = 0
    while offset < content.count {
      if marker == 0xDB {
        offset += content[offset] >> 4 == 0 ? 65 : 129
      } else {
        offset += 17 + content.dropFirst(offset + 1).prefix(16).reduce(0) { $0 + Int($1) }
      }
    }
    guard offset == content.count, offset > 0 else { throw .notAnImage }
    try keep(segment)
  }

  /// The bytes of a segment at some offsets in it; none when it is shorter.
  private func bytes(
    of segment: Range<Int>, _ offsets: Range<Int>
  ) throws(PhotoError) -> [UInt8] {
    guard offsets.upperBound <= segment.count else { return [] }
    let start = segment.lowerBound
    return Array(
      try picture.bytes((start + offsets.lowerBound)..<(start + offsets.upperBound)))
  }

  /// Keeps the only frame header (T.81, B.2.2), whose length has to match its number of components.
  private mutating func takeFrame(_ segment: Range<Int>) throws(PhotoError) {
    let head = try bytes(of: segment, 4..<10)
    guard let components = head.last, (1...4).contains(components),
      segment.count == 10 + 3 * Int(components), size == nil
    else { throw .notAnImage }
    try note(Int(head[3]) << 8 | Int(head[4]), Int(head[1]) << 8 | Int(head[2]))
    try keep(segment)
  }

  /// Keeps the coded data of a scan, up to a marker other than a restart (T.81, B.1.1.5).
  private mutating func takeScan(
    _ cursor: inout PictureCursor, _ header: Range<Int>
  ) throws(PhotoError) {
    let components = try bytes(of: header, 4..<5).first ?? 0
    guard size != nil, (1...4).contains(components), header.count == 8 + 2 * Int(components) else {
      throw .notAnImage
    }
    let start = cursor.offset
    let isEnd = { (second: UInt8) in
      second != 0x00 && second != 0xFF && !(0xD0...0xD7).contains(second)
    }
    guard try cursor.search(for: 0xFF, before: isEnd) else { throw .incomplete }
    // A reserved marker could hide data that no viewer reads.
    guard let marker = try cursor.peek(2).last, marker >= 0xC0 else { throw .notAnImage }
    try keep(start..<cursor.offset)
  }

  /// JFIF's own segment, without the thumbnail that may be in it (ITU-T T.871, section 10.1).
  private mutating func takeJFIF(_ segment: Range<Int>) throws(PhotoError) {
    let head = try bytes(of: segment, 4..<18)
    guard head.starts(with: Array("JFIF\0".utf8)) else { return }
    try replace(segment, with: [0xFF, 0xE0, 0, 16] + head.prefix(12) + [0, 0])
  }

  /// The orientation, and nothing else of Exif.
  private mutating func takeExif(_ segment: Range<Int>) throws(PhotoError) {
    let exif = Array("Exif\0\0".utf8)
    let payload = try bytes(of: segment, 4..<segment.count)
    guard payload.starts(with: exif), let found = Orientation(tiff: payload) else { return }
    orientation = orientation ?? found
    let tiff = found.tiff
    let length = UInt8(2 + exif.count + tiff.count)
    try replace(segment, with: [0xFF, 0xE1, 0, length] + exif + tiff)
  }

  /// Keeps the Adobe segment, which names the colour transform: without it, four-component pictures
  /// appear inverted.
  ///
  /// A segment that is too short is dropped: viewers ignore it, so the colours do not change.
  private mutating func takeAdobe(_ segment: Range<Int>) throws(PhotoError) {
    let head = try bytes(of: segment, 4..<16)
    guard head.starts(with: Array("Adobe".utf8)) else { return }
    try replace(segment, with: [0xFF, 0xEE, 0, 14] + head)
  }
}
