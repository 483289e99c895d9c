import Files
import SystemPackage

/// One leader's attempt at an entry, counted in the blanks behind the entry's text.
///
/// An attempt turns the last space there into a line feed, or appends one where there is no space;
/// only an orderly end takes it back. So the line feeds tell how many leaders died with the entry.
package struct AttemptMark {
  /// Room for the marks of as many attempts as are made, behind a text that nobody has attempted.
  static let maxCount = 2

  /// Where the mark is put, in bytes.
  let offset: Int
  private let replacesSpace: Bool

  /// The next attempt's, behind those that are there.
  init(nextIn text: [UInt8]) {
    let blanks = text.reversed().prefix { $0 == 0x20 || $0 == 0x0A }
    let distance = blanks.enumerated().first { $0.element == 0x20 }?.offset
    offset = distance.map { text.count - 1 - $0 } ?? text.count
    replacesSpace = distance != nil
  }

  /// How many attempts an entry's text tells of.
  package static func count(in text: [UInt8]) -> Int {
    text.reversed().prefix { $0 == 0x20 || $0 == 0x0A }.count { $0 == 0x0A }
  }

  /// A text with room for the marks behind it.
  ///
  /// Texts of about the same length become equally long: one is then written over another without
  /// setting the file's length.
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
