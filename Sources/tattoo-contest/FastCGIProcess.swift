import CGI
import Contest
import ContestAPI
import DirectoryStore
import DurableStore
import FastCGI
import Logging

/// One of several responder processes at one listening socket.
struct FastCGIProcess {
  let site: Site
  let store: DirectoryStore<Contest>
  let logger: Logger

  /// Recovers what dead processes left, then serves until it is told to stop.
  func run(threadCount: Int) {
    let responder = Responder(
      endpoint: site.respond, refusal: Site.refusal,
      report: { report in
        switch report {
        case .malformedRequest(let error): logger.warning("malformed request: \(error)")
        case .clientGone: logger.debug("client gone")
        case .acceptFailed(let number): logger.error("accept: error \(number)")
        case .unfinishedRequests(let count):
          logger.warning("stopped with \(count) requests in hand")
        }
      }, hesitates: { store.hasFirstElsewhere })
    recover()
    if site.cloudinary != nil { responder.runBeside(every: .seconds(15), tendOutbox) }
    responder.runBeside(every: .seconds(20), tendErasures)
    responder.run(threadCount: threadCount, every: .seconds(1), tend)
    store.checkpoint()
    site.shareMeasurements()
  }

  /// Recovers the store; if that fails now, every request tries again, and `/ready` says why.
  private func recover() {
    do throws(TransactionError) {
      site.prepareForAdministrators()
      try store.recover()
      try site.entryPhotos.settleAll()
    } catch {
      logger.error("\(error)")
    }
  }

  /// Works off the outbox on a thread of its own: one photo may take ten seconds.
  private func tendOutbox() {
    do throws(TransactionError) {
      try site.outbox.tend()
    } catch {
      logger.error("\(error)")
    }
  }

  /// Erases what is due, on a thread of its own: a long history takes a while.
  private func tendErasures() {
    do {
      try site.erasures.tendNowAndThen()
    } catch {
      logger.error("\(error)")
    }
  }

  private func tend() {
    site.shareMeasurements()
    do throws(TransactionError) {
      try store.tend()
    } catch {
      logger.error("\(error)")
    }
  }
}
