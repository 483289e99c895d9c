public import CGI

/// The answer to a request that waits; nothing here waits for the other side.
public protocol LiveConnection: AnyObject, Sendable {
  /// A number that no other connection of this process has.
  var number: UInt64 { get }
  /// Sends a part of the answer; the first begins with the header (RFC 3875, section 6.2).
  func send(_ content: [UInt8]) -> Delivery
  /// Ends the answer as soon as what was sent is taken.
  func finish()
  /// Closes the connection at once.
  func drop()
}
