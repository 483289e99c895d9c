import JSON

/// What tells one version of a list from another: who replaces it says which one he has seen.
public struct ListMark: Sendable, Equatable {
  /// Sixteen hexadecimal digits.
  let text: String

  init(text: String) {
    self.text = text
  }

  /// The mark of a list of categories.
  ///
  /// It is the FNV-1a hash of its text, 64 bits (draft-eastlake-fnv, section 2): it has to notice a change,
  /// not to resist anybody.
  public init(of categories: [Category]) {
    let bytes = JSONValue.array(categories.map(\.json)).serialized
    let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    text = String(repeating: "0", count: 16 - digits.count) + digits
  }
}
