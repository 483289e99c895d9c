public import JSON

/// A change to the contest, with everything needed to replay it.
public enum Change: Sendable, Equatable {
  case submit(Entry)
  /// The category is passed on to live clients; older changes do not name it.
  case remove(entryID: String, category: String? = nil)
  /// Replaces the winners of the categories named, and of no others; pages may name their artists.
  case setWinners([WinnerList], from: WinnersSource = .given, revealsArtists: Bool = false)
  /// Replaces the draft winners, chosen but not yet published, of the named categories only.
  case draftWinners([WinnerList])
  /// Makes an entry public, or hides it.
  case moderate(ModerationDecision)
  /// Moves an entry's photo.
  case relocate(Relocation)
  /// Replaces the list of categories; if a mark is given, only while the current list has that mark.
  case setCategories([Category], replacing: ListMark? = nil)
  /// Corrects an entry.
  case edit(EntryEdit)
  /// Replaces the event; if a mark is given, only while the current one has that mark.
  case setEvent(Event, replacing: ListMark? = nil)
  /// Begins a rehearsed event: all entries and winners go.
  case start(Event)
  /// Ends the event, archives it, or takes that back.
  case ending(EventEnding)
  /// Withdraws an entry, as its entrant wants.
  case withdraw(Withdrawal)
  /// Erases personal data.
  case erase(Erasure)
  /// Changes judges, sheets or rounds.
  case jury(JuryChange)
  /// Keeps a judge's card.
  case scorecard(Scorecard)
  /// Changes the audience's vote.
  case voting(VotingChange)
  /// Keeps a voter's ballot.
  case ballot(Ballot)

  /// Whether it can be made in an event that is finalized: what is kept without counting, what moves photos,
  /// what the event's end itself consists of, and whatever removes what people may want removed.
  var isPossibleAfterEnd: Bool {
    switch self {
    // A submission that was made before is only found.
    case .submit, .remove, .relocate, .ending, .withdraw, .erase, .scorecard, .ballot: true
    default: false
    }
  }

  /// Returns the operation's name in the write-ahead log, such as `submission-sleeve-<entry id>`.
  ///
  /// - Parameter identifier: A new identifier, used when the change does not concern a single entry.
  /// - Returns: The name.
  public func operation(identifier: String) -> String {
    switch self {
    case .submit(let entry): "submission-\(entry.category)-\(entry.id)"
    case .remove(let entryID, _): "removal-\(entryID)"
    case .setWinners: "winners-update-\(identifier)"
    case .draftWinners: "winners-draft-\(identifier)"
    case .moderate(let decision): "moderation-\(decision.entryID)"
    case .relocate(let relocation): "photo-moved-\(relocation.entryID)"
    case .setCategories: "categories-update-\(identifier)"
    case .edit(let edit) where edit.newCategory != nil: "category-move-\(edit.entryID)"
    case .edit(let edit): "edit-\(edit.entryID)"
    case .setEvent(let event, _): "event-update-\(event.id)"
    case .start(let event): "event-start-\(event.id)"
    case .ending(let ending): ending.operation
    case .withdraw(let withdrawal): "withdrawal-\(withdrawal.entryID)"
    case .erase(let erasure): "erasure-\(erasure.id)"
    case .jury(let change): change.operation(identifier: identifier)
    case .scorecard(let card): "scorecard-\(card.place.round)-\(identifier)"
    case .voting(let change): change.operation(identifier: identifier)
    case .ballot: "ballot-\(identifier)"
    }
  }

  /// The change as it is written to the write-ahead log: the first member's name identifies its kind.
  public var data: JSONObject {
    switch self {
    case .submit(let entry): JSONObject([.init(name: "entry", value: entry.json)])
    case .remove(let entryID, let category):
      JSONObject(
        [.init(name: "removedEntryId", value: .string(entryID))]
          + (category.map { [.init(name: "category", value: .string($0))] } ?? []))
    case .setWinners(let lists, let source, let revealsArtists):
      JSONObject(
        [.init(name: "winners", value: Self.json(lists))]
          + (source == .given
            ? [] : [.init(name: "source", value: .string(source.rawValue))])
          + (revealsArtists ? [.init(name: "revealsArtists", value: true)] : []))
    case .draftWinners(let lists):
      JSONObject([.init(name: "winnersDraft", value: Self.json(lists))])
    case .moderate(let decision): decision.data
    case .relocate(let relocation): relocation.data
    case .setCategories(let categories, let mark):
      JSONObject(
        [.init(name: "categories", value: .array(categories.map(\.json)))]
          + Self.replacing(mark))
    case .edit(let edit): edit.data
    case .setEvent(let event, let mark):
      JSONObject([.init(name: "event", value: event.json)] + Self.replacing(mark))
    case .start(let event): JSONObject([.init(name: "startedEvent", value: event.json)])
    case .ending(let ending): ending.data
    case .withdraw(let withdrawal): withdrawal.data
    case .erase(let erasure): JSONObject([.init(name: "erasure", value: erasure.json)])
    case .jury(let change): change.data
    case .scorecard(let card): JSONObject([.init(name: "scorecard", value: card.json)])
    case .voting(let change): change.data
    case .ballot(let ballot): JSONObject([.init(name: "vote", value: ballot.json)])
    }
  }

  private static func replacing(_ mark: ListMark?) -> [JSONObject.Member] {
    mark.map { [.init(name: "replacing", value: .string($0.text))] } ?? []
  }

  /// The change's `data` as compact JSON; the text of an entry or a card is taken as it is.
  public var dataText: [UInt8] {
    switch self {
    case .submit(let entry):
      Array(Self.entryOpening.utf8) + entry.text + [UInt8(ascii: "}")]
    case .scorecard(let card):
      Array(Self.cardOpening.utf8) + card.text + [UInt8(ascii: "}")]
    case .ballot(let ballot):
      Array(Self.ballotOpening.utf8) + ballot.text + [UInt8(ascii: "}")]
    default: JSONValue.object(data).serialized
    }
  }

  private static var entryOpening: String { #"{"entry":"# }
  private static var cardOpening: String { #"{"scorecard":"# }
  private static var ballotOpening: String { #"{"vote":"# }

  /// Reads a change from the write-ahead log.
  ///
  /// - Throws: `Refusal.malformed` when the object is not a known change.
  public init(data: JSONObject) throws(Refusal) {
    if let change = try Self.juryChange(data: data) {
      self = change
    } else if let change = try Self.votingChange(data: data) {
      self = change
    } else if let entry = data["entry"] {
      guard let category = entry.object?["category"]?.string else {
        throw .malformed("The entry has no category.")
      }
      self = .submit(try Entry(entry, in: category))
    } else if let entryID = data["removedEntryId"]?.string {
      self = .remove(entryID: entryID, category: data["category"]?.string)
    } else if let winners = data["winners"]?.object {
      self = .setWinners(
        try Self.winnerLists(winners, known: Set(winners.members.map(\.name))),
        from: (data["source"]?.string).flatMap(WinnersSource.init) ?? .given,
        revealsArtists: data["revealsArtists"] == true)
    } else if let winners = data["winnersDraft"]?.object {
      self = .draftWinners(try Self.winnerLists(winners, known: Set(winners.members.map(\.name))))
    } else if let decision = ModerationDecision(data: data) {
      self = .moderate(decision)
    } else if let relocation = Relocation(data: data) {
      self = .relocate(relocation)
    } else if let categories = data["categories"]?.array {
      // Changes are validated before they are logged.
      self = .setCategories(
        try categories.map { value throws(Refusal) in try Category(stored: value) },
        replacing: (data["replacing"]?.string).map(ListMark.init(text:)))
    } else if let edit = EntryEdit(data: data) {
      self = .edit(edit)
    } else if let withdrawal = Withdrawal(data: data) {
      self = .withdraw(withdrawal)
    } else if let erasure = data["erasure"].flatMap(Erasure.init) {
      self = .erase(erasure)
    } else if let change = try Self.eventChange(data: data) {
      self = change
    } else {
      throw .malformed("The change is not known.")
    }
  }

  private static func eventChange(data: JSONObject) throws(Refusal) -> Change? {
    if let event = data["event"] {
      return .setEvent(
        try Event(stored: event),
        replacing: (data["replacing"]?.string).map(ListMark.init(text:)))
    }
    if let event = data["startedEvent"] { return .start(try Event(stored: event)) }
    return try EventEnding(data: data).map(Change.ending)
  }

  private static func juryChange(data: JSONObject) throws(Refusal) -> Change? {
    guard let card = data["scorecard"] else { return try JuryChange(data: data).map(Change.jury) }
    guard let card = Scorecard(written: card.serialized[...]) else {
      throw .malformed("The card does not say what it marks.")
    }
    return .scorecard(card)
  }

  private static func votingChange(data: JSONObject) throws(Refusal) -> Change? {
    guard let ballot = data["vote"] else { return try VotingChange(data: data).map(Change.voting) }
    guard let ballot = Ballot(written: ballot.serialized[...]) else {
      throw .malformed("The ballot does not say whose it is.")
    }
    return .ballot(ballot)
  }

  /// Reads winners: `{"<category id>":[entry ids]}`; duplicate entry identifiers are dropped.
  ///
  /// - Parameters:
  ///   - object: The winners.
  ///   - known: Identifiers of categories in use.
  /// - Returns: One list per category named.
  /// - Throws: `Refusal.malformed` when a key is not a category identifier, a value is not a list of
  ///   strings, or there are too many.
  public static func winnerLists(
    _ object: JSONObject, known: Set<String>
  ) throws(Refusal) -> [WinnerList] {
    guard object.members.count <= 2 * Category.maxCount else {
      throw .malformed("These are winners of too many categories.")
    }
    var lists: [WinnerList] = []
    for member in object.members {
      guard Category.isIdentifier(member.name) || known.contains(member.name) else {
        throw .malformed("“\(member.name)” is not a category's id.")
      }
      guard let values = member.value.array, values.count <= 1000 else {
        throw .malformed("The winners of “\(member.name)” must be a list of entry ids.")
      }
      var entryIDs: [String] = []
      for value in values {
        guard let id = value.string, !id.isEmpty, id.utf8.count <= 100 else {
          throw .malformed("The winners of “\(member.name)” must be a list of entry ids.")
        }
        if !entryIDs.contains(id) { entryIDs.append(id) }
      }
      lists.append(WinnerList(category: member.name, entryIDs: entryIDs))
    }
    return lists
  }

  /// Reads the entry of a `submit` change directly from the change's compact text.
  ///
  /// - Parameter text: The serialized `data` of the change.
  /// - Returns: The entry; `nil` for any other kind of change.
  public static func submittedEntry(written text: [UInt8]) -> Entry? {
    content(of: text, after: entryOpening).flatMap { Entry(written: $0) }
  }

  /// Reads the card of a `scorecard` change in the same way.
  public static func scorecard(written text: [UInt8]) -> Scorecard? {
    content(of: text, after: cardOpening).flatMap { Scorecard(written: $0) }
  }

  /// Reads the ballot of a `ballot` change in the same way.
  public static func ballot(written text: [UInt8]) -> Ballot? {
    content(of: text, after: ballotOpening).flatMap { Ballot(written: $0) }
  }

  private static func content(of text: [UInt8], after opening: String) -> ArraySlice<UInt8>? {
    guard text.starts(with: opening.utf8), text.last == UInt8(ascii: "}") else { return nil }
    return text[opening.utf8.count..<(text.count - 1)]
  }

  /// Returns winners as the data file, requests and events represent them: `{"<category id>":[entry ids]}`.
  public static func json(_ lists: [WinnerList]) -> JSONValue {
    .object(
      JSONObject(
        lists.map { list in
          .init(name: list.category, value: .array(list.entryIDs.map(JSONValue.string)))
        }))
  }
}
