/// What counts as one client, for limits.
enum ClientNetwork {
  /// The address; of an IPv6 address the first half: whoever has one of them has 2^64 of them
  /// (RFC 4291, section 2.5.4).
  static func network(of address: String) -> String {
    guard address.contains(":") else { return address }
    return address.split(separator: ":", omittingEmptySubsequences: false).prefix(4)
      .joined(separator: ":")
  }

  /// Whether it is this machine.
  static func isLoopback(_ address: String) -> Bool {
    address == "::1" || address.hasPrefix("127.")
  }
}
