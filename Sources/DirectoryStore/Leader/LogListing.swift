import Files
import Glibc
import SystemPackage

/// The names in the directory of the log.
struct LogListing {
  var pending: [String]
  var segments: [CompletedLog.Segment]

  init(_ names: [String]) {
    pending = names.filter { $0.hasPrefix("wal-") && $0.hasSuffix(".json") }.sorted()
    segments = CompletedLog.segments(in: names)
  }
}

/// Lists the directory of the log, unless nothing can have changed in it.
///
/// A change within the same tick of the file system's clock leaves a directory's time as it is. A listing is
/// therefore trusted only if the time was seen long enough before: the tick was over by then. The two
/// clocks are never compared.
struct LogLister {
  /// Many ticks of every clock that file systems use.
  private static let tick = Duration.milliseconds(50)

  private let context: StoreContext
  /// The directory's status, and when it was first seen like that.
  private var seen: (status: FileStatus, at: ContinuousClock.Instant)?
  /// What the directory held after the tick of its time was over.
  private var trusted: LogListing?

  init(_ context: StoreContext) {
    self.context = context
  }

  mutating func list() throws(Errno) -> LogListing {
    let status = try context.system.status(at: context.directory.log)
    let now = ContinuousClock.now
    guard let seen, seen.status.isUnchanged(since: status) else {
      seen = (status, now)
      trusted = nil
      return try listAnew()
    }
    if let trusted { return trusted }
    let listing = try listAnew()
    if now - seen.at > Self.tick { trusted = listing }
    return listing
  }

  private func listAnew() throws(Errno) -> LogListing {
    LogListing(try context.system.list(context.directory.log))
  }
}
