public import CGI

/// The response to a waiting request; no call waits for the client.
public protocol LiveConnection: AnyObject, Sendable {
  /// A number that no other connection of this process has.
  var number: UInt64 { get }
  /// Sends a part of the answer; the first begins with the header (RFC 3875, section 6.2).
  func send(_ content: [UInt8]) -> Delivery
  /// Ends the response as soon as the client has accepted everything sent so far.
  func finish()
  /// Closes the connection at once.
  func drop()
}
