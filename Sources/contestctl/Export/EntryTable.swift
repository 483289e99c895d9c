import Contest
import ContestAPI
import FoundationEssentials
import JSON

/// The entries as a table for spreadsheets (RFC 4180).
struct EntryTable {
  private static let heads = [
    "id", "category", "caption", "name", "phone", "imageUrl", "createdAt", "status",
    "submissionId", "place", "number", "artist", "studio",
  ]

  let contest: Contest

  /// The whole table, each category with its newest entry first; a byte order mark tells spreadsheets
  /// that it is UTF-8.
  var text: String {
    let rows = contest.allEntries.flatMap { section in
      section.entries.map { row($0, in: section.category) }
    }
    return "\u{FEFF}"
      + ([Self.heads] + rows).map { $0.map(Spreadsheet.cell).joined(separator: ",") + "\r\n" }
      .joined()
  }

  private func row(_ entry: Entry, in category: String) -> [String] {
    let members = entry.json.object
    func text(_ name: String) -> String { members?[name]?.string ?? "" }
    let winners = contest.winners.first { $0.category == category }?.entryIDs ?? []
    let place = winners.firstIndex(of: entry.id).map { String($0 + 1) } ?? ""
    let made = Date(timeIntervalSince1970: Double(entry.createdAtMilliseconds) / 1000)
    return [
      entry.id, contest.category(id: category)?.name ?? category, text("caption"), text("name"),
      text("phone"), entry.imageURL ?? "", made.formatted(.iso8601),
      entry.moderation.map(\.rawValue) ?? "shown", entry.submissionID, place,
      entry.number.map(String.init) ?? "", entry.artist, entry.studio,
    ]
  }
}
