import CFastCGI
import Glibc

/// The socket from which all threads of all processes accept: `FCGI_LISTENSOCK_FILENO`
/// (FastCGI 1.0, section 2.2).
///
/// It is non-blocking, and threads wait for connections with `epoll_wait(2)`: a stop then reaches the
/// waiting threads without interrupting the system calls of those that serve a request.
struct ListeningSocket: Sendable {
  static let descriptor: Int32 = 0

  /// Becomes readable at the stop and stays so; see `eventfd(2)`.
  private let stopEvent: Int32

  /// Whether standard input is a listening socket: it has no peer (FastCGI 1.0, section 2.2).
  static var isStandardInput: Bool {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    // The buffer lives in this function and is `length` bytes long.
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe getpeername(descriptor, address, &length)
      }
    }
    return result == -1 && errno == ENOTCONN
  }

  init() {
    stopEvent = eventfd(0, Int32(EFD_CLOEXEC))
    let flags = fcntl(Self.descriptor, F_GETFL)
    precondition(
      stopEvent >= 0 && fcntl(Self.descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
      "listening socket: error \(errno)")
  }

  /// Ends every wait.
  func stop() {
    eventfd_write(stopEvent, 1)
  }

  /// One thread's place in the socket's wait queue.
  ///
  /// The kernel wakes the first thread in the queue that is waiting, and waking does not move it. A process
  /// that makes all its waiters at once so keeps them together: the first process in the queue serves as long
  /// as one of its threads is free, and the others serve what is too much for it or what it leaves behind.
  /// The store is cheapest that way: one process need not read what another one wrote, and more transactions
  /// are committed together.
  final class Waiter: Sendable {
    private let epoll: Int32
    private let stopEvent: Int32

    init(_ socket: ListeningSocket) {
      epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
      stopEvent = socket.stopEvent
      // Exclusive: a connection wakes one thread, not all.
      add(ListeningSocket.descriptor, EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue)
      add(stopEvent, EPOLLIN.rawValue)
    }

    deinit {
      close(epoll)
    }

    /// Waits until there may be a connection.
    ///
    /// - Returns: Whether to go on; false once the socket is stopped.
    func waitForConnection() -> Bool {
      // Both events are filled by the call or stay zero; the union holds what `add` put in.
      var events = unsafe (epoll_event(), epoll_event())
      let count = unsafe withUnsafeMutableBytes(of: &events) { buffer in
        unsafe epoll_wait(epoll, buffer.bindMemory(to: epoll_event.self).baseAddress, 2, -1)
      }
      let isStopped = unsafe (count > 0 && events.0.data.fd == stopEvent)
      return unsafe !isStopped && !(count > 1 && events.1.data.fd == stopEvent)
    }

    private func add(_ descriptor: Int32, _ events: UInt32) {
      var event = unsafe epoll_event(events: events, data: epoll_data_t(fd: descriptor))
      let result = unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
      precondition(result == 0, "epoll_ctl: error \(errno)")
    }
  }
}
