public import Contest
import FoundationEssentials
import JSON

/// The entries as a table for spreadsheets (RFC 4180).
public struct EntryTable {
  private static let heads = [
    "id", "category", "caption", "name", "phone", "imageUrl", "createdAt", "status",
    "submissionId", "place", "number", "artist", "studio",
  ]

  private let contest: Contest
  private let separator: String

  /// Makes the table of a contest.
  ///
  /// - Parameters:
  ///   - contest: The contest.
  ///   - separator: What stands between two cells; where the decimal sign is a comma, spreadsheets expect a
  ///     semicolon.
  public init(_ contest: Contest, separator: String = ",") {
    (self.contest, self.separator) = (contest, separator)
  }

  /// The whole table, each category with its newest entry first.
  public var text: [UInt8] {
    let rows = contest.allEntries.flatMap { section in
      section.entries.filter { !$0.isErased }.flatMap { line(row($0, in: section.category)) }
    }
    return line(Self.heads.map(Spreadsheet.cell)) + rows
  }

  private func line(_ cells: [String]) -> [UInt8] {
    Array((cells.joined(separator: separator) + "\r\n").utf8)
  }

  private func row(_ entry: Entry, in category: String) -> [String] {
    let members = entry.json.object
    func typed(_ name: String) -> String { Spreadsheet.typed(members?[name]?.string ?? "") }
    let winners = contest.winners.first { $0.category == category }?.entryIDs ?? []
    let place = winners.firstIndex(of: entry.id).map { String($0 + 1) } ?? ""
    let made = Date(timeIntervalSince1970: Double(entry.createdAtMilliseconds) / 1000)
    return [
      Spreadsheet.cell(entry.id),
      Spreadsheet.typed(contest.category(id: category)?.name ?? category), typed("caption"),
      typed("name"), typed("phone"), Spreadsheet.cell(entry.imageURL ?? ""),
      Spreadsheet.cell(made.formatted(.iso8601)),
      Spreadsheet.cell(entry.moderation.map(\.rawValue) ?? "shown"),
      Spreadsheet.cell(entry.submissionID), Spreadsheet.cell(place),
      Spreadsheet.cell(entry.number.map(String.init) ?? ""), Spreadsheet.typed(entry.artist),
      Spreadsheet.typed(entry.studio),
    ]
  }
}
