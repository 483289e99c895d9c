import Contest
import JSON
import Testing

private func entry(_ key: String, in category: String = "best", image: String? = nil) -> Entry {
  Entry(
    Entry.Submission(
      category: category, caption: "caption of \(key)", name: "Secret Name", phone: "555-0100",
      submissionID: "sub-\(key)"),
    id: key, transactionID: "txn-\(key)", createdAtMilliseconds: 1, imageURL: image,
    storageMethod: .none)
}

private func contest(_ changes: Change...) throws -> Contest {
  var contest = Contest()
  for change in changes { _ = try contest.apply(change) }
  return contest
}

extension Contest {
  fileprivate var serializedMembers: [UInt8] {
    var text: [UInt8] = []
    appendSerialized(to: &text)
    return text
  }
}

private func json(_ text: [UInt8]) throws -> JSONValue { try JSONValue(parsing: text) }

struct `A contest` {
  @Test func `begins with three categories and nothing else`() throws {
    let text = String(decoding: Contest().categoriesJSON, as: UTF8.self)
    #expect(
      text
        == #"[{"id":"worst","name":"Worst"},{"id":"best","name":"Best"},{"id":"sleeve","name":"Sleeve"}]"#
        + "\n")
    #expect(
      String(decoding: Contest().feedJSON, as: UTF8.self)
        == #"{"feed":{"worst":[],"best":[],"sleeve":[]},"winnersAvailable":false}"# + "\n")
  }

  @Test func `has its newest entry first`() throws {
    let contest = try contest(.submit(entry("1")), .submit(entry("2")))
    #expect(contest.entries(in: "best").map(\.id) == ["2", "1"])
  }

  @Test func `shows in its feed neither names nor phone numbers`() throws {
    let contest = try contest(.submit(entry("1", image: "/uploads/1-a.jpg")))
    let text = String(decoding: contest.feedJSON, as: UTF8.self)
    #expect(!text.contains("Secret") && !text.contains("555"))
    #expect(
      text.contains(
        #"{"id":"1","caption":"caption of 1","imageUrl":"/uploads/1-a.jpg","artist":"Anonymous Artist","createdAt":1}"#
      ))
  }

  @Test func `takes a submission once, and gives the first entry again`() throws {
    var contest = try contest(.submit(entry("1")))
    #expect(try contest.apply(.submit(entry("1")))?.id == "1")
    #expect(contest.entries(in: "best").count == 1)
  }

  @Test func `refuses an entry of a category that is not listed`() throws {
    var contest = Contest()
    let error = #expect(throws: Refusal.self) { try contest.apply(.submit(entry("1", in: "none"))) }
    #expect(error?.reason == "There is no category “none”.")
    #expect(contest == Contest())
  }

  @Test func `does not take a category that only looks like a listed one`() throws {
    var contest = try contest(.setCategories([Category(["id": "Kids", "name": "K"], known: [])]))
    #expect(throws: Refusal.self) { try contest.apply(.submit(entry("1", in: "\u{212A}ids"))) }
  }

  @Test func `removes an entry, and only that`() throws {
    var contest = try contest(.submit(entry("1")), .submit(entry("2")), .remove(entryID: "1"))
    #expect(contest.entries(in: "best").map(\.id) == ["2"])
    #expect(contest.entry(ofSubmission: "sub-1") == nil)
    #expect(throws: Refusal.unknownEntry("1")) { try contest.apply(.remove(entryID: "1")) }
  }

  @Test func `finds an entry by its submission, the first time as the hundredth`() throws {
    // Keys that are parts of one another, of other members, or written otherwise in JSON.
    let keys = ["a", "aa", "a-a", "caption of a", "sub-", "ü\"\\", "\u{0}", "best", "txn-a"]
    var contest = Contest()
    for key in keys { _ = try contest.apply(.submit(entry(key))) }
    for round in 0..<100 {
      for key in keys {
        let found = contest.entry(ofSubmission: "sub-\(key)")
        #expect(found?.submissionID == "sub-\(key)", "\(round): \(key)")
        #expect(contest.entry(ofSubmission: "no-\(key)") == nil)
      }
      // What comes after an index was made is found, too; a copy does not see it.
      let before = contest
      _ = try contest.apply(.submit(entry("round \(round)", in: "sleeve")))
      #expect(contest.entry(ofSubmission: "sub-round \(round)")?.category == "sleeve")
      #expect(before.entry(ofSubmission: "sub-round \(round)") == nil)
      #expect(try contest.apply(.submit(entry("round \(round)"))) != nil)
    }
    #expect(contest.entries(in: "sleeve").count == 100)
  }

  @Test func `replaces the winners of the categories named, and keeps the others`() throws {
    let contest = try contest(
      .submit(entry("1")), .submit(entry("2")), .submit(entry("3", in: "sleeve")),
      .setWinners([.init(category: "best", entryIDs: ["2", "gone", "1"])]),
      .setWinners([.init(category: "sleeve", entryIDs: ["3"])]))
    let winners = try json(contest.winnersJSON).object?["winners"]?.object
    #expect(winners?["best"]?.array?.compactMap { $0.object?["id"]?.string } == ["2", "1"])
    #expect(winners?["sleeve"]?.array?.count == 1)
    #expect(try json(contest.feedJSON).object?["winnersAvailable"] == true)
  }

  @Test func `keeps the entries of a category that is listed no longer`() throws {
    let contest = try contest(
      .submit(entry("1")), .setCategories([Category(["id": "new", "name": "New"], known: [])]))
    #expect(contest.entries(in: "best").count == 1)
    #expect(!String(decoding: contest.feedJSON, as: UTF8.self).contains("caption of 1"))
    #expect(String(decoding: contest.serializedMembers, as: UTF8.self).contains("caption of 1"))
  }

  @Test func `gives an entry whose clock is behind the newest one's time`() throws {
    var contest = Contest()
    func entry(_ id: String, _ category: String, at time: Int) -> Entry {
      Entry(
        Entry.Submission(
          category: category, caption: "c", name: "n", phone: "p", submissionID: "sub-\(id)"),
        id: id, transactionID: "txn-\(id)", createdAtMilliseconds: time, imageURL: nil,
        storageMethod: .none)
    }
    _ = try contest.apply(.submit(entry("1-a", "best", at: 1000)))
    let late = contest.settled(entry("1-b", "sleeve", at: 900))
    #expect(late.createdAtMilliseconds == 1000 && late.id == "1-b")
    #expect(late.json.object?["name"] == "n")
    let later = entry("1-c", "best", at: 1001)
    #expect(contest.settled(later).createdAtMilliseconds == 1001)
    // Also when the contest was read from a file.
    let text = Array("{".utf8) + contest.serializedMembers + Array("}".utf8)
    let read = try Contest(members: try #require(try json(text).object))
    #expect(read.settled(entry("1-b", "sleeve", at: 900)).createdAtMilliseconds == 1000)
  }

  @Test func `replaces its categories only while they are what was seen`() throws {
    var contest = Contest()
    let seen = ListMark(of: contest.categories)
    let one = try Category(["id": "one", "name": "One"], known: [])
    _ = try contest.apply(.setCategories([one], replacing: seen))
    #expect(throws: Refusal.changedMeanwhile) {
      try contest.apply(.setCategories([], replacing: seen))
    }
    #expect(contest.categories == [one])
  }

  @Test func `pages through a category without gap or repeat`() throws {
    var contest = Contest()
    for index in 0..<7 { _ = try contest.apply(.submit(entry("\(index)"))) }
    var found: [String] = []
    var before: String?
    repeat {
      let page = try contest.feedPage(of: "best", before: before, limit: 3)
      found += page.entries.map(\.id)
      before = page.next
    } while before != nil
    #expect(found == (0..<7).reversed().map(String.init))
    #expect(throws: Refusal.self) { try contest.feedPage(of: "none", before: nil, limit: 3) }
    #expect(throws: Refusal.self) { try contest.feedPage(of: "best", before: "x", limit: 3) }
  }
}

struct `A data file's members` {
  private func contest(_ text: String) throws -> Contest {
    try Contest(members: try #require(try JSONValue(parsing: Array(text.utf8)).object))
  }

  private func members(_ contest: Contest) throws -> JSONObject {
    let text = Array("{".utf8) + contest.serializedMembers + Array("}".utf8)
    return try #require(try JSONValue(parsing: text).object)
  }

  @Test func `come back equal, with an entry a line`() throws {
    var contest = Contest()
    for index in 0..<3 { _ = try contest.apply(.submit(entry("\(index)"))) }
    _ = try contest.apply(.setWinners([.init(category: "best", entryIDs: ["1"])]))
    #expect(try Contest(members: try members(contest)) == contest)
    let lines = contest.serializedMembers.split(separator: 0x0A)
    #expect(lines.filter { $0.starts(with: Array(#"{"id""#.utf8)) }.count == 3)
  }

  @Test func `of the original application get the default categories and every key of theirs`()
    throws
  {
    let contest = try contest(
      #"{"submissions":{"sleeve":[{"id":"1","caption":"c"}],"full back":[{"id":"2"}]},"winners":{"sleeve":["1"]}}"#
    )
    #expect(contest.categories.map(\.id) == ["worst", "best", "sleeve", "full back"])
    #expect(contest.entry(id: "2")?.category == "full back")
    #expect(try Contest(members: try members(contest)) == contest)
  }

  @Test func `that are not ours survive, to the digit`() throws {
    let text =
      #"{"submissions":{"best":[{"id":"1","votes":1.50,"tags":["a"]}]},"theme":{"dark":true},"n":1e2}"#
    let members = try members(try contest(text))
    #expect(members["theme"] == ["dark": true])
    #expect(members["n"] == .number("1e2"))
    let entry = members["submissions"]?.object?["best"]?.array?[0].object
    #expect(entry?["votes"] == .number("1.50"))
  }

  @Test(arguments: [
    "{}", #"{"submissions":[]}"#, #"{"submissions":{"a":1}}"#, #"{"submissions":{"a":[1]}}"#,
    #"{"submissions":{"a":[{}]}}"#, #"{"submissions":{},"winners":[]}"#,
    #"{"submissions":{},"categories":{}}"#,
  ])
  func `of the wrong types are refused`(_ text: String) {
    #expect(throws: Refusal.self) { try contest(text) }
  }
}

struct `A list of categories` {
  @Test(arguments: [
    "[]", #"[{"id":"a b","name":"x"}]"#, #"[{"id":"","name":"x"}]"#, #"[{"id":"a"}]"#,
    #"[{"id":"a","name":" "}]"#,
    #"[{"id":"a","name":"x"},{"id":"a","name":"y"}]"#, #"["a"]"#, #"[{"id":"../x","name":"x"}]"#,
  ])
  func `that breaks the rules is refused with a sentence`(_ text: String) throws {
    let values = try #require(try JSONValue(parsing: Array(text.utf8)).array)
    let error = #expect(throws: Refusal.self) { try Category.list(values, known: []) }
    #expect(error?.reason.hasSuffix(".") == true)
  }
}

struct `A change` {
  @Test func `comes back equal from the write-ahead log`() throws {
    let changes: [Change] = [
      .submit(entry("1", image: "/uploads/1-a.png")), .remove(entryID: "1"),
      .setWinners([.init(category: "best", entryIDs: ["1", "2"])]),
      .setCategories([try Category(["id": "a", "name": "A", "colour": "red"], known: [])]),
    ]
    for change in changes { #expect(try Change(data: change.data) == change) }
  }

  @Test func `names its operation as the contract says`() {
    #expect(Change.submit(entry("1")).operation(identifier: "x") == "submission-best-1")
    #expect(Change.setWinners([]).operation(identifier: "x") == "winners-update-x")
    #expect(Change.setCategories([]).operation(identifier: "x") == "categories-update-x")
  }
}
