public import JSON

/// What an entrant learns when it is decided.
extension Contest {
  /// The place that an entry has among the published winners of its category, from 1; `nil` if it has none.
  public func publishedPlace(of entry: Entry) -> Int? {
    winners.first { $0.category == entry.category }?.entryIDs.firstIndex(of: entry.id)
      .map { $0 + 1 }
  }

  /// What the judges made of an entry, without saying who: the medians of the rounds whose organizers want it to
  /// be known, once the winners are published.
  ///
  /// `[{"round":"Sleeve","judges":4,"criteria":[{"name","median","min","max"}]}]`
  public func feedback(on entry: Entry) -> JSONValue? {
    let rounds = jury.rounds.filter { round in
      round.givesFeedback && round.state == .decided && round.entries.contains(entry.id)
        && winners.contains { $0.category == round.award && !$0.entryIDs.isEmpty }
    }
    let told = rounds.compactMap { round in
      // A round whose sheet is gone has nothing to tell.
      (try? RoundMarks(round, of: [entry], in: self))?.feedback(on: entry)
    }
    return told.isEmpty ? nil : .array(told)
  }
}

extension RoundMarks {
  fileprivate func feedback(on entry: Entry) -> JSONValue? {
    let medians = medians(of: entry)
    guard !medians.members.isEmpty else { return nil }
    return [
      "round": .string(round.name),
      "judges": .int(judges.count { card($0, entry).flatMap(finalMarks) != nil }),
      "criteria": .array(
        sheet.criteria.map { criterion in
          [
            "name": .string(criterion.name), "median": medians[criterion.id] ?? .null,
            "min": .int(criterion.marks.lowerBound), "max": .int(criterion.marks.upperBound),
          ]
        }),
    ]
  }
}
