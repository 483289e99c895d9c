import ArgumentParser
import Contest
import ContestAPI
import DurableStore
import JSON

/// Tells what is in the data directory.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Tells what is in the data directory.")

  @OptionGroup var options: SiteOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let site = try options.site()
    let inspection = try site.store.inspect()
    let entries = try site.store.read().state.allEntries
    let rows: [(String, JSONValue)] = [
      ("dataDirectory", .string(site.store.directory.path)),
      ("generation", .int(inspection.generation)),
      ("entries", .int(entries.reduce(0) { $0 + $1.entries.count })),
      ("dataFileBytes", inspection.dataFileBytes.map { .int($0) } ?? .null),
      ("backups", .int(inspection.backupCount)),
      ("pending", .int(inspection.pendingCount)),
      ("temporary", .int(inspection.temporaryCount)),
      ("quarantine", .int(inspection.quarantineCount)),
      ("recoveries", .int(inspection.recoveryCount)),
      ("lastTransaction", inspection.lastTransaction.map { .string($0.id) } ?? .null),
      ("passwordSet", .bool(try site.password.isSet())),
    ]
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
}
