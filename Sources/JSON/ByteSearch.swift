import Glibc

extension ArraySlice<UInt8> {
  /// The index of the first occurrence of a byte; see `memchr(3)`.
  public func index(ofByte byte: UInt8) -> Index? {
    // The pointers are used only within the call, and `found` points into the text.
    unsafe withUnsafeBytes { text in
      guard let start = text.baseAddress,
        let found = unsafe memchr(start, Int32(byte), text.count)
      else { return nil }
      return startIndex + (unsafe UnsafeRawPointer(found) - start)
    }
  }

  /// Whether the slice contains a sequence of bytes.
  public func contains(bytes key: [UInt8]) -> Bool {
    guard let first = key.first else { return true }
    // Every pointer is used within the call and stays within the text: `rest` counts what is left.
    return unsafe withUnsafeBytes { text in
      guard var start = text.baseAddress else { return false }
      var rest = text.count
      while rest >= key.count,
        let found = unsafe memchr(start, Int32(first), rest - key.count + 1)
      {
        if unsafe memcmp(found, key, key.count) == 0 { return true }
        rest -= unsafe UnsafeRawPointer(found) - start + 1
        unsafe start = UnsafeRawPointer(found) + 1
      }
      return false
    }
  }
}
