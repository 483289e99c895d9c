/// Numbers of several bytes; the caller knows that they are there.
extension [UInt8] {
  /// A number whose first byte counts most.
  func bigEndian(_ offset: Int, _ count: Int) -> Int {
    self[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
  }

  /// A number whose last byte counts most.
  func littleEndian(_ offset: Int, _ count: Int) -> Int {
    self[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
