public import DurableStore
public import Files

/// How a store deals with its surroundings.
public struct StoreOptions: Sendable {
  /// The system calls.
  public var system: SystemCalls
  /// Time and chance.
  public var surroundings: Surroundings
  /// How long a commit waits for the lock.
  public var lockLimit: Duration
  /// How long the first pause is before a failed step is attempted again; the next is twice as long.
  public var retryPause = Duration.milliseconds(100)
  /// How long a segment of the completed log is kept that no backup needs any more.
  public var logRetention = Duration.seconds(30 * 86_400)
  /// A segment of the completed log that is longer is followed by a new one, in bytes.
  public var maxSegmentBytes = 16 << 20
  /// Whether a leader synchronizes the data file when that is due; a process that does so before it
  /// ends, after its answer, need not.
  public var leadersCheckpoint = true
  /// Takes what is for the log.
  public var report: @Sendable (StoreEvent) -> Void
  /// Takes what is for graphs; it is called while others wait, and has to be quick.
  public var measure: @Sendable (StoreMeasurement) -> Void = { _ in }

  /// Makes options; those not given are the usual ones.
  ///
  /// - Parameters:
  ///   - system: The system calls; another table is for tests.
  ///   - surroundings: Time and chance; others are for tests.
  ///   - lockLimit: How long a commit waits for the lock.
  ///   - report: Takes what is for the log.
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
  /// The same of a file being written: no upload lasts as long.
  static let uploadMilliseconds = 240_000
  /// How often a transaction is attempted in all when a failure may pass.
  static let attempts = 3
  /// How long a follower waits before it looks whether the leader has died.
  static let look = Duration.milliseconds(20)
  /// How often public files of a large state are made again at most.
  static let publicFilesMilliseconds = 100
  /// How far the generation of an edited file may be ahead of backup and log.
  static let plausibleLead = 1_000_000
  /// How long a leader waits for those who are known to be coming.
  static let gathering = Duration.microseconds(100)
  /// With more lines to read than these a process lets others lead.
  static let farBehind = 64
  /// How long it does without news from them, and how long in all.
  static let (deference, patience) = (Duration.milliseconds(10), Duration.milliseconds(100))
  /// A file of this length takes some milliseconds to read.
  static let largeFileBytes = 1 << 20
  /// How often what dead processes left is looked for.
  static let housekeeping = Duration.seconds(60)
}
