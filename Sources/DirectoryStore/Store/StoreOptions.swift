public import DurableStore
public import Files

/// How a store deals with its surroundings.
public struct StoreOptions: Sendable {
  /// The system calls.
  public var system: SystemCalls
  /// The clock and the random numbers.
  public var surroundings: Surroundings
  /// How long a commit waits for the lock.
  public var lockLimit: Duration
  /// The pause before a failed step is attempted again; each further pause is twice as long.
  public var retryPause = Duration.milliseconds(100)
  /// How long to keep a segment of the completed log that no backup needs any more.
  public var logRetention = Duration.seconds(30 * 86_400)
  /// The length in bytes beyond which a segment of the completed log is followed by a new one.
  public var maxSegmentBytes = 16 << 20
  /// Whether a leader makes a checkpoint when one is due; a process that makes one after its response,
  /// before it ends, need not.
  public var leadersCheckpoint = true
  /// Receives events for the operator's log.
  public var report: @Sendable (StoreEvent) -> Void
  /// Receives measurements for graphs; it is called while others wait, and must be quick.
  public var measure: @Sendable (StoreMeasurement) -> Void = { _ in }

  /// Makes options; those not given have their default values.
  ///
  /// - Parameters:
  ///   - system: The system calls; only tests pass another table.
  ///   - surroundings: The clock and the random numbers; only tests pass others.
  ///   - lockLimit: How long a commit waits for the lock.
  ///   - report: Receives events for the operator's log.
  public init(
    system: SystemCalls = SystemCalls(), surroundings: Surroundings = .machine,
    lockLimit: Duration = StoreLimits.lock,
    report: @escaping @Sendable (StoreEvent) -> Void = { _ in }
  ) {
    self.system = system
    self.surroundings = surroundings
    self.lockLimit = lockLimit
    self.report = report
  }
}

extension Duration {
  /// The whole span in nanoseconds.
  var nanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}

/// The store's fixed limits.
public enum StoreLimits {
  /// How long a commit waits for the lock.
  public static let lock = Duration.seconds(10)
  /// How many automatic backups are kept.
  public static let automaticBackups = 10
  /// How old a checkpoint may be while there are newer versions.
  static let checkpointMilliseconds = 1000
  /// An entry that is older was left by a dead process: no commit lasts as long.
  static let commitMilliseconds = 15_000
  /// The same for a file being written: no upload takes this long.
  static let uploadMilliseconds = 240_000
  /// How many times a transaction is attempted in all when a failure may be transient.
  static let attempts = 3
  /// How long a follower waits before it looks whether the leader has died.
  static let look = Duration.milliseconds(20)
  /// The shortest time between two refreshes of the public files of a large state.
  static let publicFilesMilliseconds = 100
  /// How far the generation of an edited file may be ahead of backup and log.
  static let plausibleLead = 1_000_000
  /// How long a leader waits for entries that are likely to come.
  static let gathering = Duration.microseconds(100)
  /// A process with more lines than this to read lets others lead.
  static let farBehind = 64
  /// How long it lets them lead without news from them, and how long in all.
  static let (deference, patience) = (Duration.milliseconds(10), Duration.milliseconds(100))
  /// A file of this length takes some milliseconds to read.
  static let largeFileBytes = 1 << 20
  /// How often to look for what dead processes left.
  static let housekeeping = Duration.seconds(60)
}
