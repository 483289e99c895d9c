public import Contest
public import DurableStore
import JSON

/// The contest as the store's state, with its changes as transactions.
extension Contest: DurableState {
  /// A contest that has just begun.
  public static var initial: Contest { Contest() }

  /// Appends the members of the data file, with reserved space before each category's entries.
  public func appendMembers(to text: inout [UInt8], room: (ListPlace) -> Int) {
    let start = text.count
    appendSerialized(to: &text) { list, itemBytes, offset in
      room(
        ListPlace(
          list: list, itemBytes: itemBytes, offset: offset - start,
          expectedBytes: expectedBytes(of: list)))
    }
  }

  /// About how long a list will be that has a known end.
  private func expectedBytes(of list: String) -> Int {
    switch list {
    case Self.cardList: jury.expectedCardBytes
    case Self.ballotList: voting.expectedBallotBytes
    default: 0
    }
  }

  /// An entry whose clock is behind gets the time of the newest one, and one that becomes public its
  /// number.
  public func settled(_ transaction: Transaction) -> Transaction {
    guard let change = settledChange(of: transaction) else { return transaction }
    return Transaction(
      id: transaction.id, operation: transaction.operation,
      timestampMilliseconds: transaction.timestampMilliseconds, dataText: change.dataText)
  }

  /// What a transaction is to say of the contest as it is; `nil` if it says so already.
  private func settledChange(of transaction: Transaction) -> Change? {
    if let entry = Change.submittedEntry(written: transaction.dataText) {
      let settled = settled(entry)
      return settled == entry ? nil : .submit(settled)
    }
    if let card = Change.scorecard(written: transaction.dataText) {
      let settled = settled(card)
      return settled == card ? nil : .scorecard(settled)
    }
    guard !transaction.isReplacement else { return nil }
    return switch try? Change(data: transaction.data) {
    case .moderate(let decision): .moderate(settled(decision))
    case .edit(let edit): .edit(settled(edit))
    case .ending(let ending): .ending(settled(ending))
    default: nil
    }
  }

  /// Applies the change that a transaction holds.
  ///
  /// - Throws: `Rejection` with the contest's refusal.
  public mutating func apply(_ transaction: Transaction) throws(Rejection) -> Effect {
    do throws(Refusal) {
      if let entry = Change.submittedEntry(written: transaction.dataText) {
        return try submit(entry)
      }
      if let card = Change.scorecard(written: transaction.dataText) { return try keep(card) }
      if let ballot = Change.ballot(written: transaction.dataText) { return try keep(ballot) }
      let change = try Change(data: transaction.data)
      guard let earlier = try apply(change) else { return .applied }
      return .alreadyApplied(transactionID: earlier.transactionID)
    } catch {
      throw Rejection(code: error.code, reason: error.reason)
    }
  }

  private mutating func submit(_ entry: Entry) throws(Refusal) -> Effect {
    let isListThere = hasSection(entry.category)
    if let earlier = try apply(.submit(entry)) {
      return .alreadyApplied(transactionID: earlier.transactionID)
    }
    guard isListThere else { return .applied }
    return .inserted(
      Insertion(
        list: entry.category, item: entry.text,
        publicFileNames: isWinner(entry) ? Self.publicFileNames : ["feed.json"]))
  }

  private mutating func keep(_ card: Scorecard) throws(Refusal) -> Effect {
    if let earlier = try record(card) {
      return .alreadyApplied(transactionID: earlier.transactionID)
    }
    guard !hasSection(Self.cardList) else { return .applied }
    return .inserted(Insertion(list: Self.cardList, item: card.text, publicFileNames: []))
  }

  private mutating func keep(_ ballot: Ballot) throws(Refusal) -> Effect {
    // The first ballot makes the list.
    let isListThere = !ballotBox.ballots.isEmpty && !hasSection(Self.ballotList)
    if let earlier = try record(ballot) {
      return .alreadyApplied(transactionID: earlier.transactionID)
    }
    guard isListThere else { return .applied }
    return .inserted(Insertion(list: Self.ballotList, item: ballot.text, publicFileNames: []))
  }

  /// `feed.json`, `winners.json` and `categories.json`.
  public static var publicFileNames: [String] { ["feed.json", "winners.json", "categories.json"] }

  /// The content of one of them.
  public func publicFile(_ name: String) -> [UInt8] {
    switch name {
    case "feed.json": feedJSON
    case "winners.json": winnersJSON
    default: categoriesJSON
    }
  }

  /// Removals, the end of a rehearsal, and archiving.
  public static func freesSpace(_ operation: String) -> Bool {
    ["removal-", "erasure-", "event-start-", EventEnding.archiving].contains(
      where: operation.hasPrefix)
  }

  /// `winners` for the backup before a winners update, else `pre-write`.
  public static func backupPrefix(of operation: String) -> String {
    operation.hasPrefix("winners-update-") ? "winners" : "pre-write"
  }
}
