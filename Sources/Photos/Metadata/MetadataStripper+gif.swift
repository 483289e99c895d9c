/// GIF: blocks and extensions (GIF89a, sections 17 to 26).
extension MetadataStripper {
  /// The application extensions that hold an animation's loop count.
  private static let loops = ["NETSCAPE2.0", "ANIMEXTS1.0"].map { Array($0.utf8) }
  private static let profile = Array("ICCRGBG1012".utf8)
  private static let maxProfileBytes = 4 << 20
  private static let (extensionIntroducer, imageSeparator, trailer): (UInt8, UInt8, UInt8) = (
    0x21, 0x2C, 0x3B
  )

  mutating func stripGIF() throws(PhotoError) {
    var cursor = PictureCursor(picture)
    try cursor.pass(6)
    try note(try cursor.littleEndian(2), try cursor.littleEndian(2))
    let flags = try cursor.byte()
    try cursor.pass(2 + Self.bytesOfColourTable(flags))
    try keep(0..<cursor.offset)
    var hasFrame = false
    while true {
      let start = cursor.offset
      switch try cursor.byte() {
      case Self.extensionIntroducer: try takeExtension(&cursor, from: start)
      case Self.imageSeparator:
        try takeFrame(&cursor, from: start)
        hasFrame = true
      case Self.trailer:
        guard hasFrame else { throw .notAnImage }
        return try keep(start..<cursor.offset)
      // Some programs write a second block terminator; viewers ignore it.
      case 0: continue
      default: throw .notAnImage
      }
    }
  }

  private mutating func takeFrame(
    _ cursor: inout PictureCursor, from start: Int
  ) throws(PhotoError) {
    try cursor.pass(4)
    try note(try cursor.littleEndian(2), try cursor.littleEndian(2))
    let flags = try cursor.byte()
    try cursor.pass(Self.bytesOfColourTable(flags))
    // The LZW minimum code size (appendix F) precedes the data.
    guard (1...11).contains(try cursor.byte()) else { throw .notAnImage }
    guard try Self.passSubBlocks(&cursor) > 0 else { throw .notAnImage }
    try keep(start..<cursor.offset)
  }

  /// Keeps a graphic control extension, or an application extension that viewers need, without extra data.
  private mutating func takeExtension(
    _ cursor: inout PictureCursor, from start: Int
  ) throws(PhotoError) {
    let label = try cursor.byte()
    var inside = cursor
    try Self.passSubBlocks(&cursor)
    let whole = start..<cursor.offset
    let head = try Self.subBlock(&inside)
    switch label {
    case 0xF9 where head.count == 4:
      try replace(whole, with: [Self.extensionIntroducer, label, 4] + head + [0])
    case 0xFF where Self.loops.contains(head):
      let loop = try Self.subBlock(&inside)
      guard loop.count == 3, loop.first == 1 else { return }
      try replace(whole, with: [Self.extensionIntroducer, label, 11] + head + [3] + loop + [0])
    case 0xFF where head == Self.profile: try takeProfile(whole, &inside)
    default: break
    }
  }

  /// Keeps a colour profile up to its stated length (ICC.1:2022, section 7.2); drops what follows it.
  private mutating func takeProfile(
    _ whole: Range<Int>, _ cursor: inout PictureCursor
  ) throws(PhotoError) {
    var profile: [UInt8] = []
    while case let block = try Self.subBlock(&cursor), !block.isEmpty {
      profile += block
      guard profile.count <= Self.maxProfileBytes else { return }
    }
    let count = profile.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard count >= 128, count <= profile.count,
      profile.dropFirst(36).starts(with: Array("acsp".utf8))
    else { return }
    var text = [Self.extensionIntroducer, 0xFF, 11] + Self.profile
    for start in stride(from: 0, to: count, by: 255) {
      let block = profile[start..<min(count, start + 255)]
      text.append(UInt8(block.count))
      text += block
    }
    try replace(whole, with: text + [0])
  }

  /// Skips a block's sub-blocks and the terminator; returns the number of sub-blocks.
  @discardableResult
  private static func passSubBlocks(_ cursor: inout PictureCursor) throws(PhotoError) -> Int {
    var blockCount = 0
    while case let count = try cursor.byte(), count > 0 {
      try cursor.pass(Int(count))
      blockCount += 1
    }
    return blockCount
  }

  /// Returns the next sub-block's bytes; empty for the terminator.
  private static func subBlock(_ cursor: inout PictureCursor) throws(PhotoError) -> [UInt8] {
    try cursor.take(Int(try cursor.byte()))
  }

  private static func bytesOfColourTable(_ flags: UInt8) -> Int {
    flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1)
  }
}
