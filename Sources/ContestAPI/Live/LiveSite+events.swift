import Contest
import DurableStore
import JSON
import Realtime

/// The events that live clients receive for committed transactions.
extension LiveSite {
  /// Returns the event that announces a transaction.
  static func event(_ completed: CompletedTransaction) -> LiveEvent? {
    let told = news(of: completed.transaction)
    return LiveEvent(
      sequence: completed.sequence, name: told.name, data: told.data.serialized,
      isForDesk: JuryNews.deskEvents.contains(told.name)
        || VotingNews.deskEvents.contains(told.name),
      hidesEarlier: ["withdrawal-", "erasure-"].contains(
        where: completed.transaction.operation.hasPrefix))
  }

  private static func news(of transaction: Transaction) -> (name: String, data: JSONValue) {
    switch try? Change(data: transaction.data) {
    case .submit(let entry) where !entry.isShown:
      // Says only that an entry is pending, not what it holds.
      return ("submissionPending", ["category": .string(entry.category)])
    case .submit(let entry): return ("newSubmission", shown(entry))
    case .remove(let entryID, let category): return removal(of: entryID, from: category)
    case .moderate(let decision): return outcome(of: decision)
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
    case .edit(let edit): return correction(edit)
    case .setEvent(let event, _): return ("eventUpdated", ["event": event.publicJSON])
    case .withdraw(let withdrawal) where !withdrawal.isTakenBack:
      return removal(of: withdrawal.entryID, from: withdrawal.category)
    case .start, .ending, .withdraw, .erase: return ("reset", .object(JSONObject()))
    case .jury(let change): return JuryNews.event(of: change)
    case .scorecard(let card): return JuryNews.event(of: card)
    case .voting(let change): return VotingNews.event(of: change)
    case .ballot: return VotingNews.ballot
    case .setWinners(let lists, _, _):
      return ("winnersUpdated", ["winners": Change.json(lists)])
    case .setCategories(let categories, _):
      return ("categoriesUpdated", ["categories": .array(categories.map(\.publicJSON))])
    case nil:
      // The whole state was replaced, so anything may have changed.
      return ("reset", .object(JSONObject()))
    }
  }

  private static func outcome(of decision: ModerationDecision) -> (name: String, data: JSONValue) {
    guard decision.moderation == .approved else {
      return removal(of: decision.entryID, from: decision.category)
    }
    var shown = decision.shown
    shown["category"] = .string(decision.category)
    return ("entryApproved", .object(shown))
  }

  private static func shown(_ entry: Entry) -> JSONValue {
    let shown = entry.feedEntry
    var members = JSONObject([
      .init(name: "id", value: .string(shown.id)),
      .init(name: "category", value: .string(entry.category)),
      .init(name: "caption", value: .string(shown.caption)),
      .init(name: "imageUrl", value: shown.imageURL.map(JSONValue.string) ?? .null),
      .init(name: "createdAt", value: .int(shown.createdAtMilliseconds)),
      .init(name: "artist", value: .string(FeedEntry.artist)),
    ])
    members["number"] = shown.number.map(JSONValue.int)
    return .object(members)
  }

  /// Says what has changed to everybody who may see the entry; of any other only where it stands.
  private static func correction(_ edit: EntryEdit) -> (name: String, data: JSONValue) {
    var members = edit.shown ?? JSONObject([.init(name: "id", value: .string(edit.entryID))])
    members["category"] = .string(edit.newCategory ?? edit.category)
    members["formerCategory"] = edit.newCategory == nil ? nil : .string(edit.category)
    members["isShown"] = .bool(edit.shown != nil)
    return ("submissionChanged", .object(members))
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
