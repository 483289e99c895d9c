import CGI
import ContestAPI
import FastCGI
import Glibc
import Logging
import Synchronization

/// The one process that makes photos in other widths.
///
/// It has a socket of its own: requests for pictures wait in its queue, however many there are, and take
/// no thread from those that serve entrants.
final class PicturesProcess: Sendable {
  /// Everything else on the machine comes first.
  private static let niceness: Int32 = 10
  private static let microsecondsBetweenLooks: UInt32 = 100_000

  private let site: Site
  private let logger: Logger
  private let queue: PictureQueue
  private let requestsInHand = Atomic(0)

  init(site: Site, logger: Logger) {
    (self.site, self.logger) = (site, logger)
    queue = PictureQueue(site)
  }

  /// Serves until it is told to stop.
  func run() {
    // If that is not permitted, it runs at the usual priority.
    _ = nice(Self.niceness)
    let responder = Responder(
      endpoint: respond, refusal: Site.refusal,
      report: { [logger] report in
        switch report {
        case .malformedRequest(let error): logger.warning("malformed request: \(error)")
        case .acceptFailed(let number): logger.error("accept: error \(number)")
        case .clientGone, .unfinishedRequests: break
        }
      })
    responder.runBeside(every: .zero, makeAhead)
    // Making a picture keeps one processor busy.
    let threadCount = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    responder.run(threadCount: threadCount, every: .seconds(1)) { site.shareMeasurements() }
    site.shareMeasurements()
  }

  private func respond(to request: Request) -> Response {
    requestsInHand.add(1, ordering: .relaxed)
    defer { requestsInHand.subtract(1, ordering: .relaxed) }
    return site.respond(to: request)
  }

  /// Makes a picture that nobody has asked for yet; requests in progress come first.
  private func makeAhead() {
    if requestsInHand.load(ordering: .relaxed) == 0, queue.makeNext() { return }
    usleep(Self.microsecondsBetweenLooks)
  }
}
