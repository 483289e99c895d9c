public import JSON

/// The contest as members of the data file, an entry a line.
///
/// ```
/// "categories":[{"id":"best","name":"Best"}],
/// "submissions":{
/// "best":[
/// {"id":"…",…}
/// ]
/// },
/// "winners":{"best":["…"]}
/// ```
extension Contest {
  /// Reads a contest; a file of the original application has no `categories`.
  ///
  /// Its categories are then the default ones and every key of `submissions`.
  /// - Throws: `Refusal.malformed` when a member is not of its type.
  public init(members: JSONObject) throws(Refusal) {
    let sections = try Self.sections(members["submissions"])
    var foreign = members
    for name in ["categories", "submissions", "winners"] { foreign[name] = nil }
    self.init(
      categories: try Self.categories(members["categories"], sections), sections: sections,
      winners: try Self.winners(members["winners"]), foreign)
  }

  /// The contest in canonical form: the inner text of a JSON object.
  public var serializedMembers: [UInt8] {
    var text = Array(#""categories":"#.utf8)
    JSONValue.array(categories.map(\.json)).append(to: &text)
    text += Array(",\n\"submissions\":{".utf8)
    for (index, section) in sections.enumerated() {
      text += Array(index > 0 ? ",\n".utf8 : "\n".utf8)
      JSONValue.string(section.category).append(to: &text)
      text += Array(":[".utf8)
      for (index, entry) in section.entries.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        text.append(0x0A)
        text += entry.serialized
      }
      text += Array("\n]".utf8)
    }
    text += Array("\n},\n\"winners\":".utf8)
    Change.json(winners).append(to: &text)
    for member in foreignMembers.members {
      text += Array(",\n".utf8)
      JSONValue.string(member.name).append(to: &text)
      text += Array(":".utf8)
      member.value.append(to: &text)
    }
    return text + [0x0A]
  }

  private static func categories(
    _ value: JSONValue?, _ sections: [Section]
  ) throws(Refusal) -> [Category] {
    guard let value else {
      let defaults = Category.defaults
      let others = sections.map(\.category).filter { key in !defaults.contains { $0.id == key } }
      return defaults + others.map { Category(named: $0) }
    }
    guard let values = value.array else { throw .malformed("“categories” is not a list.") }
    var categories: [Category] = []
    for value in values { categories.append(try Category(stored: value)) }
    return categories
  }

  private static func sections(_ value: JSONValue?) throws(Refusal) -> [Section] {
    guard let object = value?.object else { throw .malformed("“submissions” is not an object.") }
    var sections: [Section] = []
    for member in object.members {
      guard let values = member.value.array else {
        throw .malformed("The submissions of “\(member.name)” are not a list.")
      }
      var entries: [Entry] = []
      entries.reserveCapacity(values.count)
      for value in values { entries.append(try Entry(value, in: member.name)) }
      sections.append(Section(category: member.name, entries: entries))
    }
    return sections
  }

  private static func winners(_ value: JSONValue?) throws(Refusal) -> [WinnerList] {
    guard let value else { return [] }
    guard let object = value.object else { throw .malformed("“winners” is not an object.") }
    var lists: [WinnerList] = []
    for member in object.members {
      guard let values = member.value.array else {
        throw .malformed("The winners of “\(member.name)” are not a list.")
      }
      // The original application also kept whole entries here.
      let entryIDs = values.compactMap { $0.string ?? $0.object?["id"]?.string }
      lists.append(WinnerList(category: member.name, entryIDs: entryIDs))
    }
    return lists
  }
}
