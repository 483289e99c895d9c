import ASCII
public import JSON

/// What the contest is called and when it takes place, as its pages show it.
///
/// ```json
/// {"id":"1731023456789-abc123","name":"Ink Days","tagline":"Three days of ink","startsAt":1793000000000,
///  "endsAt":1793200000000,"timeZone":"Europe/Berlin","accent":"#ffb000","state":"live"}
/// ```
public struct Event: Sendable, Equatable {
  /// How far the event is.
  public enum State: String, Sendable {
    /// Everything works, and nothing counts: pages carry a watermark.
    case rehearsal
    case live
    /// Nothing changes any more.
    case finalized
  }

  /// `<ms>-<6 base36>`.
  public let id: String
  /// What people read, 1 to 100 characters.
  public let name: String
  /// How far it is.
  public let state: State
  private let object: JSONObject

  /// The members that an administrator may change.
  private static let editable = ["name", "tagline", "startsAt", "endsAt", "timeZone", "accent"]

  /// Reads an event of a data file; members of other programs are kept.
  ///
  /// - Throws: `Refusal.malformed` when it has no identifier, no name or an unknown state.
  public init(stored value: JSONValue) throws(Refusal) {
    guard let object = value.object, let id = object["id"]?.string,
      let name = object["name"]?.string,
      let state = (object["state"]?.string).flatMap(State.init)
    else { throw .malformed("The event has no id, no name or no state.") }
    (self.id, self.name, self.state, self.object) = (id, name, state, object)
  }

  /// Makes an event of the members that an administrator sent.
  ///
  /// - Parameters:
  ///   - members: The members; at least `name`.
  ///   - id: A new identifier.
  /// - Throws: `Refusal.malformed` with what is wrong.
  public init(_ members: JSONObject, id: String) throws(Refusal) {
    self = try Event(
      id: id, name: "", state: .live,
      object: JSONObject([
        .init(name: "id", value: .string(id)), .init(name: "name", value: ""),
        .init(name: "state", value: .string(State.live.rawValue)),
      ])
    ).changed(by: members)
  }

  private init(id: String, name: String, state: State, object: JSONObject) {
    (self.id, self.name, self.state, self.object) = (id, name, state, object)
  }

  /// Returns the event with some members changed; `null` takes one away.
  ///
  /// - Throws: `Refusal.malformed` with what is wrong.
  public func changed(by members: JSONObject) throws(Refusal) -> Event {
    var object = object
    for member in members.members {
      guard Self.editable.contains(member.name) else {
        throw .malformed(
          "An event has no “\(member.name)” that can be set here; it has "
            + "\(Self.editable.joined(separator: ", ")).")
      }
      object[member.name] = member.value == .null ? nil : member.value
    }
    return try Event(checking: object)
  }

  /// Returns the event in another state.
  public func moved(to state: State) -> Event {
    var object = object
    object["state"] = .string(state.rawValue)
    return Event(id: id, name: name, state: state, object: object)
  }

  /// Returns the event, finalized.
  ///
  /// - Parameters:
  ///   - comment: What the organizers say to it, for the record.
  ///   - now: When that is, in milliseconds since 1970 UTC.
  /// - Returns: The finalized event.
  func finalized(_ comment: String, atMilliseconds now: Int) -> Event {
    var object = object
    object["state"] = .string(State.finalized.rawValue)
    object["finalized"] = ["at": .int(now), "comment": .string(comment)]
    return Event(id: id, name: name, state: .finalized, object: object)
  }

  /// Returns a finalized event, live again; the reason stays on record.
  func reopened(because reason: String, atMilliseconds now: Int) -> Event {
    var object = object
    object["state"] = .string(State.live.rawValue)
    object["finalized"] = nil
    let reopened = object["reopened"]?.array ?? []
    object["reopened"] = .array(reopened + [["at": .int(now), "reason": .string(reason)]])
    return Event(id: id, name: name, state: .live, object: object)
  }

  /// Returns the event that follows this one: with its name and texts, and without what it was at its time.
  ///
  /// - Parameter id: A new identifier.
  /// - Returns: The next event.
  public func successor(id: String) -> Event {
    var object = object
    object["id"] = .string(id)
    object["state"] = .string(State.live.rawValue)
    for name in ["startsAt", "endsAt"] + Self.organizersMembers { object[name] = nil }
    return Event(id: id, name: name, state: .live, object: object)
  }

  /// What the pages of visitors do not get.
  private static let organizersMembers = ["finalized", "reopened"]

  /// Returns the event with another logo; `nil` takes it away.
  public func withLogo(_ url: String?) -> Event {
    var object = object
    object["logo"] = url.map(JSONValue.string)
    return Event(id: id, name: name, state: state, object: object)
  }

  /// What it is about, in a sentence, if that is said.
  public var tagline: String? { object["tagline"]?.string }
  /// The logo's URL, if there is one.
  public var logo: String? { object["logo"]?.string }
  /// When it begins, in milliseconds since 1970 UTC.
  public var startsAtMilliseconds: Int? { object["startsAt"]?.int }
  /// When it ends, in milliseconds since 1970 UTC.
  public var endsAtMilliseconds: Int? { object["endsAt"]?.int }

  /// The event as the data file has it.
  public var json: JSONValue { .object(object) }

  /// The event for pages: as stored, with the colour of buttons that goes with the accent.
  public var publicJSON: JSONValue {
    var shown = object
    for name in Self.organizersMembers { shown[name] = nil }
    if let accent = (object["accent"]?.string).flatMap(AccentColour.init) {
      shown["accentForButtons"] = .string(accent.nearestForButtons.text)
    }
    return .object(shown)
  }

  // MARK: Checks

  private init(checking object: JSONObject) throws(Refusal) {
    try self.init(stored: .object(object))
    try Self.check(object["name"], named: "name", length: 1...100)
    try Self.check(object["tagline"], named: "tagline", length: 0...200)
    for name in ["startsAt", "endsAt"] {
      guard let value = object[name] else { continue }
      guard let time = value.int, (0..<253_402_300_800_000).contains(time) else {
        throw .malformed("The event needs milliseconds since 1970 as \(name), or null.")
      }
    }
    if let startsAtMilliseconds, let endsAtMilliseconds, endsAtMilliseconds <= startsAtMilliseconds
    {
      throw .malformed("The event ends before it starts.")
    }
    if let zone = object["timeZone"] {
      guard let name = zone.string, Self.isZone(name) else {
        throw .malformed("A time zone is a name such as Europe/Berlin, or null.")
      }
    }
    if let accent = object["accent"] { try Self.check(accent: accent) }
  }

  private static func check(
    _ value: JSONValue?, named name: String, length: ClosedRange<Int>
  ) throws(Refusal) {
    guard let value else {
      guard length.contains(0) else { throw .malformed("The event needs a \(name).") }
      return
    }
    guard let text = value.string, length.contains(text.count),
      // One character may consist of any number of combining marks.
      text.utf8.count <= 4 * length.upperBound, Writing.problem(of: text) == nil,
      length.contains(0) || Writing.isVisible(text)
    else {
      throw .malformed(
        "The event's \(name) is a text of \(length.lowerBound) to \(length.upperBound) characters "
          + "without control characters.")
    }
  }

  /// Whether a text may be a name of the time zone database, such as `Europe/Berlin` or `UTC`.
  private static func isZone(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return (1...3).contains(parts.count) && text.utf8.count <= 64
      && parts.allSatisfy { part in
        part.utf8.first?.isLetter == true
          && part.utf8.allSatisfy { $0.isIdentifierByte || $0 == UInt8(ascii: "+") }
      }
  }

  private static func check(accent value: JSONValue) throws(Refusal) {
    guard let colour = value.string.flatMap(AccentColour.init) else {
      throw .malformed("The accent is a colour such as #ffb000, or null.")
    }
    guard colour.isReadable else {
      throw .malformed(
        "Text in \(colour.text) is too hard to read on the pages. The nearest colour that can be "
          + "read is \(colour.nearestReadable.text).")
    }
  }
}
