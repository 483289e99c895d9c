import Glibc

extension ArraySlice<UInt8> {
  /// The index of the first occurrence of a byte; see `memchr(3)`.
  package func index(ofByte byte: UInt8) -> Index? {
    // The pointers are used only within the call, and `found` points into the text.
    unsafe withUnsafeBytes { text in
      guard let start = text.baseAddress,
        let found = unsafe memchr(start, Int32(byte), text.count)
      else { return nil }
      return startIndex + (unsafe UnsafeRawPointer(found) - start)
    }
  }

  /// The index at which a sequence of bytes first occurs; see `memcmp(3)`.
  package func index(ofBytes key: [UInt8]) -> Index? {
    guard let first = key.first else { return startIndex }
    var rest = self
    while rest.count >= key.count, let found = rest.dropLast(key.count - 1).index(ofByte: first) {
      // Both have at least as many bytes as are compared.
      let isEqual = unsafe rest[found...].withUnsafeBytes { text in
        unsafe text.baseAddress.map { unsafe memcmp($0, key, key.count) == 0 } ?? false
      }
      if isEqual { return found }
      rest = rest[(found + 1)...]
    }
    return nil
  }
}
