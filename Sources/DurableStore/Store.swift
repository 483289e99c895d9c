/// A place that keeps one state durably, for any number of threads and processes at once.
public protocol Store<State>: Sendable {
  /// What is kept.
  associatedtype State: DurableState

  /// The current state: no commit that was confirmed before the call is missing.
  ///
  /// It may block while a damaged state is rebuilt.
  /// - Throws: `TransactionError` when it cannot be read or rebuilt.
  func read() throws(TransactionError) -> Snapshot<State>

  /// Makes a transaction durable; blocks until it is, and every reader sees it.
  ///
  /// - Returns: The proof of it.
  /// - Throws: `TransactionError`; its `outcome` says whether the transaction may still be there.
  func commit(_ transaction: Transaction) throws(TransactionError) -> CommitReceipt

  /// The proof that a transaction whose effect was read is durable, and that everybody sees it.
  ///
  /// - Parameters:
  ///   - transactionID: The transaction that the state says made what was found in it.
  ///   - snapshot: What was read.
  /// - Returns: A receipt of a replay.
  /// - Throws: `TransactionError` when that cannot be brought about.
  func receipt(
    ofFound transactionID: String, in snapshot: Snapshot<State>
  ) throws(TransactionError) -> CommitReceipt

  /// The completed transactions after a sequence, in order, as far as everybody may see them.
  ///
  /// - Parameter sequence: 0 for all that the store still has.
  /// - Returns: The transactions.
  /// - Throws: `TransactionError` when they cannot be read.
  func completedTransactions(
    after sequence: Int
  ) throws(TransactionError) -> [CompletedTransaction]

  /// Makes the files that a web server hands out, where they are missing or behind; it does not wait.
  func refreshPublicFiles()

  /// Keeps room again for transactions that make room, after some was made.
  func keepReserve()

  /// Tries out what the store needs of where it is.
  func examine() -> [Finding]

  /// How the store is doing, for operators.
  ///
  /// - Throws: `TransactionError` when it cannot be looked at.
  func report() throws(TransactionError) -> StoreReport
}
