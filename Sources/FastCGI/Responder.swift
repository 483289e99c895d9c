import CFastCGI
public import CGI
import Glibc
import Synchronization

/// A process in the Responder role (FastCGI 1.0, section 6.2): blocking threads at one listening
/// socket.
public struct Responder: Sendable {
  /// An event that belongs in the log and not in a response.
  public enum Report: Sendable {
    /// The meta-variables did not make a request; the client got the refusal.
    case malformedRequest(MetaVariableError)
    /// The connection broke before the answer was written.
    case clientGone
    /// A connection could not be accepted; see `accept(2)`.
    case acceptFailed(errorNumber: Int32)
    /// Some requests did not finish within the time that a stop allows.
    case unfinishedRequests(count: Int)
  }

  /// How long SIGTERM waits for the requests in hand.
  private static let stopLimit = Duration.seconds(30)
  /// How long another process has to take a connection that is better served there.
  private static let microsecondsOfHesitation: UInt32 = 10_000

  private let signals = StopSignals()
  let endpoint: Endpoint
  let refusal: @Sendable (MetaVariableError) -> Response
  let report: @Sendable (Report) -> Void
  private let hesitates: @Sendable () -> Bool

  /// Makes a responder, and blocks the signals that stop it until `run` waits for them.
  ///
  /// Call it on the first thread, before another is started: it changes the signal mask.
  /// - Parameters:
  ///   - endpoint: Answers every request, from many threads at once.
  ///   - refusal: Makes the response to a malformed request.
  ///   - report: Receives what goes to the log.
  ///   - hesitates: Whether another process should serve at present, if it has a free thread in a moment.
  public init(
    endpoint: @escaping Endpoint,
    refusal: @escaping @Sendable (MetaVariableError) -> Response,
    report: @escaping @Sendable (Report) -> Void,
    hesitates: @escaping @Sendable () -> Bool = { false }
  ) {
    self.hesitates = hesitates
    self.endpoint = endpoint
    self.refusal = refusal
    self.report = report
  }

  /// Whether standard input is a listening socket, and not the connection of plain CGI.
  public static var isFastCGI: Bool { ListeningSocket.isStandardInput }

  /// Serves until SIGTERM, SIGINT, SIGQUIT or SIGUSR1, then finishes the requests in hand.
  ///
  /// Blocks. Call it on the thread that made the responder.
  /// - Parameters:
  ///   - threadCount: How many requests are served at once, at least 1.
  ///   - interval: The time between two calls of `tend`, less than a minute.
  ///   - tend: The periodic work; runs on the calling thread.
  public func run(threadCount: Int, every interval: Duration, _ tend: () -> Void) {
    precondition(threadCount > 0)
    Allocator.sharesArenas()
    FCGX_Init()
    let socket = ListeningSocket()
    let seats = Seats(count: threadCount)
    let waiters = (0..<threadCount).map { _ in ListeningSocket.Waiter(socket) }
    let door = Door()
    for waiter in waiters {
      Thread.start {
        serve(from: waiter, door)
        seats.leave()
      }
    }
    while !signals.wait(atMost: interval) { tend() }
    socket.stop()
    waitForRequestsInHand(seats)
  }

  /// Runs periodic work on a thread of its own, which ends with the process.
  ///
  /// - Parameters:
  ///   - interval: The time between two calls.
  ///   - body: The work; it may block.
  public func runBeside(every interval: Duration, _ body: @escaping @Sendable () -> Void) {
    Thread.start {
      while true {
        usleep(UInt32(interval.components.seconds) * 1_000_000)
        body()
      }
    }
  }

  /// Waits a moment, one thread after the other: those that wait for their turn are not woken by each
  /// connection.
  ///
  /// - Returns: Whether it has waited.
  private func hesitate(at door: Door) -> Bool {
    door.mutex.withLock { _ in
      guard door.isShut, hesitates() else { return false }
      usleep(Self.microsecondsOfHesitation)
      return true
    }
  }

  private func serve(from waiter: ListeningSocket.Waiter, _ door: Door) {
    let slot = RequestSlot()
    while waiter.waitForConnection() {
      let hasHesitated = door.isShut && hesitates() && hesitate(at: door)
      switch slot.serveNext(self) {
      case .served: if hasHesitated { door.open() }
      case .takenByAnother: break
      case .failed(let number):
        // No free descriptor or no memory, for example: that passes, and the other threads go on.
        report(.acceptFailed(errorNumber: number))
        usleep(50_000)
      }
    }
  }

  private func waitForRequestsInHand(_ seats: Seats) {
    let deadline = ContinuousClock.now + Self.stopLimit
    while seats.taken > 0, ContinuousClock.now < deadline { usleep(5_000) }
    if seats.taken > 0 { report(.unfinishedRequests(count: seats.taken)) }
  }
}

/// Where threads of a process wait that leaves connections to another process.
///
/// It is open for a second after nobody else took one: the other process is too busy, stopped, or is woken
/// later than this one.
private final class Door: Sendable {
  private static let openTime = Duration.seconds(1)

  let mutex = Mutex(())
  private let openUntil = Mutex(ContinuousClock.now)

  var isShut: Bool { openUntil.withLock { .now >= $0 } }

  func open() {
    openUntil.withLock { $0 = .now + Self.openTime }
  }
}

/// The number of threads that still serve.
private final class Seats: Sendable {
  private let count: Atomic<Int>

  init(count: Int) {
    self.count = Atomic(count)
  }

  var taken: Int { count.load(ordering: .acquiring) }

  func leave() {
    count.subtract(1, ordering: .releasing)
  }
}
