/// How a live process is doing.
public struct LiveMetrics: Sendable, Equatable {
  /// Streams of server-sent events that are open.
  public var streams = 0
  /// Sessions of Socket.IO.
  public var sessions = 0
  /// Events sent, counted once for each client.
  public var sentEvents = 0
  /// Clients that were dropped because they did not read or answer.
  public var droppedClients = 0
  /// The sequence number of the last transaction whose events were sent.
  public var sequence = 0
  /// The delays of the latest events, from their commit until they were sent to the last client, in
  /// milliseconds.
  private var lags: [Int] = []

  /// The median of the latest delays, in milliseconds.
  public var medianLag: Int { percentile(50) }
  /// The 95th percentile of the latest delays, in milliseconds.
  public var longLag: Int { percentile(95) }

  mutating func note(lag: Int) {
    lags.append(max(0, lag))
    if lags.count > 1024 { lags.removeFirst(512) }
  }

  private func percentile(_ percent: Int) -> Int {
    lags.isEmpty ? 0 : lags.sorted()[(lags.count - 1) * percent / 100]
  }
}
