/// What became of a part of a response that was to be sent to a waiting client.
public enum Delivery: Sendable {
  /// It is on its way, or will be as soon as the client reads.
  case sent
  /// What was sent before still waits for the client: this part was not taken.
  case busy
  /// The connection is gone.
  case gone
}
