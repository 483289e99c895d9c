import Contest
import DurableStore
public import JSON

/// What a site has about a person: the answer to a request for access (GDPR, article 15).
public struct PersonReport {
  /// `{"contest":[entries],"history":[entries],"archives":{"<event id>":[entries]}}`.
  public let json: JSONValue

  /// Looks for everything that was entered with a telephone number.
  ///
  /// - Throws: `TransactionError` or `FileError` when something cannot be read.
  public init(phone: String, in site: Site) throws {
    func isTheirs(_ entry: Entry) -> Bool {
      ErasureSelection.isSame(phone, entry.string("phone") ?? "")
    }
    let contest = try site.store.read().state
    let present = contest.allEntries.flatMap(\.entries).filter(isTheirs)
    let finder = EntryFinder { entry in ErasureSelection.isSame(phone, entry.string("phone") ?? "")
    }
    _ = try site.store.redactHistory(finder, isRehearsal: true)
    let known = Set(present.map(\.id))
    let former = finder.found.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
      .compactMap(\.value.entry?.json)
    let archives = try EventArchives(site.folder).all().compactMap { archive in
      let entries = archive.entries.filter(isTheirs)
      return entries.isEmpty
        ? nil
        : JSONObject.Member(
          name: archive.manifest.eventID, value: .array(entries.map(\.json)))
    }
    json = [
      "contest": .array(present.map(\.json)),
      "history": .array(former),
      "archives": .object(JSONObject(archives)),
    ]
  }
}
