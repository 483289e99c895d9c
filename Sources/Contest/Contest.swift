import JSON

/// The winners of a category, by entry identifier, in the order of their places.
public struct WinnerList: Sendable, Equatable {
  /// The category's identifier.
  public let category: String
  /// The entries' identifiers; readers skip those without an entry.
  public let entryIDs: [String]

  /// Makes a list.
  public init(category: String, entryIDs: [String]) {
    self.category = category
    self.entryIDs = entryIDs
  }
}

/// The whole contest: event, categories, entries and winners, and the rules for changing them.
public struct Contest: Sendable, Equatable {
  /// One category with its entries.
  struct Section: Sendable, Equatable {
    let category: String
    var entries: EntryList
  }

  /// What the contest is called and when it is; `nil` where nobody has said so.
  public internal(set) var event: Event?
  /// The listed categories, in their order.
  public private(set) var categories: [Category]
  /// The published winners.
  public private(set) var winners: [WinnerList]
  /// The winners chosen but not yet published.
  public internal(set) var winnersDraft: [WinnerList]
  /// The winners that the last publication replaced, for the categories it named.
  public private(set) var winnersBefore: [WinnerList]
  /// The entries by category, including categories that are no longer listed.
  private(set) var sections: [Section]
  /// The categories whose published winners are shown with their artists and studios.
  public private(set) var revealedCategories: [String]
  /// The highest number that a contestant has ever had; it is not given again.
  public private(set) var lastNumber: Int
  /// What `lastNumber` was at the last change other than a submission.
  ///
  /// The data file holds this one: inserting an entry must not change what is written elsewhere.
  private(set) var settledNumber: Int
  /// Judges, sheets, rounds and cards.
  public internal(set) var jury: Jury
  /// The audience's vote.
  public internal(set) var voting: Voting
  /// The audience's ballots.
  public internal(set) var ballotBox: BallotBox
  /// Members of the data file that other programs put there.
  var foreignMembers: JSONObject
  private var submissions = SubmissionIndex()
  /// The year 10000.
  private static let maxMilliseconds = 253_402_300_800_000
  /// When the newest entry was made, in milliseconds since 1970 UTC.
  private var newestAtMilliseconds: Int

  /// A contest that has just begun.
  public init() {
    self.init(categories: Category.defaults, sections: [], winners: [], JSONObject())
  }

  init(
    categories: [Category], sections: [Section], winners: [WinnerList],
    winnersDraft: [WinnerList] = [], winnersBefore: [WinnerList] = [],
    revealedCategories: [String] = [], event: Event? = nil, settledNumber: Int = 0,
    lastNumber: Int = 0, jury: Jury = Jury(), voting: Voting = Voting(),
    ballotBox: BallotBox = BallotBox(),
    _ foreignMembers: JSONObject
  ) {
    self.event = event
    self.jury = jury
    (self.voting, self.ballotBox) = (voting, ballotBox)
    self.revealedCategories = revealedCategories
    self.settledNumber = settledNumber
    self.lastNumber = max(settledNumber, lastNumber)
    self.categories = categories
    self.sections = sections
    self.winners = winners
    self.winnersDraft = winnersDraft
    self.winnersBefore = winnersBefore
    self.foreignMembers = foreignMembers
    newestAtMilliseconds = Self.newest(of: sections)
  }

  private static func newest(of sections: [Section]) -> Int {
    // Times from the year 10000 on are ignored.
    sections.compactMap { $0.entries.first?.createdAtMilliseconds }
      .filter { $0 < maxMilliseconds }.max() ?? 0
  }

  /// Returns a category's entries, newest first, whether or not the category is listed.
  public func entries(in category: String) -> EntryList {
    sections.first { $0.category == category }?.entries ?? EntryList()
  }

  /// All entries with the categories they stand in.
  public var allEntries: [(category: String, entries: EntryList)] {
    sections.map { ($0.category, $0.entries) }
  }

  /// Returns a listed category; compares bytes, not canonically equivalent strings.
  public func category(id: String) -> Category? {
    categories.first { $0.id.utf8.elementsEqual(id.utf8) }
  }

  /// Every category identifier in use, including those of categories no longer listed.
  public var knownCategories: Set<String> {
    Set(categories.map(\.id) + sections.map(\.category) + winners.map(\.category))
  }

  /// The entry that a submission made; `nil` if there is none.
  public func entry(ofSubmission submissionID: String) -> Entry? {
    submissions.entry(of: submissionID, in: sections)
  }

  /// The entry of an identifier; `nil` if there is none.
  public func entry(id: String) -> Entry? {
    sections.lazy.compactMap { $0.entries.first { $0.id == id } }.first
  }

  /// Returns the entries whose photo has this URL.
  public func entries(withImage url: String?) -> [Entry] {
    guard let url else { return [] }
    return sections.flatMap { $0.entries.filter { $0.imageURL == url } }
  }

  /// Applies a change.
  ///
  /// - Returns: The existing entry, if the submission was made before; the contest is then unchanged.
  /// - Throws: `Refusal`; the contest is then unchanged.
  public mutating func apply(_ change: Change) throws(Refusal) -> Entry? {
    if event?.state == .finalized, !change.isPossibleAfterEnd { throw .eventFinalized }
    switch change {
    case .submit(let entry): return try add(entry)
    case .remove(let entryID, _):
      // It is erased within the hour; a removal would keep it in the history.
      if entry(id: entryID)?.withdrawnAtMilliseconds != nil { throw .entryWithdrawn }
      try remove(entryID)
    case .setWinners(let lists, let source, let revealsArtists):
      try publish(lists, from: source)
      reveal(lists.map(\.category), revealsArtists)
    case .draftWinners(let lists): Self.replace(lists, in: &winnersDraft)
    case .moderate(let decision): try apply(decision)
    case .edit(let edit): try apply(edit)
    case .relocate(let relocation): try apply(relocation)
    case .setCategories(let categories, let mark):
      if let mark, mark != ListMark(of: self.categories) { throw .changedMeanwhile }
      self.categories = categories
    case .setEvent(let event, let mark): try set(event, replacing: mark)
    case .start(let event): try start(event)
    case .ending(let ending): try apply(ending)
    case .withdraw(let withdrawal): try apply(withdrawal)
    case .erase(let erasure): apply(erasure)
    case .jury(let change): try apply(change)
    case .scorecard(let card):
      _ = try jury.record(card)
      return nil
    case .voting(let change): try apply(change)
    case .ballot(let ballot):
      _ = try record(ballot)
      return nil
    }
    settledNumber = lastNumber
    return nil
  }

  private mutating func apply(_ decision: ModerationDecision) throws(Refusal) {
    try replaceEntry(decision.entryID) { entry throws(Refusal) in
      if entry.isErased { throw .entryErased }
      if entry.withdrawnAtMilliseconds != nil { throw .entryWithdrawn }
      let decided = entry.decided(decision.moderation)
      guard entry.number == nil, let number = decision.number else { return decided }
      return decided.numbered(number)
    }
    lastNumber = max(lastNumber, decision.number ?? 0)
  }

  private mutating func apply(_ relocation: Relocation) throws(Refusal) {
    try replaceEntry(relocation.entryID) { entry throws(Refusal) in
      // Its photo is gone; in the log, this may follow what was redacted.
      if entry.isRedacted(.entry) { return entry }
      // The photo of an entry that is not public must not go where it is public.
      let isMovable = entry.isShown || relocation.storageMethod != .cloudinary
      guard entry.imageURL == relocation.formerURL, isMovable else { throw .photoMoved(entry.id) }
      return entry.relocated(relocation)
    }
  }

  private mutating func set(_ event: Event, replacing mark: ListMark?) throws(Refusal) {
    if let mark, mark != ListMark(of: self.event) { throw .changedMeanwhile }
    let isSameState = event.state == self.event?.state ?? .live
    guard isSameState || sections.allSatisfy(\.entries.isEmpty) else { throw .hasEntries }
    self.event = event
    foreignMembers["event"] = nil
  }

  /// Begins an event that was rehearsed: what the rehearsal has left goes.
  private mutating func start(_ event: Event) throws(Refusal) {
    guard self.event?.id == event.id, self.event?.state == .rehearsal else {
      throw .badState(self.event?.state)
    }
    self.event = event
    removeEntries()
    jury.clear()
    voting = voting.cleared()
  }

  /// Removes all entries and what refers to them: winners and ballots; numbers begin with 1 again.
  mutating func removeEntries() {
    sections = []
    (winners, winnersDraft, winnersBefore, revealedCategories) = ([], [], [], [])
    (lastNumber, newestAtMilliseconds) = (0, 0)
    submissions = SubmissionIndex()
    ballotBox = BallotBox()
  }

  private mutating func reveal(_ categories: [String], _ revealsArtists: Bool) {
    revealedCategories.removeAll(where: categories.contains)
    if revealsArtists { revealedCategories += categories }
  }

  private mutating func apply(_ edit: EntryEdit) throws(Refusal) {
    guard let newCategory = edit.newCategory else {
      return try replaceEntry(edit.entryID) { $0.edited(edit.members, in: nil) }
    }
    guard category(id: newCategory) != nil else { throw .unknownCategory(newCategory) }
    guard let entry = entry(id: edit.entryID) else { throw .unknownEntry(edit.entryID) }
    guard entry.category != newCategory else { return }
    try remove(edit.entryID)
    insert(entry.edited(edit.members, in: newCategory))
    newestAtMilliseconds = Self.newest(of: sections)
  }

  /// Puts an entry in the place that its time gives it.
  private mutating func insert(_ entry: Entry) {
    let index = sectionIndex(of: entry.category)
    var entries = Array(sections[index].entries)
    let time = entry.createdAtMilliseconds
    let place = entries.firstIndex { $0.createdAtMilliseconds <= time } ?? entries.endIndex
    entries.insert(entry, at: place)
    sections[index].entries = EntryList(entries)
  }

  /// The index of a category's section, which is made if there is none.
  private mutating func sectionIndex(of category: String) -> Int {
    if let index = sections.firstIndex(where: { $0.category == category }) { return index }
    sections.append(Section(category: category, entries: EntryList()))
    return sections.endIndex - 1
  }

  private mutating func add(_ entry: Entry) throws(Refusal) -> Entry? {
    let submissionID = entry.submissionID
    if let earlier = self.entry(ofSubmission: submissionID) { return earlier }
    if event?.state == .finalized { throw .eventFinalized }
    guard let category = category(id: entry.category) else {
      throw .unknownCategory(entry.category)
    }
    if let refusal = category.refusal(at: entry.createdAtMilliseconds) { throw refusal }
    let index = sectionIndex(of: entry.category)
    if !isKnownUniquelyReferenced(&submissions) { submissions = submissions.copy() }
    submissions.add(submissionID, section: index, to: sections)
    sections[index].entries.prepend(entry)
    if entry.createdAtMilliseconds < Self.maxMilliseconds {
      newestAtMilliseconds = max(newestAtMilliseconds, entry.createdAtMilliseconds)
    }
    if let number = entry.number { lastNumber = max(lastNumber, number) }
    return nil
  }

  /// Returns the entry with a time that follows commit order, and the next number if it is public.
  ///
  /// Times come from many clocks: an entry older than the newest one gets the newest one's time.
  public func settled(_ entry: Entry) -> Entry {
    var entry = entry
    if entry.createdAtMilliseconds < newestAtMilliseconds {
      entry = entry.with([("createdAt", .int(newestAtMilliseconds))])
    }
    return entry.number == nil && entry.isShown ? entry.numbered(lastNumber + 1) : entry
  }

  /// Returns the decision as of the entry as it is, with the number that it gives it: the next one, if it has
  /// none yet.
  public func settled(_ decision: ModerationDecision) -> ModerationDecision {
    guard let entry = entry(id: decision.entryID) else { return decision }
    let current = ModerationDecision(entry, decision.moderation)
    return decision.moderation == .approved
      ? current.numbered(entry.number ?? lastNumber + 1) : current
  }

  /// Returns the correction as of the entry as it is: what everybody may see of it is decided now.
  public func settled(_ edit: EntryEdit) -> EntryEdit {
    entry(id: edit.entryID).map(edit.rebased) ?? edit
  }

  private mutating func remove(_ entryID: String) throws(Refusal) {
    for index in sections.indices {
      if let position = sections[index].entries.firstIndex(where: { $0.id == entryID }) {
        var entries = Array(sections[index].entries)
        entries.remove(at: position)
        sections[index].entries = EntryList(entries)
        submissions = SubmissionIndex()
        // An entry from a clock far ahead no longer raises the times of later entries.
        newestAtMilliseconds = Self.newest(of: sections)
        return
      }
    }
    throw .unknownEntry(entryID)
  }

  /// Publishes winners; the ones they replace are kept in `winnersBefore`, to be published again.
  private mutating func publish(
    _ lists: [WinnerList], from source: WinnersSource
  ) throws(Refusal) {
    switch source {
    case .given: break
    case .draft:
      guard lists.allSatisfy(winnersDraft.contains) else { throw .winnersChanged }
    case .before:
      guard lists == winnersBefore else { throw .winnersChanged }
    }
    winnersBefore = lists.map { list in
      winners.first { $0.category == list.category }
        ?? WinnerList(category: list.category, entryIDs: [])
    }
    Self.replace(lists, in: &winners)
    winnersDraft.removeAll { draft in lists.contains { $0.category == draft.category } }
  }

  static func replace(_ lists: [WinnerList], in winners: inout [WinnerList]) {
    for list in lists {
      if let index = winners.firstIndex(where: { $0.category == list.category }) {
        winners[index] = list
      } else {
        winners.append(list)
      }
    }
  }

  /// Replaces several entries, each where it stands; those that are not there are passed over.
  mutating func replaceEntries(_ entryIDs: Set<String>, _ replacement: (Entry) -> Entry) {
    for index in sections.indices {
      let entries = Array(sections[index].entries)
      guard entries.contains(where: { entryIDs.contains($0.id) }) else { continue }
      sections[index].entries = EntryList(
        entries.map { entryIDs.contains($0.id) ? replacement($0) : $0 })
    }
  }

  mutating func replaceEntry(
    _ entryID: String, _ replacement: (Entry) throws(Refusal) -> Entry
  ) throws(Refusal) {
    for index in sections.indices {
      let entries = sections[index].entries
      if let position = entries.firstIndex(where: { $0.id == entryID }) {
        sections[index].entries.replace(at: position, with: try replacement(entries[position]))
        return
      }
    }
    throw .unknownEntry(entryID)
  }

  /// Returns whether a category has a list in the data file; it has one from its first entry on.
  public func hasSection(_ category: String) -> Bool {
    sections.contains { $0.category == category }
  }

  /// Whether an entry is among the published winners.
  public func isWinner(_ entry: Entry) -> Bool {
    guard winners.contains(where: { !$0.entryIDs.isEmpty }) else { return false }
    let entryID = entry.id
    return winners.contains { $0.entryIDs.contains(entryID) }
  }

  /// Compares the contents and ignores the look-up index.
  public static func == (one: Contest, other: Contest) -> Bool {
    one.categories == other.categories && one.sections == other.sections
      && one.winners == other.winners && one.winnersDraft == other.winnersDraft
      && one.winnersBefore == other.winnersBefore && one.foreignMembers == other.foreignMembers
      && one.event == other.event && one.jury == other.jury
      && one.voting == other.voting && one.ballotBox == other.ballotBox
      && one.revealedCategories == other.revealedCategories
      && one.lastNumber == other.lastNumber && one.settledNumber == other.settledNumber
  }
}
