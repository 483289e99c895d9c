import CGI
import ContestAPI
import DurableStore
public import FastCGI
import Logging
public import Realtime

/// The process that serves all live clients.
struct LiveProcess: LiveResponder.Delegate {
  /// How many requests are read at once; waiting for an answer takes no thread.
  private static let threadCount = 4

  let site: LiveSite
  let logger: Logger

  /// Serves until it is told to stop.
  func run() {
    let responder = LiveResponder(
      delegate: self, refusal: Site.refusal,
      report: { report in
        switch report {
        case .malformedRequest(let error): logger.warning("malformed request: \(error)")
        case .acceptFailed(let number): logger.error("accept: error \(number)")
        case .clientGone, .unfinishedRequests: break
        }
      })
    // Without change notifications the log has to be polled.
    let isTold = site.follower.descriptor >= 0
    responder.run(
      threadCount: Self.threadCount, watching: site.follower.descriptor,
      atLeastEvery: .milliseconds(isTold ? 500 : 20))
  }

  func take(_ request: Request, _ parked: ParkedRequest) { site.take(request, parked) }
  func hasLeft(_ parked: ParkedRequest) { site.hasLeft(parked.number) }
  func canSend(_ parked: ParkedRequest) { site.canSend(parked.number) }
  var isAwaited: Bool { site.hasClients }
  func look() { site.look() }
  func tick() { site.tick() }
  func leave() { site.leave() }
}

extension ParkedRequest: LiveConnection {}
