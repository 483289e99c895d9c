import Foundation
import JSON
import Synchronization
import TestSupport
import Testing
import Threads

/// Five judges who mark 300 entries, twice each, with phones that send again what was not answered.
@Suite(.serialized, .blocking) struct `A jury whose responders are killed` {
  private static let judges = (1...5).map { "judge\($0)" }
  private static let entryCount = 300
  private static let revisions = 2

  /// What a judge gives an entry: the last revision counts.
  private static func mark(_ judge: Int, _ entry: Int, _ revision: Int) -> Int {
    1 + (judge * 7 + entry * 13 + revision * 29 + entry / 7 * judge) % 10
  }

  /// The receipts' transactions, by judge, entry and revision.
  private final class Receipts: Sendable {
    private let known = Mutex<[String: String]>([:])
    var all: [String: String] { known.withLock { $0 } }
    func note(_ card: String, _ transaction: String) { known.withLock { $0[card] = transaction } }
  }

  @Test(.timeLimit(.minutes(20)))
  func `has each acknowledged card once, and the result of a quiet one`() throws {
    let quiet = try order(kills: 0)
    #expect(quiet.count == Self.entryCount)
    #expect(try order(kills: 20) == quiet)
  }

  /// Has a round judged; returns the entries' numbers in the order of their places.
  private func order(kills: Int) throws -> [[Int]] {
    let jury = try Jury(.fastCGI, judges: Self.judges, entries: Self.entryCount)
    try jury.expect(200, "POST", "/api/rounds/first/open")
    let receipts = try judge(jury, kills: kills)
    try check(jury, receipts)
    try jury.expect(200, "POST", "/api/rounds/first/lock")
    let places = try jury.expect(200, "GET", "/api/rounds/first/result").json["places"]?.array ?? []
    return places.flatMap { place in
      let entries = place.object?["entries"]?.array ?? []
      return entries.map { [place.object?["place"]?.int ?? 0, $0.object?["number"]?.int ?? 0] }
    }
  }

  private func judge(_ jury: Jury, kills: Int) throws -> [String: String] {
    let receipts = Receipts()
    let isDone = Flag()
    let site = try #require(jury.site.running)
    let (port, parent) = (site.port, site.identifier)
    let (entries, sessions) = (jury.entries, jury.sessions)
    inThreads(Self.judges.count + 1) { thread in
      if thread == Self.judges.count {
        var killed = 0
        while killed < kills, !isDone.isSet {
          let responders = descendants(of: parent).filter { name(of: $0) == "tattoo-contest" }
          if let victim = responders.randomElement(), kill(victim, SIGKILL) == 0 { killed += 1 }
          usleep(UInt32.random(in: 50_000...150_000))
        }
        return
      }
      for revision in 1...Self.revisions {
        for (number, entry) in entries.enumerated() {
          let mark = Self.mark(thread, number, revision)
          let card =
            #"{"revision":\#(revision),"scores":{"line":\#(mark),"idea":5},"state":"final"}"#
          let judge = Self.judges[thread]
          let transaction = Self.send(card, of: entry, as: sessions[judge], port)
          receipts.note("\(judge) \(entry) \(revision)", transaction)
        }
      }
      if thread == 0 { isDone.set() }
    }
    return receipts.all
  }

  /// Sends a card until there is a receipt; returns its transaction.
  private static func send(
    _ card: String, of entry: String, as session: (String, String)?, _ port: Int
  ) -> String {
    let fields = [("Content-Type", "application/json")] + (session.map { [$0] } ?? [])
    while true {
      let answer = try? HTTPClient.send(
        "PUT", "/api/judge/scorecards/first/\(entry)", fields: fields, body: Array(card.utf8),
        port: port)
      if answer?.status == 200, let id = answer?.json["transactionId"]?.string { return id }
      if let status = answer?.status, (400..<500).contains(status) { return "refused: \(status)" }
      usleep(5_000)
    }
  }

  /// Each card is there once, as the transaction that its receipt names.
  private func check(_ jury: Jury, _ receipts: [String: String]) throws {
    #expect(receipts.count == Self.judges.count * Self.entryCount * Self.revisions)
    let stored = try jury.data()["scorecards"]?.array ?? []
    let cards = stored.map { card in
      let members = card.object
      func text(_ name: String) -> String { members?[name]?.string ?? "" }
      return (
        "\(text("judge")) \(text("entry")) \(members?["revision"]?.int ?? 0)", text("transactionId")
      )
    }
    #expect(cards.count == receipts.count && Set(cards.map(\.0)).count == cards.count)
    #expect(Dictionary(cards) { $1 } == receipts)
    let verified = try run(
      Checkout.top + "/.build/release/contestctl",
      ["verify", "--data-dir", jury.site.dataDirectory])
    #expect(verified.status == 0)
  }
}
