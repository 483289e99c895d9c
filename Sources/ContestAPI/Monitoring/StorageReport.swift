import DurableStore
import JSON

/// The state of the files, each with an indicator.
struct StorageReport {
  /// How urgent something is.
  enum Status: String, CaseIterable {
    case good, warning, critical

    /// The same as a number, for a graph.
    var level: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  private let inspection: Inspection
  private let directory: DataDirectory

  init(_ inspection: Inspection, _ directory: DataDirectory) {
    self.inspection = inspection
    self.directory = directory
  }

  var json: JSONValue {
    let last = inspection.lastTransaction
    return [
      "dataFile": [
        "exists": .bool(inspection.dataFileBytes != nil),
        "sizeBytes": .int(inspection.dataFileBytes ?? 0), "path": .string(directory.dataFile),
        "generation": .int(inspection.generation), "status": text(dataFile),
      ],
      "backups": [
        "count": .int(inspection.backupCount),
        "maxRetained": .int(Inspection.maxRetainedBackups), "path": .string(directory.backups),
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
  var indicators: [(name: String, status: Status)] {
    [
      ("dataFile", dataFile), ("backups", backups), ("wal", wal), ("temp", temporary),
      ("quarantine", quarantine),
    ]
  }

  var statuses: JSONValue {
    .object(JSONObject(indicators.map { .init(name: $0.name, value: text($0.status)) }))
  }

  private var dataFile: Status {
    guard let bytes = inspection.dataFileBytes else { return .critical }
    return grade(bytes, warning: 5_000_000, critical: 10_000_000)
  }

  /// A store of few transactions cannot have many backups.
  private var backups: Status {
    let count = inspection.automaticBackupCount
    if count > Inspection.maxRetainedBackups { return .critical }
    if count >= min(5, inspection.generation) { return .good }
    return count > 0 ? .warning : .critical
  }

  private var wal: Status { grade(inspection.pendingCount, warning: 1, critical: 6) }
  private var temporary: Status { grade(inspection.temporaryCount, warning: 1, critical: 11) }
  private var quarantine: Status { inspection.quarantineCount > 0 ? .warning : .good }

  private func grade(_ value: Int, warning: Int, critical: Int) -> Status {
    value >= critical ? .critical : value >= warning ? .warning : .good
  }

  /// What was done, without the entry it was done to: `removal`, of `removal-<ms>-<6 base36>`.
  private static func kind(of operation: String) -> String {
    let parts = operation.split(separator: "-", omittingEmptySubsequences: false)
    let isNumbered = parts.count > 2 && Int(parts[parts.count - 2]) != nil
    return (isNumbered ? parts.dropLast(2) : parts.prefix(1)).joined(separator: "-")
  }

  private func text(_ status: Status) -> JSONValue { .string(status.rawValue) }
}
