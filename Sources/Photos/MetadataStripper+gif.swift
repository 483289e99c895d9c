/// GIF: blocks and extensions (GIF89a, sections 17 to 26).
extension MetadataStripper {
  /// How often an animation repeats, and the colour profile.
  private static let keptGIFApplications = ["NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"]

  mutating func stripGIF(_ read: Source) throws(PhotoError) {
    let head = try read(0, 13)
    guard head.count == 13 else { return }
    var offset = 13 + Self.bytesOfColourTable(head[10])
    try keep(0..<offset)
    while let introducer = try read(offset, 1).first {
      switch introducer {
      case 0x21:
        let end = try endOfSubBlocks(from: offset + 2, read)
        if try isKeptExtension(at: offset, read) { try keep(offset..<end) }
        offset = end
      case 0x2C:
        let descriptor = try read(offset, 10)
        guard descriptor.count == 10 else { return }
        // The size of codes stands before the data.
        let data = offset + 10 + Self.bytesOfColourTable(descriptor[9]) + 1
        let end = try endOfSubBlocks(from: data, read)
        try keep(offset..<end)
        offset = end
      case 0x3B:
        try keep(offset..<(offset + 1))
        return
      default: return
      }
    }
  }

  /// A graphic control, or an application's that a viewer needs.
  private func isKeptExtension(at offset: Int, _ read: Source) throws(PhotoError) -> Bool {
    let head = try read(offset, 14)
    guard head.count > 2, head[1] == 0xFF else { return head.count > 1 && head[1] == 0xF9 }
    let application = String(decoding: head.dropFirst(3), as: UTF8.self)
    return head[2] == 11 && Self.keptGIFApplications.contains(application)
  }

  private func endOfSubBlocks(from start: Int, _ read: Source) throws(PhotoError) -> Int {
    var offset = start
    while let count = try read(offset, 1).first, count > 0 { offset += 1 + Int(count) }
    return offset + 1
  }

  private static func bytesOfColourTable(_ flags: UInt8) -> Int {
    flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1)
  }
}
