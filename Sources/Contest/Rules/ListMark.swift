import JSON

/// A version mark of a list or of the event: a change that replaces it names the version it is based on.
public struct ListMark: Sendable, Equatable {
  /// Sixteen hexadecimal digits.
  public let text: String

  init(text: String) {
    self.text = text
  }

  /// Computes the mark of a list of categories.
  ///
  /// It is the 64-bit FNV-1a hash of the serialized list (draft-eastlake-fnv, section 2): it has to
  /// detect changes, not withstand an attacker.
  public init(of categories: [Category]) {
    self.init(of: .array(categories.map(\.json)))
  }

  /// Computes the mark of an event; where there is none, it has a mark too.
  public init(of event: Event?) {
    self.init(of: event?.json ?? .null)
  }

  init(of value: JSONValue) {
    self.init(ofText: value.serialized)
  }

  init(ofText bytes: [UInt8]) {
    let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    text = String(repeating: "0", count: 16 - digits.count) + digits
  }
}
