/// A transaction as the log of a store has it.
public struct CompletedTransaction: Sendable {
  /// Its number, from 1; the state's generation after it.
  public let sequence: Int
  /// The transaction.
  public let transaction: Transaction
  /// Whether a recovery completed it, because its writer or leader had died.
  public let isRecovered: Bool
  /// When it was committed, in milliseconds since 1970 UTC.
  public let completedAtMilliseconds: Int
  /// The line of the log, without its line end.
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

/// What a store has completed, for those who tell others of it: in order, without a lock, and never
/// beyond what a reader of the store can see.
public protocol CompletedTransactions: Sendable {
  /// A descriptor that is readable when there may be news since `settle`; see `poll(2)`; -1 if there is
  /// none, and one has to look now and then.
  var descriptor: Int32 { get }

  /// Makes the descriptor wait for the next news.
  func settle()

  /// How many transactions everybody may see; `nil` while that cannot be told.
  var generation: Int? { get }

  /// The transactions after a sequence, as far as everybody may see them.
  ///
  /// - Parameters:
  ///   - sequence: 0 for all that the log still has.
  ///   - generation: The last that everybody may see.
  /// - Returns: The transactions, in order; the first is not the next one when the log does not
  ///   reach back that far.
  /// - Throws: `TransactionError` when the log cannot be read.
  func transactions(
    after sequence: Int, upTo generation: Int
  ) throws(TransactionError) -> [CompletedTransaction]
}
