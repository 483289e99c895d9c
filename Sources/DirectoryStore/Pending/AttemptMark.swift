import Files
import SystemPackage

/// One leader's attempt at an entry, recorded in the blanks after the entry's text.
///
/// An attempt turns the last space there into a line feed, or appends a line feed if there is no space. It is
/// taken back unless the leader dies, so the line feeds count the leaders that died with the entry.
package struct AttemptMark {
  /// How many marks an entry may have: with this many it is not attempted again.
  static let maxCount = 2

  /// The offset of the mark in the file, in bytes.
  let offset: Int
  private let replacesSpace: Bool

  /// Makes the mark of the next attempt.
  init(nextIn text: [UInt8]) {
    let blanks = text.reversed().prefix { $0 == 0x20 || $0 == 0x0A }
    let distance = blanks.enumerated().first { $0.element == 0x20 }?.offset
    offset = distance.map { text.count - 1 - $0 } ?? text.count
    replacesSpace = distance != nil
  }

  /// Returns how many attempts are recorded in an entry's text.
  package static func count(in text: [UInt8]) -> Int {
    text.reversed().prefix { $0 == 0x20 || $0 == 0x0A }.count { $0 == 0x0A }
  }

  /// Returns a text with room for the marks after it.
  ///
  /// Texts of similar length become equally long, so that one can overwrite another without setting the
  /// file's length.
  package static func makingRoom(behind text: [UInt8]) -> [UInt8] {
    let count = (text.count + maxCount + 127) / 128 * 128
    return text + repeatElement(0x20, count: count - text.count)
  }

  func put(on file: OpenFile, _ system: SystemCalls) throws(Errno) {
    try system.write([0x0A], to: file, at: offset)
  }

  func takeBack(from file: OpenFile, _ system: SystemCalls) throws(Errno) {
    if replacesSpace {
      try system.write([0x20], to: file, at: offset)
    } else {
      try system.truncate(file, to: offset)
    }
  }
}
