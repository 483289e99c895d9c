/// JPEG: markers and segments (ITU-T T.81, annex B).
extension MetadataStripper {
  /// More searches for a marker than this are no picture, but an attempt to keep us busy.
  private static let maxSearches = 500

  mutating func stripJPEG(_ read: Source) throws(PhotoError) {
    try keep(0..<2)
    var offset = 2
    var searches = 0
    while case let head = try read(offset, 4), head.count >= 2 {
      guard searches <= Self.maxSearches else { throw .notAnImage }
      let marker = head[1]
      switch marker {
      // Bytes that belong to nothing, and fill bytes.
      case _ where head[0] != 0xFF || [0x00, 0xFF].contains(marker):
        searches += 1
        offset = try nextMarker(from: offset, read) { $0 != 0x00 && $0 != 0xFF }
      // Markers that stand alone.
      case 0x01, 0xD0...0xD8: offset += 2
      case 0xD9:
        try keep(offset..<(offset + 2))
        return
      default:
        guard head.count == 4, case let count = head.bigEndian(2, 2), count >= 2 else { return }
        let segment = offset..<(offset + 2 + count)
        try takeSegment(segment, marker, read)
        offset = segment.upperBound
        if marker == 0xDA {
          searches += 1
          let end = try endOfScan(from: offset, read)
          try keep(offset..<end)
          offset = end
        }
      }
    }
  }

  private mutating func takeSegment(
    _ segment: Range<Int>, _ marker: UInt8, _ read: Source
  ) throws(PhotoError) {
    switch marker {
    // Frames, tables, scans: the picture itself. 0xC8 is reserved.
    case 0xC0...0xC7, 0xC9...0xCF, 0xDA...0xDF: try keep(segment)
    case 0xE0: try takeJFIF(segment, read)
    case 0xE1: try takeExif(segment, read)
    // A part of the colour profile (ICC.1:2022, annex B.4); others are of whole pictures more.
    case 0xE2 where try read(segment.lowerBound + 4, 12) == Array("ICC_PROFILE\0".utf8):
      try keep(segment)
    case 0xEE: try takeAdobe(segment, read)
    default: break
    }
  }

  /// JFIF's own segment, without the thumbnail that may be in it (ITU-T T.871, section 10.1).
  private mutating func takeJFIF(_ segment: Range<Int>, _ read: Source) throws(PhotoError) {
    let head = try read(segment.lowerBound, 18)
    guard head.count == 18, head[4..<9].elementsEqual("JFIF\0".utf8) else { return }
    try replace(segment, with: [0xFF, 0xE0, 0, 16] + head[4..<16] + [0, 0], read)
  }

  /// The orientation, and nothing else of Exif.
  private mutating func takeExif(_ segment: Range<Int>, _ read: Source) throws(PhotoError) {
    let exif = Array("Exif\0\0".utf8)
    let payload = try read(segment.lowerBound + 4, segment.count - 4)
    guard payload.starts(with: exif), let orientation = Orientation(tiff: payload) else { return }
    let tiff = orientation.tiff
    let length = UInt8(2 + exif.count + tiff.count)
    try replace(segment, with: [0xFF, 0xE1, 0, length] + exif + tiff, read)
  }

  /// Which colours the numbers are: without it, a picture of four colours is inverted.
  private mutating func takeAdobe(_ segment: Range<Int>, _ read: Source) throws(PhotoError) {
    let head = try read(segment.lowerBound, 16)
    guard head.count == 16, head[4..<9].elementsEqual("Adobe".utf8) else { return }
    try replace(segment, with: [0xFF, 0xEE, 0, 14] + head[4..<16], read)
  }

  /// Where the entropy-coded data end: before a marker that is no restart (T.81, B.1.1.5), and none
  /// that is in no picture.
  private func endOfScan(from start: Int, _ read: Source) throws(PhotoError) -> Int {
    try nextMarker(from: start, read) { $0 >= 0xC0 && $0 != 0xFF && !(0xD0...0xD7).contains($0) }
  }

  /// Where the next marker of a kind is; the end of the file when there is none.
  private func nextMarker(
    from start: Int, _ read: Source, _ isWanted: (UInt8) -> Bool
  ) throws(PhotoError) -> Int {
    var offset = start
    while case let block = try read(offset, 32_768), block.count > 1 {
      for index in 0..<(block.count - 1) where block[index] == 0xFF {
        if isWanted(block[index + 1]) { return offset + index }
      }
      offset += block.count - 1
    }
    return length
  }
}
