import CFastCGI
public import CGI
import Glibc
import HTTPTypes
import Synchronization

/// A process in the Responder role that answers requests when there is something to send, which may
/// be much later; its threads only accept them.
public struct LiveResponder: Sendable {
  /// The owner of the parked requests: it decides what is sent to them, and when.
  public protocol Delegate: Sendable {
    /// Takes a request; its response is what is sent to `parked` until that is finished.
    ///
    /// Called from several threads; must not block.
    func take(_ request: Request, _ parked: ParkedRequest)
    /// Called when the connection of a request is gone.
    func hasLeft(_ parked: ParkedRequest)
    /// Called when a request that was busy accepts more.
    func canSend(_ parked: ParkedRequest)
    /// Whether anybody waits for news; if not, the watched descriptor is left alone.
    var isAwaited: Bool { get }
    /// Called when the watched descriptor is readable, the first one arrives, or the time limit has passed.
    func look()
    /// Called once a second.
    func tick()
    /// Called when the process ends: waiting requests must be finished.
    func leave()
  }

  /// The longest message-body that is kept, in bytes; a longer one is dropped.
  private static let maxBodyBytes = 1_000_000
  /// How long the process lets finished responses reach their peers before it ends.
  private static let lingerMilliseconds = 500

  private let signals = StopSignals()
  private let delegate: any Delegate
  private let refusal: @Sendable (MetaVariableError) -> Response
  private let report: @Sendable (Responder.Report) -> Void

  /// Makes a responder, and blocks the signals that stop it until `run` waits for them.
  ///
  /// Call it on the first thread, before another is started: it changes the signal mask.
  /// - Parameters:
  ///   - delegate: Takes the requests.
  ///   - refusal: Makes the response to a malformed request.
  ///   - report: Receives what goes to the log.
  public init(
    delegate: any Delegate, refusal: @escaping @Sendable (MetaVariableError) -> Response,
    report: @escaping @Sendable (Responder.Report) -> Void
  ) {
    self.delegate = delegate
    self.refusal = refusal
    self.report = report
  }

  /// Serves until SIGTERM, SIGINT, SIGQUIT or SIGUSR1.
  ///
  /// Blocks. Call it on the thread that made the responder.
  /// - Parameters:
  ///   - threadCount: How many requests are read at once, at least 1.
  ///   - watched: A descriptor that becomes readable when there may be news; -1 if there is none.
  ///   - limit: The longest time between two looks for news.
  public func run(threadCount: Int, watching watched: Int32, atLeastEvery limit: Duration) {
    precondition(threadCount > 0)
    mallopt(M_ARENA_MAX, 2)
    FCGX_Init()
    let socket = ListeningSocket()
    let parking = Parking()
    let arrivals = Arrivals()
    for _ in 0..<threadCount {
      Thread.start { accept(from: socket, parking, arrivals) }
    }
    Thread.start {
      while true {
        parking.wait(atMostMilliseconds: -1) { request, news in
          switch news {
          case .gone: delegate.hasLeft(request)
          case .writable: delegate.canSend(request)
          }
        }
      }
    }
    let milliseconds = Int32(limit.components.attoseconds / 1_000_000_000_000_000)
    Thread.start {
      while true {
        // poll(2) ignores a negative descriptor: then only arrivals and the time limit count.
        delegate.look()
        // Stored before the second look, so that a request which that look misses wakes the thread.
        arrivals.areAwaited.store(!delegate.isAwaited, ordering: .sequentiallyConsistent)
        let news = delegate.isAwaited ? watched : -1
        var waited = [news, arrivals.descriptor].map {
          pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        _ = unsafe poll(&waited, 2, milliseconds)
        arrivals.settle()
      }
    }
    while !signals.wait(atMost: .seconds(1)) { delegate.tick() }
    socket.stop()
    delegate.leave()
    usleep(UInt32(Self.lingerMilliseconds) * 1000)
  }

  private func accept(from socket: ListeningSocket, _ parking: Parking, _ arrivals: Arrivals) {
    let slot = RequestSlot()
    let waiter = ListeningSocket.Waiter(socket)
    while waiter.waitForConnection() {
      switch slot.parkNext(in: parking, maxBodyBytes: Self.maxBodyBytes) {
      case .parked(let request, let parked):
        delegate.take(request, parked)
        parked.watch()
        arrivals.tell()
      case .refused(let error, let parked):
        report(.malformedRequest(error))
        _ = parked.send(refusal(error).serialized(for: .get))
        parked.finish()
      case .takenByAnother: break
      case .failed(let number):
        report(.acceptFailed(errorNumber: number))
        usleep(50_000)
      }
    }
  }
}

/// Tells the thread that looks for news of the first request that waits for them; see `eventfd(2)`.
private final class Arrivals: Sendable {
  let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
  /// Whether the thread waits for nothing else.
  let areAwaited = Atomic(false)

  func tell() {
    if areAwaited.load(ordering: .sequentiallyConsistent) { eventfd_write(descriptor, 1) }
  }

  func settle() {
    var count = eventfd_t()
    _ = unsafe eventfd_read(descriptor, &count)
  }
}
