import CGI
import ContestAPI
import DirectorySite
import DirectoryStore
import FastCGI
import Glibc
import Logging

/// The responder: FastCGI when standard input is a listening socket, else plain CGI when the
/// environment says so, else a usage message.
///
/// With the argument `live` it serves the live clients, with `pictures` it makes photos smaller.
let environment = ProcessEnvironment.current
let gateway = CGIGateway(environment: environment)

do {
  guard Responder.isFastCGI || gateway != nil else { throw Exit.usage }
  let settings = try Settings(
    environment: environment, executable: Settings.executablePath)
  let logger = Logger(label: "tattoo-contest") { _ in
    LineLogHandler(level: Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info)
  }
  if CommandLine.arguments.dropFirst().first == "live" {
    guard Responder.isFastCGI else { throw Exit.usage }
    LiveProcess(site: try LiveSite(settings, logger: logger), logger: logger).run()
    exit(EXIT_SUCCESS)
  }
  let directory = try DirectorySite(settings, logger: logger, answersOnce: !Responder.isFastCGI)
  let site = directory.site
  if CommandLine.arguments.dropFirst().first == "pictures" {
    guard Responder.isFastCGI else { throw Exit.usage }
    PicturesProcess(site: site, logger: logger).run()
    exit(EXIT_SUCCESS)
  }
  if Responder.isFastCGI {
    FastCGIProcess(site: site, store: directory.store, logger: logger).run(
      threadCount: settings.threads)
  } else {
    Allocator.keepsWhatIsFreed()
    let error = gateway?.serve(site.respond, refusing: Site.refusal)
    if let error { logger.warning("malformed request: \(error)") }
    try directory.store.finishWork()
    do {
      try site.erasures.tendNowAndThen()
    } catch {
      // The request was answered; the next process tries again.
      logger.error("\(error)")
    }
    site.shareMeasurements()
  }
} catch {
  // The web server gets a response to pass on; the reason goes to its error log.
  if !(error is Exit) { gateway?.serve(Site.unavailable) }
  Exit.fail(error)
}
