/// The outcome of sending a part of a response to a waiting client.
public enum Delivery: Sendable {
  /// It is on its way, or will be as soon as the client reads.
  case sent
  /// An earlier part is still waiting for the client to read it: this part was not accepted.
  case busy
  /// The connection is gone.
  case gone
}
