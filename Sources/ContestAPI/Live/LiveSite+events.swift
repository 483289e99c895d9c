import Contest
import DurableStore
import JSON
import Realtime

/// What everybody is told of what was committed.
extension LiveSite {
  /// What everybody is told of a transaction.
  static func event(_ completed: CompletedTransaction) -> LiveEvent? {
    let told = news(of: completed.transaction)
    return LiveEvent(sequence: completed.sequence, name: told.name, data: told.data.serialized)
  }

  private static func news(of transaction: Transaction) -> (name: String, data: JSONValue) {
    switch try? Change(data: transaction.data) {
    case .submit(let entry) where !entry.isShown:
      // Only that there is something to decide on.
      return ("submissionPending", ["category": .string(entry.category)])
    case .submit(let entry):
      let shown = entry.feedEntry
      return (
        "newSubmission",
        [
          "id": .string(shown.id), "category": .string(entry.category),
          "caption": .string(shown.caption),
          "imageUrl": shown.imageURL.map(JSONValue.string) ?? .null,
          "createdAt": .int(shown.createdAtMilliseconds), "artist": .string(FeedEntry.artist),
        ]
      )
    case .remove(let entryID, let category):
      return (
        "submissionRemoved",
        ["id": .string(entryID), "category": category.map(JSONValue.string) ?? .null]
      )
    case .moderate(let decision) where decision.moderation == .approved:
      var shown = decision.shown
      shown["category"] = .string(decision.category)
      return ("entryApproved", .object(shown))
    case .moderate(let decision):
      return (
        "submissionRemoved",
        ["id": .string(decision.entryID), "category": .string(decision.category)]
      )
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
      // A whole state was put in place of the former one: everything may be different.
      return ("reset", .object(JSONObject()))
    }
  }
}
