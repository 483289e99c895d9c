public import JSON

/// An administrator's correction of an entry: other words, or another category.
public struct EntryEdit: Sendable, Equatable {
  /// The members that may be corrected, with the greatest length of each in bytes.
  public static let maxBytes = ["caption": 2000, "artist": 200, "studio": 200]

  /// The entry's identifier.
  public let entryID: String
  /// The category that it stands in before.
  public let category: String
  /// The category that it moves to; `nil` if it stays.
  public let newCategory: String?
  /// The members that change, with their new values.
  public let members: JSONObject
  /// The same members as they were.
  public let before: JSONObject
  /// The entry as everybody may see it afterwards; `nil` if nobody may.
  public let shown: JSONObject?

  /// Corrects members of an entry.
  ///
  /// - Parameters:
  ///   - entry: The entry.
  ///   - members: Texts by name; an empty one takes the member away.
  /// - Throws: `Refusal.malformed` for a member that cannot be corrected, or an unsuitable text.
  public init(_ entry: Entry, members: JSONObject) throws(Refusal) {
    guard !members.members.isEmpty else {
      throw .malformed("Send what changes: caption, artist or studio.")
    }
    for member in members.members { try Self.check(member) }
    self.init(entry, members: members, newCategory: nil)
  }

  /// Moves an entry to another category.
  public init(_ entry: Entry, to category: String) {
    self.init(
      entry, members: JSONObject([.init(name: "category", value: .string(category))]),
      newCategory: category)
  }

  init(
    entryID: String, category: String, newCategory: String?, members: JSONObject,
    before: JSONObject, shown: JSONObject?
  ) {
    (self.entryID, self.category, self.newCategory) = (entryID, category, newCategory)
    (self.members, self.before, self.shown) = (members, before, shown)
  }

  private init(_ entry: Entry, members: JSONObject, newCategory: String?) {
    entryID = entry.id
    category = entry.category
    self.newCategory = newCategory
    self.members = members
    before = JSONObject(
      members.members.map { member in
        .init(name: member.name, value: entry.string(member.name).map(JSONValue.string) ?? .null)
      })
    let edited = entry.edited(members, in: newCategory)
    shown = edited.isShown ? edited.feedEntry.json.object : nil
  }

  /// Returns the same correction of an entry that may have changed meanwhile.
  func rebased(on entry: Entry) -> EntryEdit {
    EntryEdit(entry, members: members, newCategory: newCategory)
  }

  private static func check(_ member: JSONObject.Member) throws(Refusal) {
    guard let maxBytes = maxBytes[member.name] else {
      throw .malformed(
        "An entry's “\(member.name)” cannot be changed; caption, artist and studio can.")
    }
    guard let text = member.value.string, text.utf8.count <= maxBytes else {
      throw .malformed("The \(member.name) is a text of at most \(maxBytes) bytes.")
    }
    if let problem = Writing.problem(of: text) {
      throw .malformed("The \(member.name) \(problem).")
    }
  }

  /// Reads `{"editedEntryId","category","newCategory","members","before","shown"}`; `nil` when it is none.
  init?(data: JSONObject) {
    guard let entryID = data["editedEntryId"]?.string, let category = data["category"]?.string,
      let members = data["members"]?.object
    else { return nil }
    (self.entryID, self.category, self.members) = (entryID, category, members)
    newCategory = data["newCategory"]?.string
    before = data["before"]?.object ?? JSONObject()
    shown = data["shown"]?.object
  }

  /// The change as the write-ahead log has it.
  var data: JSONObject {
    var data = JSONObject([
      .init(name: "editedEntryId", value: .string(entryID)),
      .init(name: "category", value: .string(category)),
      .init(name: "members", value: .object(members)),
      .init(name: "before", value: .object(before)),
    ])
    data["newCategory"] = newCategory.map(JSONValue.string)
    data["shown"] = shown.map(JSONValue.object)
    return data
  }
}

extension Entry {
  /// Returns the entry with other members, in another category if one is given.
  func edited(_ members: JSONObject, in newCategory: String?) -> Entry {
    var object = json.object ?? JSONObject()
    for member in members.members {
      let isEmpty = member.value == "" && member.name != "caption"
      object[member.name] = isEmpty ? nil : member.value
    }
    return Entry(
      written: JSONValue.object(object).serialized[...], in: newCategory ?? category) ?? self
  }
}
