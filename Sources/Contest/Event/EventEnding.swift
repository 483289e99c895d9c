public import JSON

/// A step at the end of an event.
public enum EventEnding: Sendable, Equatable {
  /// Nothing changes any more.
  case finalize(eventID: String, comment: String, atMilliseconds: Int)
  /// The event goes on after all.
  case reopen(eventID: String, reason: String, atMilliseconds: Int)
  /// What belongs to the event goes, if the contest is the one that was archived; once that is decided, there is no
  /// mark: an erasure may change what the log leads to.
  case archive(eventID: String, mark: ListMark?, successor: Event)
  /// The contest is again what it was when the event was archived.
  case unarchive(eventID: String, contents: JSONObject)

  /// The event that ends.
  public var eventID: String {
    switch self {
    case .finalize(let id, _, _), .reopen(let id, _, _), .archive(let id, _, _),
      .unarchive(let id, _):
      id
    }
  }

  /// The operation's name in the write-ahead log.
  var operation: String {
    switch self {
    case .finalize: "event-finalized-\(eventID)"
    case .reopen: "event-reopened-\(eventID)"
    case .archive: Self.archiving + eventID
    case .unarchive: Self.unarchiving + eventID
    }
  }

  /// How the name of an archiving begins: what was in the contest before is not in it afterwards.
  public static let archiving = "event-archived-"
  /// How the name of its inverse begins.
  public static let unarchiving = "event-unarchived-"

  /// The step as the write-ahead log has it.
  var data: JSONObject {
    switch self {
    case .finalize(let id, let comment, let now):
      JSONObject([
        .init(name: "finalizedEvent", value: .string(id)),
        .init(name: "comment", value: .string(comment)), .init(name: "at", value: .int(now)),
      ])
    case .reopen(let id, let reason, let now):
      JSONObject([
        .init(name: "reopenedEvent", value: .string(id)),
        .init(name: "reason", value: .string(reason)), .init(name: "at", value: .int(now)),
      ])
    case .archive(let id, let mark, let successor):
      JSONObject(
        [.init(name: "archivedEvent", value: .string(id))]
          + (mark.map { [.init(name: "mark", value: .string($0.text))] } ?? [])
          + [.init(name: "successor", value: successor.json)])
    case .unarchive(let id, let contents):
      JSONObject([
        .init(name: "unarchivedEvent", value: .string(id)),
        .init(name: "contents", value: .object(contents)),
      ])
    }
  }

  /// Reads a step; `nil` when it is none.
  ///
  /// - Throws: `Refusal.malformed` when a part of it is missing.
  init?(data: JSONObject) throws(Refusal) {
    func text(_ name: String) throws(Refusal) -> String {
      guard let text = data[name]?.string else {
        throw .malformed("The event's end has no “\(name)”.")
      }
      return text
    }
    let now = data["at"]?.int ?? 0
    if let id = data["finalizedEvent"]?.string {
      self = .finalize(eventID: id, comment: try text("comment"), atMilliseconds: now)
    } else if let id = data["reopenedEvent"]?.string {
      self = .reopen(eventID: id, reason: try text("reason"), atMilliseconds: now)
    } else if let id = data["archivedEvent"]?.string {
      self = .archive(
        eventID: id, mark: (data["mark"]?.string).map(ListMark.init(text:)),
        successor: try Event(stored: data["successor"] ?? .null))
    } else if let id = data["unarchivedEvent"]?.string {
      guard let contents = data["contents"]?.object else {
        throw .malformed("The archived contest is missing.")
      }
      self = .unarchive(eventID: id, contents: contents)
    } else {
      return nil
    }
  }
}
