/// Something that the store did, with its size or duration; for an operator's graphs.
public enum StoreMeasurement: Sendable, Equatable {
  /// One leader committed so many transactions with one synchronization of the log.
  case batch(transactionCount: Int)
  /// A thread waited so long until its transactions were led, by it or by another process.
  case lockWait(Duration)
  /// The log was synchronized with the device; see `fdatasync(2)`.
  case synchronization(Duration)
  /// A step failed and is attempted again.
  case retry
}
