public import Contest
public import ContestAPI
public import DirectoryStore
public import DurableStore
public import Files
public import Logging

/// A site whose contest is stored in a directory, together with that store.
public struct DirectorySite: Sendable {
  /// The site, which answers requests.
  public let site: Site
  /// The site's store, with the operations that only a directory store has.
  public let store: DirectoryStore<Contest>

  /// Opens a site's data directory.
  ///
  /// - Parameters:
  ///   - settings: The settings.
  ///   - logger: Logs for operators.
  ///   - answersOnce: Whether the process exits after one request; the caller then calls `finishWork`.
  ///   - system: The system calls; tests replace them.
  ///   - surroundings: Time and randomness; tests replace them.
  /// - Throws: `TransactionError` when the directories cannot be made.
  public init(
    _ settings: Settings, logger: Logger, answersOnce: Bool = false,
    system: SystemCalls = SystemCalls(), surroundings: Surroundings = .machine
  ) throws(TransactionError) {
    let folder = Folder(settings.dataDirectory, system: system)
    var options = StoreOptions(system: system, surroundings: surroundings) { event in
      // Recovery is also logged as an error, so that it shows at every log level.
      logger.error("\(event)")
    }
    options.leadersCheckpoint = !answersOnce
    options.logRetention = .seconds(settings.logRetentionDays * 86_400)
    let measurements = Measurements(settings, folder)
    if let measurements { options.measure = { measurements.note($0) } }
    store = try DirectoryStore(DataDirectory(folder.path), options: options)
    site = Site(
      settings, store: store, folder: folder, measurements: measurements, logger: logger,
      answersOnce: answersOnce, surroundings: surroundings)
  }
}

extension LiveSite {
  /// Follows the log of a site's data directory.
  ///
  /// - Throws: `TransactionError` when a directory cannot be made.
  public convenience init(_ settings: Settings, logger: Logger) throws(TransactionError) {
    let follower = try LogFollower(DataDirectory(settings.dataDirectory))
    self.init(
      settings, following: follower, folder: Folder(settings.dataDirectory), logger: logger)
  }
}
