/// A place that keeps one state durably, for any number of threads and processes at once.
public protocol Store<State>: Sendable {
  /// What is kept.
  associatedtype State: DurableState

  /// Returns the current state, including every commit that was confirmed before the call.
  ///
  /// It may block while a damaged state is rebuilt.
  /// - Throws: `TransactionError` when it cannot be read or rebuilt.
  func read() throws(TransactionError) -> Snapshot<State>

  /// Returns the state as this process knows it, which may be behind; costs no look at the store.
  ///
  /// For a decision that a commit makes again.
  /// - Throws: `TransactionError` when nothing is known yet and it cannot be read.
  func known() throws(TransactionError) -> Snapshot<State>

  /// Makes a transaction durable; blocks until it is durable and every reader sees it.
  ///
  /// - Returns: The proof of the commit.
  /// - Throws: `TransactionError`; its `outcome` says whether the transaction may be committed nevertheless.
  func commit(_ transaction: Transaction) throws(TransactionError) -> CommitReceipt

  /// Returns the proof that a transaction whose effect was read is durable and visible to every reader.
  ///
  /// - Parameters:
  ///   - transactionID: The transaction that, according to the state, made the change that was found.
  ///   - snapshot: The state in which it was found.
  /// - Returns: A receipt of a replay.
  /// - Throws: `TransactionError` when this cannot be ensured.
  func receipt(
    ofFound transactionID: String, in snapshot: Snapshot<State>
  ) throws(TransactionError) -> CommitReceipt

  /// Returns the completed transactions after a sequence, in order, as far as every reader may see them.
  ///
  /// - Parameter sequence: 0 for all that the store still has.
  /// - Returns: The transactions.
  /// - Throws: `TransactionError` when they cannot be read.
  func completedTransactions(
    after sequence: Int
  ) throws(TransactionError) -> [CompletedTransaction]

  /// Rewrites the public files that are missing or behind; it does not wait.
  func refreshPublicFiles()

  /// Restores the reserve for transactions that free space, after some space was freed.
  func keepReserve()

  /// Keeps a copy of the current state until an operator removes it.
  ///
  /// - Returns: The copy's name.
  /// - Throws: `TransactionError`; no copy is then left.
  func makeSnapshot() throws(TransactionError) -> String

  /// Takes something out of everything that the store keeps of its past: log, backups, snapshots.
  ///
  /// The present is redacted by a transaction first. It may be interrupted and repeated; commits go on meanwhile.
  /// - Parameters:
  ///   - redaction: What is taken out.
  ///   - isRehearsal: Whether everything is only looked at, and stays as it is.
  /// - Returns: What was done, or would be.
  /// - Throws: `TransactionError`; a part may be done.
  func redactHistory(
    _ redaction: some Redaction<State>, isRehearsal: Bool
  ) throws(TransactionError) -> RedactionReport

  /// Tests whether the place where the store keeps its state provides what it needs.
  func examine() -> [Finding]

  /// Reports on the store's condition, for operators.
  ///
  /// - Throws: `TransactionError` when the store cannot be examined.
  func report() throws(TransactionError) -> StoreReport
}
