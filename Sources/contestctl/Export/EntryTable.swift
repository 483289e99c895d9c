import Contest
import FoundationEssentials
import JSON

/// The entries as a table for spreadsheets (RFC 4180).
struct EntryTable {
  private static let heads = [
    "id", "category", "caption", "name", "phone", "imageUrl", "createdAt", "status",
    "submissionId", "place",
  ]

  let contest: Contest

  /// The whole table, the newest entry of each category first; the mark in front tells spreadsheets
  /// that it is UTF-8.
  var text: String {
    let rows = contest.allEntries.flatMap { section in
      section.entries.map { row($0, in: section.category) }
    }
    return "\u{FEFF}"
      + ([Self.heads] + rows).map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined()
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
    ]
  }

  /// A cell, of which a spreadsheet makes no formula.
  ///
  /// What it would take for one has a ' in front, also behind what it may take for the end of a cell: where
  /// numbers have a comma, spreadsheets divide at semicolons, whatever the quotes say. A telephone number
  /// has a space there, which nobody sees.
  private static func cell(_ value: String) -> String {
    // By scalars: a mark that combines would hide a quote from a look at characters.
    var text = "\"".unicodeScalars
    if isTelephoneNumber(value) {
      return value.contains { "+-".contains($0) } ? "\" \(value)\"" : "\"\(value)\""
    }
    var isBeginning = true
    for scalar in value.unicodeScalars {
      if isBeginning, "=+-@".unicodeScalars.contains(scalar) { text.append("'") }
      // Spaces and quotes in front of a formula do not make it a text everywhere.
      isBeginning =
        ";\t\r\n|".unicodeScalars.contains(scalar)
        || isBeginning && " \"'".unicodeScalars.contains(scalar)
      text.append(scalar)
      if scalar == "\"" { text.append(scalar) }
    }
    text.append("\"")
    return String(text)
  }

  private static func isTelephoneNumber(_ text: String) -> Bool {
    let digits = text.unicodeScalars.count { ("0"..."9").contains($0) }
    return digits > 3
      && text.unicodeScalars.allSatisfy { "0123456789 +-/().".unicodeScalars.contains($0) }
      && !text.dropFirst().contains("+")
  }
}
