/// What the last transactions wrote into a file, the latest last.
///
/// A version and the next one share all but a few: keeping one more costs the same however many there are.
struct RecentParts: Sendable {
  private final class Block: Sendable {
    let parts: [FileImage.Part]
    let older: Block?

    init(_ parts: [FileImage.Part], older: Block?) {
      (self.parts, self.older) = (parts, older)
    }
  }

  private static let partsOfBlock = 32

  private var newest: [FileImage.Part] = []
  private var older: Block?
  private(set) var count = 0

  /// Returns what was written between two offsets of a room; `nil` if not all of it is remembered.
  func written(from start: Int, to end: Int) -> FileImage.Part? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(end - start)
    var (parts, next) = (newest, older)
    while true {
      for part in parts.reversed() where part.offset == start + bytes.count && part.offset < end {
        bytes += part.bytes.prefix(end - part.offset)
      }
      guard bytes.count < end - start, let block = next else { break }
      (parts, next) = (block.parts, block.older)
    }
    return bytes.count == end - start ? FileImage.Part(offset: start, bytes: bytes) : nil
  }

  /// Adds one.
  mutating func append(_ part: FileImage.Part) {
    if newest.count == Self.partsOfBlock {
      older = Block(newest, older: older)
      newest = []
    }
    newest.append(part)
    count += 1
  }

  /// Forgets all but about so many of the latest.
  mutating func keepLatest(_ wanted: Int) {
    var blocks: [[FileImage.Part]] = []
    var kept = newest.count
    var next = older
    while let block = next, kept < wanted {
      blocks.append(block.parts)
      kept += block.parts.count
      next = block.older
    }
    older = blocks.reversed().reduce(nil) { Block($1, older: $0) }
    count = kept
  }
}
