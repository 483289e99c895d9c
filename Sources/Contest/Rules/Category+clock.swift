import JSON

/// When a category takes entries: `{"opensAt":ms,"closesAt":ms,"closed":true}`, each if it is set.
extension Category {
  /// From when on it takes entries, in milliseconds since 1970 UTC.
  public var opensAtMilliseconds: Int? { member("opensAt")?.int }
  /// From when on it takes none any more, in milliseconds since 1970 UTC.
  public var closesAtMilliseconds: Int? { member("closesAt")?.int }
  /// Whether an administrator has closed it.
  public var isClosed: Bool { member("closed") == true }

  /// Why an entry of a time is not taken; `nil` when it is.
  ///
  /// - Parameter milliseconds: When the entry was made, in milliseconds since 1970 UTC.
  /// - Returns: The refusal, with a sentence for people.
  public func refusal(at milliseconds: Int) -> Refusal? {
    if isClosed { return .closed(name) }
    if let opensAtMilliseconds, milliseconds < opensAtMilliseconds { return .notOpen(name) }
    if let closesAtMilliseconds, milliseconds >= closesAtMilliseconds { return .closed(name) }
    return nil
  }

  /// The members that are set, for everybody to see.
  var clockMembers: [JSONObject.Member] {
    ["opensAt", "closesAt", "closed"].compactMap { name in
      guard let value = member(name), value != .null, value != false else { return nil }
      return .init(name: name, value: value)
    }
  }

  /// Checks what an administrator sends.
  ///
  /// - Throws: `Refusal.malformed` for what is no time, or a time to close that is not after the
  ///   one to open.
  func checkClock() throws(Refusal) {
    for name in ["opensAt", "closesAt"] {
      guard let value = member(name), value != .null else { continue }
      guard let milliseconds = value.int, (0..<253_402_300_800_000).contains(milliseconds) else {
        throw .malformed(
          "The category “\(id)” needs milliseconds since 1970 as \(name), or null.")
      }
    }
    guard [nil, .null, true, false].contains(member("closed")) else {
      throw .malformed("The category “\(id)” needs true or false as closed.")
    }
    if let opensAtMilliseconds, let closesAtMilliseconds,
      closesAtMilliseconds <= opensAtMilliseconds
    {
      throw .malformed("The category “\(id)” closes before it opens.")
    }
  }
}
