import JSON

/// The winners of a category, by entry identifier, in the order of their places.
public struct WinnerList: Sendable, Equatable {
  /// The category's identifier.
  public let category: String
  /// The entries' identifiers; one that no entry has is skipped when the list is read.
  public let entryIDs: [String]

  /// Makes a list.
  public init(category: String, entryIDs: [String]) {
    self.category = category
    self.entryIDs = entryIDs
  }
}

/// The whole contest: categories, entries and winners, and the rules of changing them.
public struct Contest: Sendable, Equatable {
  /// The entries of one category, newest first.
  struct Section: Sendable, Equatable {
    let category: String
    var entries: [Entry]
  }

  /// The listed categories, in their order.
  public private(set) var categories: [Category]
  /// The published winners.
  public private(set) var winners: [WinnerList]
  /// Also of categories that are no longer listed.
  private(set) var sections: [Section]
  /// Members of the data file that other programs put there.
  let foreignMembers: JSONObject
  /// The category of each submission.
  private var categoryOfSubmission: [String: String] = [:]

  /// A contest that has just begun.
  public init() {
    self.init(categories: Category.defaults, sections: [], winners: [], JSONObject())
  }

  init(
    categories: [Category], sections: [Section], winners: [WinnerList], _ foreignMembers: JSONObject
  ) {
    self.categories = categories
    self.sections = sections
    self.winners = winners
    self.foreignMembers = foreignMembers
    for section in sections {
      for entry in section.entries where !entry.submissionID.isEmpty {
        categoryOfSubmission[entry.submissionID] = section.category
      }
    }
  }

  /// The entries of a category, newest first, listed or not.
  public func entries(in category: String) -> [Entry] {
    sections.first { $0.category == category }?.entries ?? []
  }

  /// All entries with the categories they stand in.
  public var allEntries: [(category: String, entries: [Entry])] {
    sections.map { ($0.category, $0.entries) }
  }

  /// Whether entries may be made in a category; compares bytes, not what looks the same.
  public func isListed(_ category: String) -> Bool {
    categories.contains { $0.id.utf8.elementsEqual(category.utf8) }
  }

  /// Every identifier in use, also of categories that are no longer listed.
  public var knownCategories: Set<String> {
    Set(categories.map(\.id) + sections.map(\.category) + winners.map(\.category))
  }

  /// The entry that a submission made; `nil` if there is none.
  public func entry(ofSubmission submissionID: String) -> Entry? {
    guard let category = categoryOfSubmission[submissionID] else { return nil }
    return entries(in: category).first { $0.submissionID == submissionID }
  }

  /// The entry of an identifier; `nil` if there is none.
  public func entry(id: String) -> Entry? {
    sections.lazy.compactMap { $0.entries.first { $0.id == id } }.first
  }

  /// The entries that show a photo.
  public func entries(withImage url: String?) -> [Entry] {
    guard let url else { return [] }
    return sections.flatMap { $0.entries.filter { $0.imageURL == url } }
  }

  /// Makes a change.
  ///
  /// - Returns: The entry that was there already, if the submission was made before; the contest is
  ///   then as it was.
  /// - Throws: `Refusal`; the contest is then as it was.
  public mutating func apply(_ change: Change) throws(Refusal) -> Entry? {
    switch change {
    case .submit(let entry): return try add(entry)
    case .remove(let entryID): try remove(entryID)
    case .setWinners(let lists): replace(lists)
    case .setCategories(let categories): self.categories = categories
    }
    return nil
  }

  private mutating func add(_ entry: Entry) throws(Refusal) -> Entry? {
    if let earlier = self.entry(ofSubmission: entry.submissionID) { return earlier }
    guard isListed(entry.category) else {
      throw .unknownCategory(entry.category)
    }
    if let index = sections.firstIndex(where: { $0.category == entry.category }) {
      sections[index].entries.insert(entry, at: 0)
    } else {
      sections.append(Section(category: entry.category, entries: [entry]))
    }
    categoryOfSubmission[entry.submissionID] = entry.category
    return nil
  }

  private mutating func remove(_ entryID: String) throws(Refusal) {
    for index in sections.indices {
      if let position = sections[index].entries.firstIndex(where: { $0.id == entryID }) {
        let entry = sections[index].entries.remove(at: position)
        // Data of other programs may have a submission twice.
        categoryOfSubmission[entry.submissionID] =
          sections.first { section in
            section.entries.contains { $0.submissionID == entry.submissionID }
          }?.category
        return
      }
    }
    throw .unknownEntry(entryID)
  }

  private mutating func replace(_ lists: [WinnerList]) {
    for list in lists {
      if let index = winners.firstIndex(where: { $0.category == list.category }) {
        winners[index] = list
      } else {
        winners.append(list)
      }
    }
  }
}
