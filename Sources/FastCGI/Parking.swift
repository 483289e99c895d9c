import CFastCGI
import Glibc
import Synchronization

/// The parked requests of a process, and one `epoll(7)` instance that watches their connections.
final class Parking: Sendable {
  private static let maxEvents = 512

  /// What happened to a parked request.
  enum News {
    /// Its peer has closed the connection, or the connection has failed.
    case gone
    /// Its peer has read something.
    case writable
  }

  private let epoll: Int32
  private let parked = Mutex<[UInt64: ParkedRequest]>([:])
  private let lastNumber = Atomic<UInt64>(0)

  init() {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    precondition(epoll >= 0, "epoll_create1: error \(errno)")
  }

  deinit {
    close(epoll)
  }

  /// Takes over a connection.
  func park(_ descriptor: Int32, requestID: UInt16) -> ParkedRequest {
    let number = lastNumber.add(1, ordering: .relaxed).newValue
    let request = ParkedRequest(
      number: number, descriptor: descriptor, requestID: requestID, self)
    parked.withLock { $0[number] = request }
    return request
  }

  func forget(_ number: UInt64) {
    _ = parked.withLock { $0.removeValue(forKey: number) }
  }

  /// Watches a connection for its end.
  func watch(_ descriptor: Int32, _ number: UInt64) {
    control(EPOLL_CTL_ADD, descriptor: descriptor, number: number, events: EPOLLRDHUP.rawValue)
  }

  /// Watches a connection also for room to write, once the peer has read something.
  func watchForWriting(_ descriptor: Int32, _ number: UInt64) {
    let events = EPOLLRDHUP.rawValue | EPOLLOUT.rawValue
    if !control(EPOLL_CTL_MOD, descriptor: descriptor, number: number, events: events) {
      // It was not watched yet.
      control(EPOLL_CTL_ADD, descriptor: descriptor, number: number, events: events)
    }
  }

  @discardableResult
  private func control(
    _ operation: Int32, descriptor: Int32, number: UInt64, events: UInt32
  ) -> Bool {
    var event = unsafe epoll_event(
      events: events | EPOLLET.rawValue, data: epoll_data_t(u64: number))
    return unsafe epoll_ctl(epoll, operation, descriptor, &event) == 0
  }

  /// Waits for news and reports it.
  ///
  /// - Parameters:
  ///   - limit: How long to wait, in milliseconds; -1 for no limit.
  ///   - tell: Receives each request and what happened to it.
  func wait(atMostMilliseconds limit: Int32, _ tell: (ParkedRequest, News) -> Void) {
    // The call fills as many elements as its result says.
    var events = unsafe [epoll_event](repeating: epoll_event(), count: Self.maxEvents)
    let count = unsafe epoll_wait(epoll, &events, Int32(Self.maxEvents), limit)
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      let (number, happened) = unsafe (events[index].data.u64, events[index].events)
      guard let request = parked.withLock({ $0[number] }) else { continue }
      let ends = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
      if happened & ends != 0 {
        request.drop()
        tell(request, .gone)
      } else if request.resume() {
        tell(request, .writable)
      }
    }
  }
}
