public import Logging
import SystemPackage

/// Writes a line for each event to standard error: level, event, `key=value` pairs.
///
/// Lines logged while a request is being answered carry its `client` and `request` (see `RequestLabels`).
public struct LineLogHandler: LogHandler {
  /// The minimum level; events below it are not logged.
  public var logLevel: Logger.Level
  /// Pairs for every line.
  public var metadata: Logger.Metadata = [:]
  /// Provides the labels of the current request.
  public var metadataProvider: Logger.MetadataProvider? = RequestLabels.provider

  /// Makes a handler.
  public init(level: Logger.Level) {
    logLevel = level
  }

  /// One pair for every line.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes a line in one piece, so that the lines of several processes do not mix.
  public func log(event: LogEvent) {
    let pairs = (metadataProvider?.get() ?? [:]).merging(metadata) { $1 }
      .merging(event.metadata ?? [:]) { $1 }
      .sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    let line = "\(event.level) \(Self.oneLine("\(event.message)\(pairs)"))\n"
    // There is nowhere to report that the log cannot be written.
    _ = try? FileDescriptor.standardError.writeAll(line.utf8)
  }

  /// Replaces line ends with spaces; almost no text has any.
  private static func oneLine(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    return isPlain ? text : String(text.map { $0.isNewline ? " " : $0 })
  }
}
