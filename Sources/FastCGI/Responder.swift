import CFastCGI
public import CGI
import Glibc
import Synchronization

/// A process in the Responder role (FastCGI 1.0, section 6.2): blocking threads at one listening
/// socket.
public struct Responder: Sendable {
  /// What a request did that is worth a log line but not an answer.
  public enum Report: Sendable {
    /// The meta-variables did not make a request; the client got the refusal.
    case malformedRequest(MetaVariableError)
    /// The connection broke before the answer was written.
    case clientGone
    /// Some requests did not finish in the time that a stop allows.
    case unfinishedRequests(count: Int)
  }

  /// `FCGI_LISTENSOCK_FILENO` (FastCGI 1.0, section 2.2).
  public static let listeningSocket: Int32 = 0

  /// How long SIGTERM waits for the requests in hand.
  private static let stopLimit = Duration.seconds(30)

  let endpoint: Endpoint
  let refusal: @Sendable (MetaVariableError) -> Response
  let report: @Sendable (Report) -> Void

  /// Makes a responder.
  ///
  /// - Parameters:
  ///   - endpoint: Answers every request, from many threads at once.
  ///   - refusal: The answer to what is not a request.
  ///   - report: Takes what is for the log.
  public init(
    endpoint: @escaping Endpoint,
    refusal: @escaping @Sendable (MetaVariableError) -> Response,
    report: @escaping @Sendable (Report) -> Void
  ) {
    self.endpoint = endpoint
    self.refusal = refusal
    self.report = report
  }

  /// Whether standard input is a listening socket, and not the environment of plain CGI.
  ///
  /// `FCGX_IsCGI` tells by calling `getpeername(2)` on it, as the specification says
  /// (FastCGI 1.0, section 2.2).
  public static var isFastCGI: Bool { FCGX_IsCGI() == 0 }

  /// Serves until SIGTERM, SIGINT or SIGUSR1, then finishes the requests in hand.
  ///
  /// Blocks. Call it on the first thread, before another is started: it changes the signal mask.
  /// - Parameters:
  ///   - threadCount: How many requests are served at once, at least 1.
  ///   - interval: How much time is between two calls of `tend`, less than a minute.
  ///   - tend: What has to be done again and again; runs on the calling thread.
  public func run(threadCount: Int, every interval: Duration, _ tend: () -> Void) {
    precondition(threadCount > 0)
    // Every arena keeps what its threads have freed; two are enough (see `mallopt(3)`).
    mallopt(M_ARENA_MAX, 2)
    let signals = StopSignals()
    FCGX_Init()
    let seats = Seats(count: threadCount)
    let threads = (0..<threadCount).map { _ in
      Thread {
        let slot = RequestSlot(listeningSocket: Self.listeningSocket)
        while slot.serveNext(self) {}
        seats.leave()
      }
    }
    while !signals.wait(atMost: interval) { tend() }
    FCGX_ShutdownPending()
    stop(threads, seats)
  }

  /// Interrupts each thread that waits in `accept(2)`: the signal of the stop wakes one thread only.
  private func stop(_ threads: [Thread], _ seats: Seats) {
    let deadline = ContinuousClock.now + Self.stopLimit
    while seats.taken > 0, ContinuousClock.now < deadline {
      for thread in threads { thread.interrupt() }
      usleep(20_000)
    }
    if seats.taken > 0 { report(.unfinishedRequests(count: seats.taken)) }
  }
}

/// How many threads have not left yet.
private final class Seats: Sendable {
  private let count: Mutex<Int>

  init(count: Int) {
    self.count = Mutex(count)
  }

  var taken: Int { count.withLock { $0 } }

  func leave() {
    count.withLock { $0 -= 1 }
  }
}
