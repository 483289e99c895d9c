import JSON

/// Who is called to the stage in a round: `{"entry":id|null,"called":[ids],"absent":[ids]}`.
public struct Call: Sendable, Equatable {
  /// The entry whose contestant is called; `nil` before the first and after the last.
  public let entry: String?
  /// Those that have been called, the current one among them.
  public let called: [String]
  /// Those who were not there; they are called again after all others.
  public let absent: [String]

  init(_ value: JSONValue?) {
    let object = value?.object
    entry = object?["entry"]?.string
    called = object?["called"]?.array?.compactMap(\.string) ?? []
    absent = object?["absent"]?.array?.compactMap(\.string) ?? []
  }

  private init(entry: String?, called: [String], absent: [String]) {
    (self.entry, self.called, self.absent) = (entry, called, absent)
  }

  var json: JSONValue {
    [
      "entry": entry.map(JSONValue.string) ?? .null,
      "called": .array(called.map(JSONValue.string)),
      "absent": .array(absent.map(JSONValue.string)),
    ]
  }

  /// Who comes next of a round's entries.
  public func next(of entries: [String]) -> String? {
    let waiting = entries.filter { !called.contains($0) && !absent.contains($0) }
    return waiting.first ?? absent.first { $0 != entry && entries.contains($0) }
  }

  /// Returns the call of an entry.
  public func calling(_ entry: String?) -> Call {
    guard let entry else { return Call(entry: nil, called: called, absent: absent) }
    return Call(
      entry: entry, called: called.filter { $0 != entry } + [entry],
      absent: absent.filter { $0 != entry })
  }

  /// Returns the call with an entry among those who are not there; if it was called, nobody is.
  public func missing(_ entry: String) -> Call {
    Call(
      entry: self.entry == entry ? nil : self.entry, called: called.filter { $0 != entry },
      absent: absent.filter { $0 != entry } + [entry])
  }
}
