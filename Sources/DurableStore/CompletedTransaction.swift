/// A completed transaction as a store's log records it.
public struct CompletedTransaction: Sendable {
  /// Its number, from 1; the state's generation after it.
  public let sequence: Int
  /// The transaction.
  public let transaction: Transaction
  /// Whether a recovery completed it, because its writer or leader had died.
  public let isRecovered: Bool
  /// When it was committed, in milliseconds since 1970 UTC.
  public let completedAtMilliseconds: Int
  /// The log line, without its line feed.
  public let line: [UInt8]

  package init(
    sequence: Int, _ transaction: Transaction, isRecovered: Bool, completedAtMilliseconds: Int,
    line: [UInt8]
  ) {
    self.sequence = sequence
    self.transaction = transaction
    self.isRecovered = isRecovered
    self.completedAtMilliseconds = completedAtMilliseconds
    self.line = line
  }
}

/// A store's completed transactions, for programs that publish them: in order, without a lock, and never
/// beyond what a reader of the store can see.
public protocol CompletedTransactions: Sendable {
  /// A descriptor that becomes readable when there may be news since `settle`, see `poll(2)`; -1 if there is
  /// none and the caller has to poll at intervals.
  var descriptor: Int32 { get }

  /// Drains the descriptor, so that it becomes readable again only with the next news.
  func settle()

  /// The number of transactions that every reader may see; `nil` while it is not known.
  var generation: Int? { get }

  /// Returns the transactions after a sequence, as far as every reader may see them.
  ///
  /// - Parameters:
  ///   - sequence: 0 for all that the log still has.
  ///   - generation: The last one that every reader may see.
  /// - Returns: The transactions, in order. If the log does not reach back far enough, they begin later than
  ///   `sequence` + 1.
  /// - Throws: `TransactionError` when the log cannot be read.
  func transactions(
    after sequence: Int, upTo generation: Int
  ) throws(TransactionError) -> [CompletedTransaction]
}
