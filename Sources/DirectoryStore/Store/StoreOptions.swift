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
