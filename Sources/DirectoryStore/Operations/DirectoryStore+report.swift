public import DurableStore
import Files
import JSON

extension DirectoryStore {
  /// Reports on the condition of the files, with an indicator for each kind.
  ///
  /// - Throws: `TransactionError` when a directory cannot be listed.
  public func report() throws(TransactionError) -> StoreReport {
    let figures = StorageFigures(try inspect(), directory)
    return StoreReport(
      json: figures.json,
      indicators: figures.indicators.map { name, status in
        StoreReport.Indicator(name, status, isLasting: status != .good && isLasting(name))
      }, metrics: figures.metrics + roomMetrics)
  }

  /// Returns whether files are older than any commit may last; a busy site always has some in progress.
  private func isLasting(_ indicator: String) -> Bool {
    let limit = StoreLimits.commitMilliseconds
    // A folder that cannot be listed has its own indicator.
    return switch indicator {
    case "wal": (try? holdsFiles(in: directory.log, named: "wal-", olderThan: limit)) ?? false
    case "temp":
      (try? holdsFiles(in: directory.temporary, named: "tmp-", olderThan: limit)) ?? false
    default: true
    }
  }

  private var roomMetrics: [StoreReport.Metric] {
    guard let fileSystem = try? options.system.fileSystem(at: directory.path) else { return [] }
    let bytes = StoreReport.Metric(
      "contest_free_bytes", help: "Free space for the data directory.", fileSystem.freeBytes)
    guard let files = fileSystem.freeFiles else { return [bytes] }
    return [
      bytes,
      StoreReport.Metric(
        "contest_free_files", help: "Files that can still be made (inodes).", files),
    ]
  }
}

/// The result of an inspection, as operators read it.
private struct StorageFigures {
  private let inspection: Inspection
  private let directory: DataDirectory

  init(_ inspection: Inspection, _ directory: DataDirectory) {
    self.inspection = inspection
    self.directory = directory
  }

  fileprivate var json: JSONValue {
    let last = inspection.lastTransaction
    return [
      "dataFile": [
        "exists": .bool(inspection.dataFileBytes != nil),
        "sizeBytes": .int(inspection.dataFileBytes ?? 0), "path": .string(directory.dataFile),
        "generation": .int(inspection.generation), "status": text(dataFile),
      ],
      "backups": [
        "count": .int(inspection.backupCount),
        "maxRetained": .int(StoreLimits.automaticBackups), "path": .string(directory.backups),
        "status": text(backups),
      ],
      "wal": [
        "count": .int(inspection.pendingCount), "path": .string(directory.log), "status": text(wal),
      ],
      "temp": [
        "count": .int(inspection.temporaryCount), "path": .string(directory.temporary),
        "status": text(temporary),
      ],
      "quarantine": [
        "count": .int(inspection.quarantineCount), "path": .string(directory.quarantine),
        "status": text(quarantine),
      ],
      "recoveries": .int(inspection.recoveryCount),
      "lastTransaction": last.map { last in
        [
          "transactionId": .string(last.id), "operation": .string(Self.kind(of: last.operation)),
          "timestamp": .int(last.timestampMilliseconds),
        ]
      } ?? .null,
    ]
  }

  /// Each indicator by its name.
  var indicators: [(name: String, status: StoreReport.Status)] {
    [
      ("dataFile", dataFile), ("backups", backups), ("wal", wal), ("temp", temporary),
      ("quarantine", quarantine),
    ]
  }

  var metrics: [StoreReport.Metric] {
    [
      .init(
        "contest_generation", help: "How many transactions data.json includes.",
        inspection.generation),
      .init(
        "contest_data_file_bytes", help: "The length of data.json.", inspection.dataFileBytes ?? 0),
      .init("contest_log_bytes", help: "The length of the completed log.", inspection.segmentBytes),
      .init("contest_backups", help: "Backups and snapshots.", inspection.backupCount),
      .init("contest_pending_entries", help: "Pending transactions.", inspection.pendingCount),
      .init("contest_temporary_files", help: "Files being written.", inspection.temporaryCount),
      .init(
        "contest_quarantined_files", help: "Damaged files that were set aside.",
        inspection.quarantineCount),
      .init(
        "contest_recoveries_total", help: "Recovery actions since the directory was created.",
        inspection.recoveryCount, isCounter: true),
    ]
  }

  private var dataFile: StoreReport.Status {
    guard let bytes = inspection.dataFileBytes else { return .critical }
    return grade(bytes, warning: 5_000_000, critical: 10_000_000)
  }

  /// The status of the backups; a store with few transactions cannot have many.
  private var backups: StoreReport.Status {
    let count = inspection.automaticBackupCount
    if count > StoreLimits.automaticBackups { return .critical }
    if count >= min(5, inspection.generation) { return .good }
    return count > 0 ? .warning : .critical
  }

  private var wal: StoreReport.Status { grade(inspection.pendingCount, warning: 1, critical: 6) }
  private var temporary: StoreReport.Status {
    grade(inspection.temporaryCount, warning: 1, critical: 11)
  }
  private var quarantine: StoreReport.Status { inspection.quarantineCount > 0 ? .warning : .good }

  private func grade(_ value: Int, warning: Int, critical: Int) -> StoreReport.Status {
    value >= critical ? .critical : value >= warning ? .warning : .good
  }

  /// Returns the kind of an operation, without its object: `removal` for `removal-<ms>-<6 base36>`.
  private static func kind(of operation: String) -> String {
    let parts = operation.split(separator: "-", omittingEmptySubsequences: false)
    let isNumbered = parts.count > 2 && Int(parts[parts.count - 2]) != nil
    return (isNumbered ? parts.dropLast(2) : parts.prefix(1)).joined(separator: "-")
  }

  private func text(_ status: StoreReport.Status) -> JSONValue { .string(status.rawValue) }
}
