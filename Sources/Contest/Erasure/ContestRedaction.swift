import ASCII
public import JSON

/// What an erasure takes out of contests and their history: a pure function, which commutes with applying.
///
/// For any log, redacting the state that it leads to is the same as applying the redacted log: what is taken out
/// decides nothing. `erasedAt`, which hides an entry, comes with the erasure's own transaction.
public struct ContestRedaction: Sendable {
  private let entryIDs: Set<String>
  private let scope: ErasureScope
  /// The identifiers that are not of the form that the site makes.
  private let oddIDs: [[UInt8]]
  private let madeIDs: Set<[UInt8]>

  /// How long an identifier of ours is: `<13 digits>-<6 base36>`.
  private static let (digits, length) = (13, 20)

  /// Redacts some entries.
  public init(entryIDs: some Sequence<String>, scope: ErasureScope) {
    self.entryIDs = Set(entryIDs)
    self.scope = scope
    let texts = self.entryIDs.map { Array($0.utf8) }
    madeIDs = Set(texts.filter { Self.isMade($0[...]) })
    oddIDs = texts.filter { !Self.isMade($0[...]) }
  }

  private static func isMade(_ text: ArraySlice<UInt8>) -> Bool {
    text.count == length && text.prefix(digits).allSatisfy(\.isDigit)
      && text[text.startIndex + digits] == UInt8(ascii: "-")
  }

  /// Returns whether a text names one of the entries; `false` is certain.
  public func mayConcern(_ text: ArraySlice<UInt8>) -> Bool {
    // JSON may escape other characters, in more than one way.
    if oddIDs.contains(where: { !$0.allSatisfy(\.isIdentifierByte) }) { return true }
    if oddIDs.contains(where: { text.index(ofBytes: $0) != nil }) { return true }
    guard !madeIDs.isEmpty else { return false }
    // Another program may have escaped an identifier.
    if text.index(ofBytes: Array("\\u00".utf8)) != nil { return true }
    var rest = text
    while let dash = rest.firstIndex(of: UInt8(ascii: "-")) {
      let start = dash - Self.digits
      let end = start + Self.length
      if start >= text.startIndex, end <= text.endIndex, Self.isMade(text[start..<end]),
        madeIDs.contains(Array(text[start..<end]))
      {
        return true
      }
      rest = text[(dash + 1)...]
    }
    return false
  }

  /// Returns whether a value has an object about one of the entries that still has words of it.
  public func isHeld(by value: JSONValue) -> Bool {
    if let array = value.array { return array.contains(where: isHeld) }
    guard let members = value.object?.members else { return false }
    let isOfEntry = members.contains { member in
      member.value.string.map { entryIDs.contains($0) } ?? false
    }
    if isOfEntry, hasWords(value) { return true }
    return members.contains { isHeld(by: $0.value) }
  }

  private func hasWords(_ value: JSONValue) -> Bool {
    if let array = value.array { return array.contains(where: hasWords) }
    let names = scope == .contact ? ["name", "phone"] : ["name", "phone", "caption", "studio"]
    return (value.object?.members ?? []).contains { member in
      names.contains(member.name) && member.value.string?.isEmpty == false
        || hasWords(member.value)
    }
  }

  /// Returns a contest without what is taken out; `nil` if there is nothing of it in it.
  public func redacted(_ contest: Contest) -> Contest? {
    var redacted = contest
    redacted.replaceEntries(entryIDs) { $0.redacted(scope) }
    return redacted == contest ? nil : redacted
  }

  /// Returns the members of a data file, likewise.
  public func redacted(contents: JSONObject) -> JSONObject? {
    let redacted = Self.replacingEntries(in: contents) { entry in
      entryIDs.contains(entry.id) ? entry.redacted(scope) : entry
    }
    return redacted == contents ? nil : redacted
  }

  /// Returns the members of a data file in which some entries are withdrawn as they are now.
  public static func withdrawing(_ entries: [Entry], in contents: JSONObject) -> JSONObject {
    let times = Dictionary(entries.map { ($0.id, $0.withdrawnAtMilliseconds) }) { $1 }
    return replacingEntries(in: contents) { entry in
      guard let time = times[entry.id] ?? nil, entry.withdrawnAtMilliseconds == nil else {
        return entry
      }
      return entry.with([("withdrawnAt", .int(time)), ("withdrawals", .int(1))])
    }
  }

  private static func replacingEntries(
    in contents: JSONObject, _ replacement: (Entry) -> Entry
  ) -> JSONObject {
    guard let submissions = contents["submissions"]?.object else { return contents }
    let sections = submissions.members.map { section in
      guard let values = section.value.array else { return section }
      let entries = values.map { value -> JSONValue in
        guard let entry = try? Entry(value, in: section.name) else { return value }
        let replaced = replacement(entry)
        return replaced == entry ? value : replaced.json
      }
      return JSONObject.Member(name: section.name, value: .array(entries))
    }
    var replaced = contents
    replaced["submissions"] = .object(JSONObject(sections))
    return replaced
  }

  /// Returns a change, likewise.
  public func redacted(_ change: Change) -> Change? {
    let redacted: Change? =
      switch change {
      case .submit(let entry) where entryIDs.contains(entry.id): .submit(entry.redacted(scope))
      case .edit(let edit) where scope == .entry && entryIDs.contains(edit.entryID):
        .edit(edit.redacted)
      case .moderate(let decision) where scope == .entry && entryIDs.contains(decision.entryID):
        .moderate(decision.redacted)
      case .ending(.unarchive(let id, let contents)):
        self.redacted(contents: contents).map {
          .ending(.unarchive(eventID: id, contents: $0))
        }
      default: nil
      }
    return redacted == change ? nil : redacted
  }
}

extension EntryEdit {
  /// The correction without the words; a move to another category stays.
  fileprivate var redacted: EntryEdit {
    func kept(_ object: JSONObject) -> JSONObject {
      JSONObject(object.members.filter { $0.name == "category" })
    }
    return EntryEdit(
      entryID: entryID, category: category, newCategory: newCategory, members: kept(members),
      before: kept(before), shown: shown?.withoutWords)
  }
}

extension ModerationDecision {
  fileprivate var redacted: ModerationDecision {
    ModerationDecision(
      entryID: entryID, category: category, moderation: moderation, shown: shown.withoutWords)
  }
}

extension JSONObject {
  /// An entry in its public form, without caption and photo.
  fileprivate var withoutWords: JSONObject {
    var rest = self
    rest["caption"] = ""
    rest["imageUrl"] = .null
    return rest
  }
}
