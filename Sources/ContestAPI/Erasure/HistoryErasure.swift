import Contest
import DurableStore
import JSON
import Synchronization

/// The redaction of entries as a store applies it to its history.
struct HistoryErasure: Redaction {
  let redaction: ContestRedaction

  func mayConcern(_ text: ArraySlice<UInt8>) -> Bool { redaction.mayConcern(text) }

  func isHeld(by text: ArraySlice<UInt8>) -> Bool {
    // What is no JSON cannot be told, so it counts as holding it.
    guard let value = try? JSONValue(parsing: Array(text)) else { return true }
    return redaction.isHeld(by: value)
  }

  func redacted(_ transaction: Transaction) -> Transaction? {
    if transaction.isReplacement {
      guard let contents = transaction.data["contents"]?.object,
        let redacted = redaction.redacted(contents: contents)
      else { return nil }
      var data = transaction.data
      data["contents"] = .object(redacted)
      return transaction.with(JSONValue.object(data).serialized)
    }
    guard let change = try? Change(data: transaction.data),
      let redacted = redaction.redacted(change)
    else { return nil }
    return transaction.with(redacted.dataText)
  }

  func redacted(_ state: Contest) -> Contest? { redaction.redacted(state) }
}

/// Looks for entries in a store's history, and changes nothing.
final class EntryFinder: Redaction {
  private let isWanted: @Sendable (Entry) -> Bool
  private let known = Mutex<[String: FoundEntry]>([:])

  /// Looks for entries.
  init(where isWanted: @escaping @Sendable (Entry) -> Bool) {
    self.isWanted = isWanted
  }

  /// What was found, by identifier.
  var found: [String: FoundEntry] { known.withLock { $0 } }

  func mayConcern(_ text: ArraySlice<UInt8>) -> Bool { true }

  func isHeld(by text: ArraySlice<UInt8>) -> Bool { false }

  func redacted(_ transaction: Transaction) -> Transaction? {
    if let entry = Change.submittedEntry(written: transaction.dataText) {
      look(at: CollectionOfOne(entry))
    } else if let contents = transaction.data["contents"]?.object {
      look(at: Entry.all(in: contents))
    }
    return nil
  }

  func redacted(_ state: Contest) -> Contest? {
    look(at: state.allEntries.flatMap(\.entries))
    return nil
  }

  /// Notes those of some entries that are wanted.
  func look(at entries: some Sequence<Entry>) {
    for entry in entries where isWanted(entry) {
      known.withLock { known in
        var found = known[entry.id] ?? FoundEntry()
        found.entry = entry
        found.photoURLs.formUnion([entry.imageURL, entry.formerImageURL].compactMap(\.self))
        known[entry.id] = found
      }
    }
  }
}

/// What is to be erased of an entry.
struct FoundEntry {
  /// The entry, as it was found last.
  var entry: Entry?
  /// Where its photo is and was.
  var photoURLs: Set<String> = []
}

extension Entry {
  /// The entries of a data file's members; what is none is left out.
  static func all(in contents: JSONObject) -> [Entry] {
    (contents["submissions"]?.object?.members ?? []).flatMap { section in
      (section.value.array ?? []).compactMap { try? Entry($0, in: section.name) }
    }
  }
}

extension Transaction {
  fileprivate func with(_ dataText: [UInt8]) -> Transaction {
    Transaction(
      id: id, operation: operation, timestampMilliseconds: timestampMilliseconds,
      dataText: dataText)
  }
}
