/// The metrics counted over all processes, by their Prometheus names.
///
/// See https://prometheus.io/docs/practices/naming/.
enum MetricFamily: String, CaseIterable {
  case requests = "contest_http_requests_total"
  case requestDuration = "contest_http_request_duration_seconds"
  case transactions = "contest_transactions_total"
  case failedTransactions = "contest_failed_transactions_total"
  case retries = "contest_store_retries_total"
  case batchSize = "contest_store_batch_transactions"
  case lockWait = "contest_store_lock_wait_seconds"
  case synchronization = "contest_store_log_sync_seconds"

  /// The bounds, where it is a histogram.
  var scale: Histogram.Scale? {
    switch self {
    case .requestDuration, .lockWait, .synchronization: .seconds
    case .batchSize: .count
    case .requests, .transactions, .failedTransactions, .retries: nil
    }
  }

  /// What it is, for people.
  var help: String {
    switch self {
    case .requests:
      "Requests that responders have answered; the web server's own files are not counted."
    case .requestDuration: "How long responders took to answer."
    case .transactions: "Transactions that were committed."
    case .failedTransactions: "Transactions that were refused or failed, by cause."
    case .retries: "Steps of a commit that failed and were attempted again."
    case .batchSize: "How many transactions were committed with one synchronization of the log."
    case .lockWait: "How long transactions waited to lead a batch, or for a leader to commit them."
    case .synchronization: "How long the log's synchronization with the device took."
    }
  }
}
