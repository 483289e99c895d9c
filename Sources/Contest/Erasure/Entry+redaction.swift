import JSON

extension Entry {
  /// The members that stay when everything else is erased: results, numbers and votes depend on them.
  private static let counted = [
    "id", "category", "createdAt", "submissionId", "transactionId", "status", "number",
    "withdrawnAt", "withdrawals", "erasedAt",
  ]

  /// When the entrant took it back, in milliseconds since 1970 UTC; `nil` for one that stands.
  public var withdrawnAtMilliseconds: Int? { JSONMembers(scanning: text)?.int("withdrawnAt") }

  /// How often it was withdrawn.
  var withdrawals: Int { JSONMembers(scanning: text)?.int("withdrawals") ?? 0 }

  /// Whether its words and its photo were erased.
  public var isErased: Bool { JSONMembers(scanning: text)?.int("erasedAt") != nil }

  /// Whether nothing is left in it that a scope takes out.
  public func isRedacted(_ scope: ErasureScope) -> Bool { redacted(scope) == self }

  /// Returns the entry without what a scope takes out; it stays where it is, and counts as before.
  ///
  /// What stays keeps its place among the members: the order in which members were added must not show.
  func redacted(_ scope: ErasureScope) -> Entry {
    guard let object = json.object else { return self }
    let members = object.members.compactMap { member -> JSONObject.Member? in
      if let blank = Self.blank(member.name, scope) {
        return .init(name: member.name, value: blank)
      }
      return scope == .contact || Self.counted.contains(member.name) ? member : nil
    }
    let rest = JSONObject(members)
    return rest == object
      ? self : Entry(written: JSONValue.object(rest).serialized[...], in: category) ?? self
  }

  /// What a member holds after an erasure that every entry has; `nil` for any other.
  private static func blank(_ name: String, _ scope: ErasureScope) -> JSONValue? {
    switch (name, scope) {
    case ("name", _), ("phone", _), ("caption", .entry): ""
    case ("imageUrl", .entry): .null
    case ("storageMethod", .entry): .string(StorageMethod.none.rawValue)
    default: nil
    }
  }

  /// Returns the entry as it is after an erasure: redacted, and out of everybody's sight if that is its scope.
  func erased(_ scope: ErasureScope, atMilliseconds now: Int) -> Entry {
    let redacted = redacted(scope)
    guard scope == .entry, !redacted.isErased else { return redacted }
    return redacted.with([("erasedAt", .int(now))])
  }
}
