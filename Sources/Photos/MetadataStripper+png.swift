/// PNG: chunks (Portable Network Graphics, third edition, section 5).
extension MetadataStripper {
  /// The picture itself, its colours, its size on paper, its animation.
  private static let keptPNGChunks: Set<String> = [
    "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "sBIT", "sRGB", "cICP", "mDCV",
    "cLLI", "bKGD", "hIST", "pHYs", "acTL", "fcTL", "fdAT",
  ]

  private static let maxProfileBytes = 4 << 20

  mutating func stripPNG(_ read: Source) throws(PhotoError) {
    try keep(0..<8)
    var offset = 8
    while case let head = try read(offset, 8), head.count == 8 {
      let name = String(decoding: head[4..<8], as: UTF8.self)
      let count = head.bigEndian(0, 4)
      // The length, the type, the data, the checksum.
      let chunk = offset..<(offset + 12 + count)
      if Self.keptPNGChunks.contains(name) {
        try keep(chunk)
      } else if name == "iCCP", count <= Self.maxProfileBytes {
        try takeProfile(chunk, read)
      } else if name == "eXIf", count <= length {
        try takePNGOrientation(chunk, read)
      }
      guard name != "IEND" else { return }
      offset = chunk.upperBound
    }
  }

  /// The colour profile, without the name that somebody gave it (section 11.3.2.3).
  private mutating func takeProfile(_ chunk: Range<Int>, _ read: Source) throws(PhotoError) {
    let data = try read(chunk.lowerBound + 8, chunk.count - 12)
    guard data.count == chunk.count - 12, let end = data.firstIndex(of: 0) else { return }
    try replace(chunk, withChunk: "iCCP", Array("icc".utf8) + data[end...], read)
  }

  private mutating func replace(
    _ chunk: Range<Int>, withChunk name: String, _ data: [UInt8], _ read: Source
  ) throws(PhotoError) {
    let checked = Array(name.utf8) + data
    var code = CyclicRedundancyCode()
    code.update(checked)
    try replace(
      chunk, with: UInt32(data.count).bigEndianBytes + checked + code.value.bigEndianBytes, read)
  }

  private mutating func takePNGOrientation(
    _ chunk: Range<Int>, _ read: Source
  ) throws(PhotoError) {
    // The first directory is at the beginning, wherever the rest is.
    let tiff = try read(chunk.lowerBound + 8, min(chunk.count - 12, 65_536))
    guard let orientation = Orientation(tiff: tiff) else { return }
    try replace(chunk, withChunk: "eXIf", orientation.tiff, read)
  }
}

extension UInt32 {
  fileprivate var bigEndianBytes: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> $0) }
  }
}
