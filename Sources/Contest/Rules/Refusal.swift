/// Why the contest's rules refuse a change.
///
/// `Category.refusal(at:)` decides whether a category is open; `APIError` has the status codes.
public enum Refusal: Error, Sendable, Equatable {
  case unknownCategory(String)
  case unknownEntry(String)
  case malformed(String)
  /// The category, given by name, no longer accepts entries.
  case closed(String)
  /// The category, given by name, does not accept entries yet.
  case notOpen(String)
  /// The winners sent no longer match the draft, or the list published before.
  case winnersChanged
  /// The list has changed since the client read it.
  case changedMeanwhile
  /// A rehearsal begins and ends without entries, unless it ends by the start of the event.
  case hasEntries
  /// The event is not in the state that this needs; `nil` where there is no event.
  case badState(Event.State?)
  /// The entry's photo has moved in the meantime, or must not become public.
  case photoMoved(String)

  /// A word for programs.
  public var code: String {
    switch self {
    case .unknownCategory: "unknown_category"
    case .unknownEntry: "unknown_entry"
    case .malformed: "malformed"
    case .closed: "category_closed"
    case .notOpen: "category_not_open"
    case .photoMoved: "photo_moved"
    case .winnersChanged: "winners_changed"
    case .changedMeanwhile: "changed_meanwhile"
    case .badState: "bad_state"
    case .hasEntries: "has_entries"
    }
  }

  /// A sentence for people.
  public var reason: String {
    switch self {
    case .unknownCategory(let id): "There is no category “\(id)”."
    case .unknownEntry(let id): "There is no entry “\(id)”."
    case .malformed(let reason): reason
    case .closed(let name): "“\(name)” is closed: it takes no more entries."
    case .winnersChanged: "The winners were changed meanwhile. Look at them again."
    case .changedMeanwhile: "Somebody else has changed it meanwhile. Look at it again."
    case .badState(let state?): "The event is \(state.rawValue), so this cannot be done."
    case .hasEntries:
      "There are entries. Start the event to end its rehearsal; for a new one, remove them first."
    case .badState(nil): "There is no event yet. Name it first."
    case .photoMoved(let id): "The photo of “\(id)” is not where it was."
    case .notOpen(let name): "“\(name)” is not open yet."
    }
  }
}
