/// How a picture is to be turned before it is shown (Exif 2.32, section 4.6.4, tag 0x0112).
struct Orientation: Equatable {
  /// 2 to 8; 1, the default, is never recorded.
  let value: UInt8

  private static let tag = 0x0112

  /// Reads the first directory of a TIFF structure (TIFF 6.0, section 2).
  ///
  /// - Parameter bytes: The structure; `Exif\0\0` may precede it.
  init?(tiff bytes: [UInt8]) {
    let prefix = Array("Exif\0\0".utf8)
    let tiff = bytes.starts(with: prefix) ? Array(bytes.dropFirst(prefix.count)) : bytes
    let isLittleEndian = tiff.starts(with: [0x49, 0x49, 42, 0])
    guard isLittleEndian || tiff.starts(with: [0x4D, 0x4D, 0, 42]) else { return nil }
    func number(_ offset: Int, _ count: Int) -> Int? {
      guard offset >= 0, offset + count <= tiff.count else { return nil }
      let bytes = tiff[offset..<(offset + count)]
      return (isLittleEndian ? Array(bytes.reversed()) : Array(bytes)).reduce(0) {
        $0 << 8 | Int($1)
      }
    }
    guard let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    for entry in 0..<count {
      let offset = directory + 2 + 12 * entry
      guard let tag = number(offset, 2), let type = number(offset + 2, 2) else { return nil }
      guard tag == Self.tag else { continue }
      // The type should be SHORT, but some programs write LONG; the first tag counts.
      guard let value = number(offset + 8, type == 4 ? 4 : 2), (2...8).contains(value) else {
        return nil
      }
      self.value = UInt8(value)
      return
    }
    return nil
  }

  /// The smallest TIFF structure that says it.
  var tiff: [UInt8] {
    Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1]
      + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0] + [0, 0, 0, 0]
  }
}
