import JSON

/// When a category accepts entries: `{"opensAt":ms,"closesAt":ms,"closed":true}`; each member is optional.
extension Category {
  /// When the category opens, in milliseconds since 1970 UTC.
  public var opensAtMilliseconds: Int? { member("opensAt")?.int }
  /// When the category closes, in milliseconds since 1970 UTC; the instant itself is too late.
  public var closesAtMilliseconds: Int? { member("closesAt")?.int }
  /// Whether an administrator has closed it.
  public var isClosed: Bool { member("closed") == true }

  /// Returns why the category refuses an entry made at a given time; `nil` when it accepts it.
  ///
  /// - Parameter milliseconds: When the entry was made, in milliseconds since 1970 UTC.
  /// - Returns: The refusal, with a sentence for people.
  public func refusal(at milliseconds: Int) -> Refusal? {
    if isClosed { return .closed(name) }
    if let opensAtMilliseconds, milliseconds < opensAtMilliseconds { return .notOpen(name) }
    if let closesAtMilliseconds, milliseconds >= closesAtMilliseconds { return .closed(name) }
    return nil
  }

  /// The members that are set; they are public.
  var openingTimeMembers: [JSONObject.Member] {
    ["opensAt", "closesAt", "closed"].compactMap { name in
      guard let value = member(name), value != .null, value != false else { return nil }
      return .init(name: name, value: value)
    }
  }

  /// Validates the members that an administrator sent.
  ///
  /// - Throws: `Refusal.malformed` for an invalid time or flag, or when `closesAt` is not after
  ///   `opensAt`.
  func checkOpeningTimes() throws(Refusal) {
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
