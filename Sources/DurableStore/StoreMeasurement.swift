/// Something that the store did, with its size or duration; for an operator's graphs.
public enum StoreMeasurement: Sendable, Equatable {
  /// A leader committed this many transactions with one synchronization of the log.
  case batch(transactionCount: Int)
  /// A thread waited this long until it led or another process had committed its transactions.
  case lockWait(Duration)
  /// Synchronizing the log with the device took this long; see `fdatasync(2)`.
  case synchronization(Duration)
  /// A step failed and is attempted again.
  case retry
}
