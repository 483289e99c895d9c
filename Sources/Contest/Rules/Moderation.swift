public import JSON

/// The moderation status of an entry that is subject to approval by an administrator.
public enum Moderation: String, Sendable {
  case pending, approved, rejected
}

extension Entry {
  /// The moderation status; `nil` for an entry that was never subject to moderation.
  public var moderation: Moderation? {
    string("status").flatMap(Moderation.init)
  }

  /// Whether the entry is public.
  public var isShown: Bool { Feed.isShown(text) }

  /// Returns the entry with its moderation status set.
  func decided(_ moderation: Moderation) -> Entry {
    with([("status", .string(moderation.rawValue))])
  }
}

/// An administrator's decision on an entry, with the public form of that entry.
public struct ModerationDecision: Sendable, Equatable {
  /// The entry's identifier.
  public let entryID: String
  /// The entry's category.
  public let category: String
  /// `approved` or `rejected`.
  public let moderation: Moderation
  /// The entry as everybody may see it.
  public let shown: JSONObject

  /// Decides on an entry.
  public init(_ entry: Entry, _ moderation: Moderation) {
    entryID = entry.id
    category = entry.category
    self.moderation = moderation
    shown = entry.feedEntry.json.object ?? JSONObject()
  }

  /// The number that the decision gives the entry, or confirms.
  var number: Int? { shown["number"]?.int }

  /// Returns the decision with a number.
  func numbered(_ number: Int) -> ModerationDecision {
    var shown = shown
    shown["number"] = .int(number)
    return ModerationDecision(
      entryID: entryID, category: category, moderation: moderation, shown: shown)
  }

  init(entryID: String, category: String, moderation: Moderation, shown: JSONObject) {
    (self.entryID, self.category, self.moderation, self.shown) = (
      entryID, category, moderation, shown
    )
  }

  /// Reads `{"moderatedEntryId","category","status","shown"}`; `nil` when it is none.
  init?(data: JSONObject) {
    guard let entryID = data["moderatedEntryId"]?.string, let category = data["category"]?.string,
      let moderation = (data["status"]?.string).flatMap(Moderation.init),
      let shown = data["shown"]?.object
    else { return nil }
    (self.entryID, self.category, self.moderation, self.shown) = (
      entryID, category, moderation, shown
    )
  }

  /// The decision as the write-ahead log has it.
  var data: JSONObject {
    JSONObject([
      .init(name: "moderatedEntryId", value: .string(entryID)),
      .init(name: "category", value: .string(category)),
      .init(name: "status", value: .string(moderation.rawValue)),
      .init(name: "shown", value: .object(shown)),
    ])
  }
}
