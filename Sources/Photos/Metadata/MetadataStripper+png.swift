/// PNG: chunks (Portable Network Graphics, third edition, section 5).
extension MetadataStripper {
  /// The chunks to keep, with the lengths they may have, in bytes.
  ///
  /// They hold the picture itself, its colours, its physical size and its animation. A longer chunk would
  /// have room for hidden data.
  private static let keptPNGChunks: [String: ClosedRange<Int>] = [
    "IHDR": 13...13, "PLTE": 3...768, "IDAT": 0...maxChunkBytes, "IEND": 0...0, "tRNS": 1...256,
    "cHRM": 32...32, "gAMA": 4...4, "sBIT": 1...4, "sRGB": 1...1, "cICP": 4...4, "mDCV": 24...24,
    "cLLI": 8...8, "bKGD": 1...6, "hIST": 2...512, "pHYs": 9...9, "acTL": 8...8, "fcTL": 26...26,
    "fdAT": 4...maxChunkBytes,
  ]
  /// Section 5.3.
  private static let maxChunkBytes = 0x7FFF_FFFF
  private static let maxProfileBytes = 4 << 20

  mutating func stripPNG() throws(PhotoError) {
    var cursor = PictureCursor(picture)
    try keep(try cursor.pass(8))
    var (hasData, isAnimation) = (false, false)
    while true {
      let start = cursor.offset
      let count = try cursor.bigEndian(4)
      let name = String(decoding: try cursor.take(4), as: UTF8.self)
      let data = try cursor.pass(count)
      // The length, the type, the data, the checksum.
      let chunk = start..<(try cursor.pass(4).upperBound)
      guard (size == nil) == (name == "IHDR") else { throw .notAnImage }
      isAnimation = isAnimation || name == "acTL"
      if ["fcTL", "fdAT"].contains(name), !isAnimation { continue }
      if let lengths = Self.keptPNGChunks[name] {
        try take(chunk, data: data, named: name, lengths: lengths)
        hasData = hasData || name == "IDAT" && !data.isEmpty
      } else if name == "iCCP", count <= Self.maxProfileBytes {
        try takeProfile(chunk, data)
      } else if name == "eXIf" {
        try takePNGOrientation(chunk, data)
      }
      guard name == "IEND" else { continue }
      guard hasData else { throw .notAnImage }
      return
    }
  }

  /// Keeps a chunk of an allowed length; otherwise drops an ancillary chunk and refuses a critical one.
  private mutating func take(
    _ chunk: Range<Int>, data: Range<Int>, named name: String, lengths: ClosedRange<Int>
  ) throws(PhotoError) {
    guard lengths.contains(data.count) else {
      // An upper-case first letter marks a critical chunk (section 5.4).
      if name.first?.isUppercase == true { throw .notAnImage }
      return
    }
    if name == "IHDR" {
      let sides = Array(try picture.bytes(data.lowerBound..<(data.lowerBound + 8)))
      func side(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
      try note(side(sides.prefix(4)), side(sides.suffix(4)))
    }
    try keep(chunk)
  }

  /// Keeps the colour profile, but replaces its free-text name (section 11.3.2.3).
  private mutating func takeProfile(
    _ chunk: Range<Int>, _ data: Range<Int>
  ) throws(PhotoError) {
    let bytes = try picture.bytes(data)
    guard let end = bytes.firstIndex(of: 0) else { return }
    try replace(chunk, withChunk: "iCCP", Array("icc".utf8) + bytes[end...])
  }

  private mutating func replace(
    _ chunk: Range<Int>, withChunk name: String, _ data: [UInt8]
  ) throws(PhotoError) {
    let checked = Array(name.utf8) + data
    var code = CyclicRedundancyCheck()
    code.update(checked)
    try replace(
      chunk, with: UInt32(data.count).bigEndianBytes + checked + code.value.bigEndianBytes)
  }

  private mutating func takePNGOrientation(
    _ chunk: Range<Int>, _ data: Range<Int>
  ) throws(PhotoError) {
    // The first directory is at the beginning, wherever the rest is.
    let tiff = Array(try picture.bytes(data.prefix(65_536)))
    guard let found = Orientation(tiff: tiff) else { return }
    orientation = orientation ?? found
    try replace(chunk, withChunk: "eXIf", found.tiff)
  }
}

extension UInt32 {
  fileprivate var bigEndianBytes: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> $0) }
  }
}
