/// What counts as one client, for limits.
enum ClientNetwork {
  /// Returns the client's network: an IPv4 address itself, or the first half of an IPv6 address.
  ///
  /// A client with one IPv6 address has 2^64 of them (RFC 4291, section 2.5.4). An IPv4-mapped IPv6
  /// address counts as the IPv4 address.
  static func network(of address: String) -> String {
    guard let groups = groups(of: address) else { return address }
    if isMapped(groups) { return mapped(groups) }
    return groups.prefix(4).map { String($0, radix: 16) }.joined(separator: ":")
  }

  /// Whether it is this machine.
  static func isLoopback(_ address: String) -> Bool {
    guard let groups = groups(of: address) else { return address.hasPrefix("127.") }
    return groups == [0, 0, 0, 0, 0, 0, 0, 1]
      || isMapped(groups) && mapped(groups).hasPrefix("127.")
  }

  private static func isMapped(_ groups: [UInt16]) -> Bool {
    groups.prefix(6) == [0, 0, 0, 0, 0, 0xFFFF]
  }

  private static func mapped(_ groups: [UInt16]) -> String {
    groups.suffix(2).map { "\($0 >> 8).\($0 & 0xFF)" }.joined(separator: ".")
  }

  /// The eight numbers of an IPv6 address (RFC 4291, section 2.2); `nil` for what is none.
  private static func groups(of address: String) -> [UInt16]? {
    let text = address.prefix { $0 != "%" }
    guard text.contains(":") else { return nil }
    let halves = text.split(
      separator: "::", maxSplits: 1, omittingEmptySubsequences: false
    ).map(numbers(of:))
    guard let before = halves[0] else { return nil }
    guard halves.count == 2 else { return before.count == 8 ? before : nil }
    guard let after = halves[1], before.count + after.count < 8 else { return nil }
    return before + Array(repeating: 0, count: 8 - before.count - after.count) + after
  }

  private static func numbers(of text: Substring) -> [UInt16]? {
    if text.isEmpty { return [] }
    var numbers: [UInt16] = []
    for part in text.split(separator: ":", omittingEmptySubsequences: false) {
      let bytes = part.split(separator: ".", omittingEmptySubsequences: false)
      if bytes.count == 4 {
        let values = bytes.compactMap { UInt8($0) }
        guard values.count == 4 else { return nil }
        numbers += [
          UInt16(values[0]) << 8 | UInt16(values[1]), UInt16(values[2]) << 8 | UInt16(values[3]),
        ]
      } else {
        guard let number = UInt16(part, radix: 16) else { return nil }
        numbers.append(number)
      }
    }
    return numbers
  }
}
