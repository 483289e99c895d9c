/// The names in the directory of the log.
struct LogListing {
  var pending: [String]
  var segments: [CompletedLog.Segment]

  init(_ names: [String]) {
    pending = names.filter { $0.hasPrefix("wal-") && $0.hasSuffix(".json") }.sorted()
    segments = CompletedLog.segments(in: names)
  }
}
