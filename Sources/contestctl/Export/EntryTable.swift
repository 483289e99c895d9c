import Contest
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
      entry.number.map(String.init) ?? "", entry.artist, entry.studio,
    ]
  }

  /// A cell that no spreadsheet takes for a formula.
  ///
  /// A ' precedes whatever would begin a formula, also after what may pass for the end of a cell: in
  /// locales with a decimal comma, spreadsheets split at semicolons, even inside quotes. A telephone
  /// number gets a space instead, which nobody sees.
  private static func cell(_ value: String) -> String {
    // Scalars, not characters: a combining mark would hide a quote.
    var text = "\"".unicodeScalars
    if isTelephoneNumber(value) {
      return value.contains { "+-".contains($0) } ? "\" \(value)\"" : "\"\(value)\""
    }
    var isBeginning = true
    for scalar in value.unicodeScalars {
      if isBeginning, "=+-@".unicodeScalars.contains(scalar) { text.append("'") }
      // Some spreadsheets still see a formula after leading spaces and quotes.
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
