import Contest
import JSON
import Testing

private func entry(
  _ key: String, at milliseconds: Int = 1000, _ moderation: Moderation? = nil
) -> Entry {
  Entry(
    Entry.Submission(
      category: "best", caption: "c\(key)", name: "n", phone: "p", submissionID: "sub-\(key)"),
    id: key, transactionID: "txn-\(key)", createdAtMilliseconds: milliseconds, imageURL: nil,
    storageMethod: .none, moderation: moderation)
}

private func contest(_ changes: [Change]) throws -> Contest {
  var contest = Contest()
  for change in changes {
    // As it comes back from the log.
    _ = try contest.apply(try Change(data: change.data))
  }
  return contest
}

/// Writes the contest, and reads it in either way.
private func readAgain(_ contest: Contest) throws -> [Contest?] {
  var text: [UInt8] = []
  contest.appendSerialized(to: &text)
  let members = try JSONValue(parsing: [0x7B] + text + [0x7D]).object ?? JSONObject()
  return [try Contest(members: members), Contest(written: text[...])]
}

private func category(_ members: String) throws -> Category {
  let value = try JSONValue(parsing: Array(#"{"id":"best","name":"Best of all"\#(members)}"#.utf8))
  return try Category(value, known: [])
}

private func feedIDs(_ contest: Contest) throws -> [String] {
  let feed = try JSONValue(parsing: contest.feedJSON).object?["feed"]?.object
  return (feed?["best"]?.array ?? []).compactMap { $0.object?["id"]?.string }
}

struct `The contest's clock` {
  @Test(
    arguments: [
      ("", 1000, nil), (#","opensAt":null,"closesAt":null,"closed":false"#, 1000, nil),
      (#","opensAt":1000"#, 999, Refusal.notOpen("Best of all")), (#","opensAt":1000"#, 1000, nil),
      (#","closesAt":1000"#, 999, nil), (#","closesAt":1000"#, 1000, .closed("Best of all")),
      (#","opensAt":500,"closesAt":1000"#, 700, nil),
      (#","closed":true"#, 1, .closed("Best of all")),
      (#","opensAt":2000,"closed":true"#, 1, .closed("Best of all")),
    ] as [(String, Int, Refusal?)])
  func `decides by the time an entry was made, when it is committed`(
    _ members: String, _ milliseconds: Int, _ refusal: Refusal?
  ) throws {
    var contest = try contest([.setCategories([category(members)])])
    var refused: Refusal?
    do throws(Refusal) {
      _ = try contest.apply(.submit(entry("1", at: milliseconds)))
    } catch {
      refused = error
    }
    #expect(refused == refusal)
    #expect(try feedIDs(contest) == (refusal == nil ? ["1"] : []))
  }

  @Test func `lets an entry that was made before be found again`() throws {
    var contest = try contest([
      .submit(entry("1")), .setCategories([category(#","closed":true"#)]),
    ])
    #expect(try contest.apply(.submit(entry("1")))?.id == "1")
  }

  @Test(arguments: [
    (
      #","opensAt":"today""#,
      "The category “best” needs milliseconds since 1970 as opensAt, or null."
    ),
    (#","closesAt":-1"#, "The category “best” needs milliseconds since 1970 as closesAt, or null."),
    (
      #","closesAt":1.5"#, "The category “best” needs milliseconds since 1970 as closesAt, or null."
    ),
    (#","closed":"yes""#, "The category “best” needs true or false as closed."),
    (#","opensAt":2,"closesAt":2"#, "The category “best” closes before it opens."),
  ])
  func `is refused when it makes no sense`(_ members: String, _ reason: String) {
    let error = #expect(throws: Refusal.self) { _ = try category(members) }
    #expect(error?.reason == reason)
  }

  @Test func `is told to everybody where there is one`() throws {
    let contest = try contest([
      .setCategories([category(#","opensAt":null,"closesAt":5,"closed":true,"secret":1"#)])
    ])
    #expect(
      String(decoding: contest.categoriesJSON, as: UTF8.self)
        == #"[{"id":"best","name":"Best of all","closesAt":5,"closed":true}]"# + "\n")
    #expect(try readAgain(contest) == [contest, contest])
  }
}

struct `An entry that has to wait` {
  @Test func `is in no feed until it is approved, and in none when it is rejected`() throws {
    let waiting = entry("2", .pending)
    var contest = try contest([
      .submit(entry("1")), .submit(waiting), .submit(entry("3")),
    ])
    #expect(try feedIDs(contest) == ["3", "1"])
    for (moderation, ids) in [
      (Moderation.approved, ["3", "2", "1"]), (.rejected, ["3", "1"]),
      (.approved, ["3", "2", "1"]),
    ] {
      let decision = Change.moderate(ModerationDecision(waiting, moderation))
      _ = try contest.apply(try Change(data: decision.data))
      #expect(try feedIDs(contest) == ids)
      #expect(contest.entry(id: "2")?.moderation == moderation)
      // It is the same submission all the time.
      #expect(try contest.apply(.submit(waiting))?.id == "2")
      #expect(try readAgain(contest) == [contest, contest])
    }
    #expect(throws: Refusal.unknownEntry("9")) {
      try contest.apply(.moderate(ModerationDecision(entry("9"), .approved)))
    }
  }

  @Test func `leaves pages and lists of hundreds whole`() throws {
    let entries = (0..<400).map { entry(String($0), $0 % 3 == 0 ? .pending : nil) }
    var contest = try contest(entries.map { .submit($0) })
    var shown = (0..<400).filter { $0 % 3 != 0 }.reversed().map(String.init)
    #expect(try feedIDs(contest) == shown)
    // One of a full run of entries, and one of the newest.
    for id in ["99", "399"] {
      _ = try contest.apply(.moderate(ModerationDecision(entry(id, .pending), .approved)))
    }
    shown = (0..<400).filter { $0 % 3 != 0 || [99, 399].contains($0) }.reversed().map(String.init)
    #expect(try feedIDs(contest) == shown)
    var paged: [String] = []
    var next: String?
    repeat {
      let page = try contest.feedPage(of: "best", before: next, limit: 60)
      paged += page.entries.map(\.id)
      next = page.next
    } while next != nil
    #expect(paged == shown)
  }

  @Test func `makes no winner before everybody may see it`() throws {
    let contest = try contest([
      .submit(entry("1", .pending)), .submit(entry("2")),
      .setWinners([WinnerList(category: "best", entryIDs: ["1", "2"])]),
    ])
    let winners = String(decoding: contest.winnersJSON, as: UTF8.self)
    #expect(winners.contains(#""id":"2""#) && !winners.contains(#""id":"1""#))
  }
}

struct `Winners` {
  private func list(_ category: String, _ ids: String...) -> WinnerList {
    WinnerList(category: category, entryIDs: ids)
  }

  @Test func `are chosen, published and taken back in steps`() throws {
    var contest = try contest([
      .setWinners([list("best", "a")]),
      .draftWinners([list("best", "b", "c"), list("worst", "d")]),
    ])
    #expect(contest.winners == [list("best", "a")])
    #expect(contest.winnersDraft == [list("best", "b", "c"), list("worst", "d")])
    #expect(try readAgain(contest) == [contest, contest])

    _ = try contest.apply(.setWinners([list("worst", "d")]))
    #expect(contest.winners == [list("best", "a"), list("worst", "d")])
    #expect(contest.winnersDraft == [list("best", "b", "c")])
    #expect(contest.winnersBefore == [list("worst")])

    _ = try contest.apply(.setWinners(contest.winnersBefore))
    #expect(contest.winners == [list("best", "a"), list("worst")])
    #expect(contest.winnersBefore == [list("worst", "d")])
    #expect(try readAgain(contest) == [contest, contest])
  }

  @Test func `leave a data file as it was where nothing is drafted`() throws {
    var text: [UInt8] = []
    try contest([.submit(entry("1"))]).appendSerialized(to: &text)
    #expect(!String(decoding: text, as: UTF8.self).contains("winnersDraft"))
  }
}

struct `A photo that moves` {
  private func entry(_ status: Moderation? = nil) -> Entry {
    Entry(
      Entry.Submission(
        category: "best", caption: "c", name: "n", phone: "p", submissionID: "sub-1"),
      id: "1", transactionID: "txn-1", createdAtMilliseconds: 1, imageURL: "/uploads/1-a.jpg",
      storageMethod: .localFallback, moderation: status)
  }

  @Test func `is where it was moved to, once`() throws {
    let there = Relocation(entry(), to: "https://a/1-a.jpg", .cloudinary)
    var moved = try contest([.submit(entry()), .relocate(there)])
    #expect(moved.entry(id: "1")?.imageURL == "https://a/1-a.jpg")
    #expect(moved.entry(id: "1")?.storageMethod == "cloudinary")
    #expect(try readAgain(moved) == [moved, moved])
    // Another process had the same in mind.
    #expect(throws: Refusal.photoMoved("1")) { try moved.apply(.relocate(there)) }
  }

  @Test(arguments: [Moderation.pending, .rejected])
  func `goes nowhere where everybody can see it before it may be seen`(
    _ moderation: Moderation
  ) throws {
    var hidden = try contest([.submit(entry(moderation))])
    #expect(throws: Refusal.photoMoved("1")) {
      try hidden.apply(.relocate(Relocation(entry(), to: "https://a/1-a.jpg", .cloudinary)))
    }
    _ = try hidden.apply(.relocate(Relocation(entry(), to: "/uploads/2-b.jpg", .localPrimary)))
    #expect(hidden.entry(id: "1")?.imageURL == "/uploads/2-b.jpg")
  }
}
