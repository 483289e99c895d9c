public import Contest
public import DurableStore
import JSON

/// The contest is what the store keeps; its changes are the store's transactions.
extension Contest: DurableState {
  /// A contest that has just begun.
  public static var initial: Contest { Contest() }

  /// Makes the change that a transaction holds.
  ///
  /// - Throws: `Rejection` with the contest's refusal.
  public mutating func apply(_ transaction: Transaction) throws(Rejection) -> Effect {
    do throws(Refusal) {
      let change = try Change(data: transaction.data)
      guard let earlier = try apply(change) else { return .applied }
      return .alreadyApplied(transactionID: earlier.transactionID)
    } catch {
      throw Rejection(code: error.code, reason: error.reason)
    }
  }

  /// `feed.json`, `winners.json` and `categories.json`.
  public static var publicFileNames: [String] { ["feed.json", "winners.json", "categories.json"] }

  /// The content of one of them.
  public func publicFile(_ name: String) -> [UInt8] {
    switch name {
    case "feed.json": feedJSON
    case "winners.json": winnersJSON
    default: categoriesJSON
    }
  }

  /// `winners` before the winners change, else `pre-write`.
  public static func backupPrefix(of operation: String) -> String {
    operation.hasPrefix("winners-update-") ? "winners" : "pre-write"
  }
}
