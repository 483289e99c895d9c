public import Contest
public import ContestAPI
public import DirectoryStore
public import DurableStore
public import Files
public import Logging

/// A site whose contest is kept in a directory, with what operates that directory.
public struct DirectorySite: Sendable {
  /// What answers requests.
  public let site: Site
  /// The store that it sees, with all that can be done to it.
  public let store: DirectoryStore<Contest>

  /// Opens a site's data directory.
  ///
  /// - Parameters:
  ///   - settings: The settings.
  ///   - logger: Takes what operators should read.
  ///   - answersOnce: Whether the process ends after one request, with `finishWork` of the store.
  ///   - system: The system calls; others are for tests.
  ///   - surroundings: Time and chance; others are for tests.
  /// - Throws: `TransactionError` when the directories cannot be made.
  public init(
    _ settings: Settings, logger: Logger, answersOnce: Bool = false,
    system: SystemCalls = SystemCalls(), surroundings: Surroundings = .machine
  ) throws(TransactionError) {
    let folder = Folder(settings.dataDirectory, system: system)
    var options = StoreOptions(system: system, surroundings: surroundings) { event in
      // Also what a recovery did: it is to be seen at every level.
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
    self.init(settings, following: follower, logger: logger)
  }
}
