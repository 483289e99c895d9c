/// The names of the events in a stream of server-sent events, in order.
func eventNames(in stream: String) -> [Substring] {
  stream.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map { $0.dropFirst(7) }
}
