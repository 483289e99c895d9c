public import DurableStore
public import Files
import JSON
import Synchronization

/// The counters of all of a site's processes: `DATA_DIR/.metrics.json`.
///
/// Each process adds its own counts about once a second. A killed process loses the counts that it had
/// not added yet; only graphs depend on them.
public final class Measurements: Sendable {
  private let file: SharedFile
  private let own = Mutex(Tally())

  /// Counts for a site; `nil` unless a metrics token is set.
  public convenience init?(_ settings: Settings, _ folder: Folder) {
    guard settings.metricsToken != nil else { return nil }
    self.init(folder)
  }

  private init(_ folder: Folder) {
    file = folder.sharedFile(".metrics.json")
  }

  func note(_ change: (inout Tally) -> Void) {
    own.withLock { change(&$0) }
  }

  /// Takes a measurement of the store.
  public func note(_ measurement: StoreMeasurement) {
    note { tally in
      switch measurement {
      case .batch(let count):
        tally.observe(.batchSize, Double(count))
        tally.count(.transactions, by: count)
      case .lockWait(let duration): tally.observe(.lockWait, duration.inSeconds)
      case .synchronization(let duration): tally.observe(.synchronization, duration.inSeconds)
      case .retry: tally.count(.retries)
      }
    }
  }

  /// Adds this process's counts since the last call to the shared file.
  ///
  /// - Returns: The totals of all processes.
  /// - Throws: `FileError` when the file cannot be written; the counts are kept for the next call.
  @discardableResult
  func share() throws(FileError) -> Tally {
    let added = own.withLock { own in
      defer { own = Tally() }
      return own
    }
    guard !added.isEmpty else { return Tally(parsing: try file.read() ?? []) }
    var total = Tally()
    do throws(FileError) {
      try file.update { old in
        total = Tally(parsing: old)
        total.add(added)
        return total.json.serialized
      }
    } catch {
      note { $0.add(added) }
      throw error
    }
    return total
  }
}

extension Duration {
  /// The whole span in seconds.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
