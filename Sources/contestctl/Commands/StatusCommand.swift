import ArgumentParser
import Contest
import ContestAPI
import DirectorySite
import DirectoryStore
import DurableStore
import JSON

/// Shows what is in the data directory.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows what is in the data directory.")

  @OptionGroup var options: SiteOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let opened = try options.open()
    let (site, store) = (opened.site, opened.store)
    let inspection = try store.inspect()
    let problems = inspection.pendingCount + inspection.temporaryCount + inspection.quarantineCount
    show(
      [("dataDirectory", .string(store.directory.path))]
        + Self.rows(inspection, try store.read().state)
        + [
          ("passwordSet", .bool(try site.password.isSet())),
          ("needsAttention", .bool(problems > 0)),
        ])
  }

  private static func rows(
    _ inspection: Inspection, _ contest: Contest
  ) -> [(String, JSONValue)] {
    let last = inspection.lastTransaction
    let lastTime = last.map { TimeText.text(milliseconds: $0.timestampMilliseconds) }
    return [
      ("generation", .int(inspection.generation)),
      ("entries", .int(contest.allEntries.reduce(0) { $0 + $1.entries.count })),
      ("entriesByCategory", counts(contest)),
      ("winners", .int(contest.winners.reduce(0) { $0 + $1.entryIDs.count })),
      ("dataFileBytes", inspection.dataFileBytes.map { .int($0) } ?? .null),
      ("synchronized", .bool(inspection.isCheckpointed)),
      ("backups", .int(inspection.backupCount)),
      ("snapshots", .int(inspection.backupCount - inspection.automaticBackupCount)),
      ("logSegments", .int(inspection.segmentCount)),
      ("logBytes", .int(inspection.segmentBytes)),
      ("logBeginsWith", inspection.firstSequence.map { .int($0) } ?? .null),
      ("pending", .int(inspection.pendingCount)),
      ("temporary", .int(inspection.temporaryCount)),
      ("quarantine", .int(inspection.quarantineCount)),
      ("recoveries", .int(inspection.recoveryCount)),
      ("lastTransaction", last.map { .string($0.id) } ?? .null),
      ("lastOperation", last.map { .string($0.operation) } ?? .null),
      ("lastTransactionAt", lastTime.map { .string($0) } ?? .null),
    ]
  }

  private func show(_ rows: [(String, JSONValue)]) {
    if json {
      let object = JSONObject(rows.map { JSONObject.Member(name: $0.0, value: $0.1) })
      print(String(decoding: JSONValue.object(object).serialized, as: UTF8.self))
    } else {
      for (name, value) in rows {
        let text = value.string ?? String(decoding: value.serialized, as: UTF8.self)
        print("\(name): \(text)")
      }
    }
  }

  private static func counts(_ contest: Contest) -> JSONValue {
    .object(
      contest.allEntries.map { .init(name: $0.category, value: .int($0.entries.count)) })
  }
}
