import ASCII
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
  /// Reads a contest.
  ///
  /// A file of the original application has no `categories`: the categories are then the default ones
  /// and every key of `submissions`.
  /// - Throws: `Refusal.malformed` when a member has the wrong type.
  public init(members: JSONObject) throws(Refusal) {
    let sections = try Self.sections(members["submissions"])
    let highest = sections.map(\.highestNumber).max() ?? 0
    try self.init(members, sections, highestNumber: highest)
  }

  /// Appends the contest in canonical form: the inner text of a JSON object.
  ///
  /// - Parameters:
  ///   - text: The text to append to.
  ///   - room: Returns how many spaces to reserve before a list's items, for future ones. Its arguments
  ///     are the list – a category, `cardList` or `ballotList` –, the length of its items in bytes, and the byte
  ///     offset in the text at which the spaces begin.
  public func appendSerialized(
    to text: inout [UInt8],
    room: (_ list: String, _ itemBytes: Int, _ offset: Int) -> Int = { _, _, _ in 0 }
  ) {
    let bytes = sections.reduce(0) { $0 + $1.entries.reduce(0) { $0 + $1.text.count + 2 } }
    text.reserveCapacity(text.count + bytes + bytes / 2 + 4096 * (sections.count + 1))
    text += Array(#""categories":"#.utf8)
    JSONValue.array(categories.map(\.json)).append(to: &text)
    text += Array(",\n\"submissions\":{".utf8)
    for (index, section) in sections.enumerated() {
      text += Array(index > 0 ? ",\n".utf8 : "\n".utf8)
      JSONValue.string(section.category).append(to: &text)
      text.append(UInt8(ascii: ":"))
      Self.append(section.entries, \.text, to: &text) { room(section.category, $0, $1) }
    }
    text += Array("\n},\n".utf8)
    if !jury.isEmpty {
      text += Array(#""scorecards":"#.utf8)
      Self.append(jury.cards, \.text, to: &text) { bytes, offset in
        hasSection(Self.cardList) ? 0 : room(Self.cardList, bytes, offset)
      }
      text += Array(",\n".utf8)
    }
    if !ballotBox.ballots.isEmpty {
      text += Array(#""votes":"#.utf8)
      Self.append(ballotBox.ballots, \.text, to: &text) { bytes, offset in
        hasSection(Self.ballotList) ? 0 : room(Self.ballotList, bytes, offset)
      }
      text += Array(",\n".utf8)
    }
    appendRest(to: &text)
    text.append(0x0A)
  }

  /// The name of the list of cards; a category of that name, which only another program can make, has the
  /// list for itself.
  public static let cardList = "/scorecards"
  /// The name of the list of ballots, likewise.
  public static let ballotList = "/votes"

  /// Appends a list, an item a line, with spaces before the first.
  private static func append<Item>(
    _ items: NewestFirst<Item>, _ itemText: (Item) -> ArraySlice<UInt8>, to text: inout [UInt8],
    room: (_ itemBytes: Int, _ offset: Int) -> Int
  ) {
    text += Array("[\n".utf8)
    let bytes = items.reduce(0) { $0 + itemText($1).count + 2 }
    text += repeatElement(0x20, count: room(bytes, text.count))
    for (index, item) in items.enumerated() {
      if index > 0 { text += [UInt8(ascii: ","), 0x0A] }
      text += itemText(item)
    }
    text += Array("\n]".utf8)
  }

  /// Appends the members after the entries.
  private func appendRest(to text: inout [UInt8]) {
    text += Array("\"winners\":".utf8)
    Change.json(winners).append(to: &text)
    for (name, lists) in [("winnersDraft", winnersDraft), ("winnersBefore", winnersBefore)]
    where !lists.isEmpty {
      text += Array(",\n\"\(name)\":".utf8)
      Change.json(lists).append(to: &text)
    }
    if let event {
      text += Array(",\n\"event\":".utf8)
      event.json.append(to: &text)
    }
    if !revealedCategories.isEmpty {
      text += Array(",\n\"revealedCategories\":".utf8)
      JSONValue.array(revealedCategories.map(JSONValue.string)).append(to: &text)
    }
    for (name, values) in jury.lists where !values.isEmpty {
      text += Array(",\n\"\(name)\":".utf8)
      JSONValue.array(values).append(to: &text)
    }
    if voting != Voting() {
      text += Array(",\n\"voting\":".utf8)
      voting.json.append(to: &text)
    }
    if settledNumber > 0 { text += Array(",\n\"lastNumber\":\(settledNumber)".utf8) }
    for member in foreignMembers.members {
      text += Array(",\n".utf8)
      JSONValue.string(member.name).append(to: &text)
      text += Array(":".utf8)
      member.value.append(to: &text)
    }
  }

  /// Reads the output of `appendSerialized` line by line; `nil` for text in any other form.
  ///
  /// - Parameter text: The text; the caller has verified its checksum.
  public init?(written text: ArraySlice<UInt8>) {
    var lines = Lines(rest: text)
    guard let categories = lines.next(), categories.starts(with: #""categories":["#.utf8),
      lines.next()?.elementsEqual(#""submissions":{"#.utf8) == true,
      let sections = Self.sections(&lines)
    else { return nil }
    guard let cards = Self.list(named: "scorecards", &lines, { Scorecard(written: $0) }),
      let ballots = Self.list(named: "votes", &lines, { Ballot(written: $0) })
    else { return nil }
    let others = Array("{".utf8) + categories + Array("\n".utf8) + lines.rest + Array("}".utf8)
    guard let members = (try? JSONValue(parsing: others))?.object else { return nil }
    do throws(Refusal) {
      let highest = sections.map(\.newestNumber).max() ?? 0
      try self.init(members, sections, highestNumber: highest, cards: cards, ballots: ballots)
    } catch {
      return nil
    }
  }

  private init(
    _ members: JSONObject, _ sections: [Section], highestNumber: Int, cards: [Scorecard] = [],
    ballots: [Ballot] = []
  ) throws(Refusal) {
    var foreign = members
    // A member of that name that is no event is another program's.
    let event = members["event"].flatMap { try? Event(stored: $0) }
    let own = [
      "categories", "submissions", "winners", "winnersDraft", "winnersBefore", "revealedCategories",
      "lastNumber",
    ]
    for name in own + (event == nil ? [] : ["event"]) { foreign[name] = nil }
    let jury = try Jury(takenFrom: &foreign, writtenCards: cards)
    let (voting, ballotBox) = try Self.voting(takenFrom: &foreign, writtenBallots: ballots)
    self.init(
      categories: try Self.categories(members["categories"], sections), sections: sections,
      winners: try Self.winners(members["winners"]),
      winnersDraft: try Self.winners(members["winnersDraft"]),
      winnersBefore: try Self.winners(members["winnersBefore"]),
      revealedCategories: members["revealedCategories"]?.array?.compactMap(\.string) ?? [],
      event: event,
      settledNumber: members["lastNumber"]?.int.flatMap { Entry.numbers.contains($0) ? $0 : nil }
        ?? 0,
      lastNumber: highestNumber, jury: jury, voting: voting, ballotBox: ballotBox, foreign)
  }

  /// Reads the sections, up to the line that closes them; `nil` for text in any other form.
  private static func sections(_ lines: inout Lines) -> [Section]? {
    var sections: [Section] = []
    while let line = lines.next() {
      if line.elementsEqual("},".utf8) { return sections }
      guard line.suffix(2).elementsEqual(":[".utf8),
        let category = (try? JSONValue(parsing: Array(line.dropLast(2))))?.string
      else { return nil }
      let texts = items(&lines)
      let entries = texts.compactMap { Entry(written: $0, in: category) }
      guard entries.count == texts.count else { return nil }
      sections.append(Section(category: category, entries: EntryList(entries)))
    }
    return nil
  }

  /// Reads a list that may be missing; `nil` if one of its items cannot be read.
  private static func list<Item>(
    named name: String, _ lines: inout Lines, _ make: (ArraySlice<UInt8>) -> Item?
  ) -> [Item]? {
    guard lines.rest.starts(with: "\"\(name)\":[\n".utf8) else { return [] }
    _ = lines.next()
    let texts = items(&lines)
    let made = texts.compactMap(make)
    return made.count == texts.count ? made : nil
  }

  /// Reads a list's items, up to the line that closes it.
  private static func items(_ lines: inout Lines) -> [ArraySlice<UInt8>] {
    var items: [ArraySlice<UInt8>] = []
    while let line = lines.next() {
      if line.first == UInt8(ascii: "]") { break }
      let text = line.drop { $0 == 0x20 }
      // The line of reserved spaces of an empty list.
      if text.isEmpty { continue }
      items.append(text.last == UInt8(ascii: ",") ? text.dropLast() : text)
    }
    return items
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
      // Duplicate keys are merged: each category has one reserved space in the file.
      if let index = sections.firstIndex(where: { $0.category == member.name }) {
        entries += sections[index].entries
        sections[index].entries = EntryList(entries)
      } else {
        sections.append(Section(category: member.name, entries: EntryList(entries)))
      }
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

/// The lines of a text, one after the other.
private struct Lines {
  var rest: ArraySlice<UInt8>

  /// The next line without its end; `nil` after the last.
  mutating func next() -> ArraySlice<UInt8>? {
    guard let end = rest.index(ofByte: 0x0A) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return rest[..<end]
  }
}
