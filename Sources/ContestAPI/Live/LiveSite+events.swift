import Contest
import DurableStore
import JSON
import Realtime

/// The events that live clients receive for committed transactions.
extension LiveSite {
  /// Returns the event that announces a transaction.
  static func event(_ completed: CompletedTransaction) -> LiveEvent? {
    let told = news(of: completed.transaction)
    return LiveEvent(sequence: completed.sequence, name: told.name, data: told.data.serialized)
  }

  private static func news(of transaction: Transaction) -> (name: String, data: JSONValue) {
    switch try? Change(data: transaction.data) {
    case .submit(let entry) where !entry.isShown:
      // Says only that an entry is pending, not what it holds.
      return ("submissionPending", ["category": .string(entry.category)])
    case .submit(let entry): return ("newSubmission", shown(entry))
    case .remove(let entryID, let category): return removal(of: entryID, from: category)
    case .moderate(let decision) where decision.moderation == .approved:
      var shown = decision.shown
      shown["category"] = .string(decision.category)
      return ("entryApproved", .object(shown))
    case .moderate(let decision): return removal(of: decision.entryID, from: decision.category)
    case .relocate(let relocation):
      return (
        "photoMoved",
        [
          "id": .string(relocation.entryID), "category": .string(relocation.category),
          "imageUrl": .string(relocation.imageURL),
        ]
      )
    case .draftWinners(let lists):
      // The winners are not public yet.
      return (
        "winnersDrafted", ["categories": .array(lists.map { JSONValue.string($0.category) })]
      )
    case .setWinners(let lists, _):
      return ("winnersUpdated", ["winners": Change.json(lists)])
    case .setCategories(let categories, _):
      return ("categoriesUpdated", ["categories": .array(categories.map(\.publicJSON))])
    case nil:
      // The whole state was replaced, so anything may have changed.
      return ("reset", .object(JSONObject()))
    }
  }

  private static func shown(_ entry: Entry) -> JSONValue {
    let shown = entry.feedEntry
    return [
      "id": .string(shown.id), "category": .string(entry.category),
      "caption": .string(shown.caption),
      "imageUrl": shown.imageURL.map(JSONValue.string) ?? .null,
      "createdAt": .int(shown.createdAtMilliseconds), "artist": .string(FeedEntry.artist),
    ]
  }

  private static func removal(
    of entryID: String, from category: String?
  ) -> (name: String, data: JSONValue) {
    (
      "submissionRemoved",
      ["id": .string(entryID), "category": category.map(JSONValue.string) ?? .null]
    )
  }
}
