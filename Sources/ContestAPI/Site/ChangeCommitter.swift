import Contest
import DurableStore
import Files
import Logging

/// Commits changes to the contest, and records the outcome in the log and the metrics.
struct ChangeCommitter: Sendable {
  let store: any Store<Contest>
  let surroundings: Surroundings
  let logger: Logger
  let measurements: Measurements?

  /// Commits a change.
  ///
  /// - Parameters:
  ///   - change: The change.
  ///   - transactionID: The transaction's identifier.
  /// - Returns: The receipt, which a response of success requires.
  /// - Throws: `TransactionError` of the store.
  func commit(_ change: Change, transactionID: String) throws(TransactionError) -> CommitReceipt {
    let transaction = Transaction(
      id: transactionID, operation: change.operation(identifier: surroundings.identifier()),
      timestampMilliseconds: surroundings.nowMilliseconds(), dataText: change.dataText)
    do throws(TransactionError) {
      let receipt = try store.commit(transaction)
      logger.info("commit", metadata: ["transaction": "\(receipt.transactionID)"])
      return receipt
    } catch {
      logger.error("\(error)", metadata: ["transaction": "\(transactionID)"])
      measurements?.note { $0.count(.failedTransactions, "cause=\"\(error.cause.name)\"") }
      throw error
    }
  }

  /// `txn-<ms>-<6 base36>`.
  func newTransactionID() -> String { "txn-" + surroundings.identifier() }
}

extension TransactionError.Cause {
  /// The kind of it, for a graph.
  fileprivate var name: String {
    switch self {
    case .system: "system"
    case .contention: "contention"
    case .rejected: "rejected"
    case .damaged: "damaged"
    case .unrecoverable: "unrecoverable"
    }
  }
}
