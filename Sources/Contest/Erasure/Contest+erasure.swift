import JSON

extension Contest {
  /// Withdraws an entry, or takes that back; what was erased stays so.
  mutating func apply(_ withdrawal: Withdrawal) throws(Refusal) {
    try replaceEntry(withdrawal.entryID) { entry throws(Refusal) in
      if entry.isErased { throw .entryErased }
      guard withdrawal.isTakenBack else {
        guard entry.withdrawnAtMilliseconds == nil else { return entry }
        return entry.with([
          ("withdrawnAt", .int(withdrawal.atMilliseconds)),
          ("withdrawals", .int(entry.withdrawals + 1)),
        ])
      }
      guard let withdrawn = entry.withdrawnAtMilliseconds else { return entry }
      guard withdrawn + Withdrawal.graceMilliseconds > withdrawal.atMilliseconds else {
        throw .entryErased
      }
      guard entry.withdrawals <= Withdrawal.maxTakenBack else { throw .tooManyWithdrawals }
      return entry.without("withdrawnAt")
    }
  }

  /// Erases what is left of some entries.
  mutating func apply(_ erasure: Erasure) {
    replaceEntries(Set(erasure.entryIDs)) { entry in
      entry.erased(erasure.scope, atMilliseconds: erasure.atMilliseconds)
    }
  }

  /// The entries that were withdrawn so long ago that they are to be erased.
  ///
  /// - Parameter now: The time, in milliseconds since 1970 UTC.
  /// - Returns: Their identifiers.
  public func withdrawnForGood(atMilliseconds now: Int) -> [String] {
    allEntries.flatMap(\.entries).filter { entry in
      guard !entry.isErased, let withdrawn = entry.withdrawnAtMilliseconds else { return false }
      return withdrawn + Withdrawal.graceMilliseconds <= now
    }.map(\.id)
  }

  /// The entries that did not win and still have names or telephone numbers.
  public var contactsOfOthers: [String] {
    allEntries.flatMap(\.entries).filter { !isAwarded($0) && !$0.isRedacted(.contact) }
      .map(\.id)
  }

  /// Whether an entry has a published place, of the jury or one that the audience's award has.
  private func isAwarded(_ entry: Entry) -> Bool {
    isWinner(entry) || audienceWinners.contains(entry.id)
  }

  /// The time from which days are counted until contacts go: the event's end, or the newest entry if that is later.
  ///
  /// A date that somebody has mistyped must not erase what was just entered.
  public var endForContactsMilliseconds: Int? {
    guard let end = event?.endsAtMilliseconds else { return nil }
    return allEntries.compactMap { $0.entries.first?.createdAtMilliseconds }.reduce(end, max)
  }

  /// How many entries are withdrawn and not erased yet.
  var withdrawnEntries: [String] {
    allEntries.flatMap(\.entries).filter { $0.withdrawnAtMilliseconds != nil && !$0.isErased }
      .map(\.id)
  }
}
