import CGI
import HTTPTypes

/// Tables for spreadsheets (RFC 4180).
public enum Spreadsheet {
  /// Tells spreadsheets that a table is UTF-8.
  public static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// A table to save as a file, made of rows of cells.
  static func response(_ rows: [[String]], name: String) -> Response {
    let text = rows.map { $0.joined(separator: ",") + "\r\n" }.joined()
    return Response(
      status: .ok,
      fields: [
        .contentType: "text/csv; charset=utf-8", .cacheControl: "no-store",
        .contentDisposition: "attachment; filename=\"\(name)\"",
      ], body: byteOrderMark + Array(text.utf8))
  }

  /// A cell that no spreadsheet takes for a formula.
  ///
  /// A ' precedes whatever would begin a formula, also after what may pass for the end of a cell: in
  /// locales with a decimal comma, spreadsheets split at semicolons, even inside quotes.
  public static func cell(_ value: String) -> String {
    // Scalars, not characters: a combining mark would hide a quote.
    var text = "\"".unicodeScalars
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

  /// A cell of what somebody has typed, which stays as it is.
  ///
  /// A tab, which nobody sees, precedes what spreadsheets would take for a number, a date or a time, quoted or not:
  /// a telephone number would lose its zeros and its +, and 1/2 would be a day.
  public static func typed(_ value: String) -> String {
    let beginsFormula = value.first.map { "=+-@".contains($0) } ?? false
    guard isNumberLike(value), !beginsFormula || isTelephoneNumber(value) else {
      return cell(value)
    }
    return "\"\t\(value)\""
  }

  private static func isNumberLike(_ text: String) -> Bool {
    var last: Unicode.Scalar?
    var hasDigit = false
    for scalar in text.unicodeScalars {
      let isDigit = ("0"..."9").contains(scalar)
      // 3e5
      let isExponent =
        "eE".unicodeScalars.contains(scalar) && (last.map { ("0"..."9").contains($0) } ?? false)
      guard isDigit || isExponent || "+-/().,: %$€£¥'".unicodeScalars.contains(scalar) else {
        return false
      }
      hasDigit = hasDigit || isDigit
      last = scalar
    }
    return hasDigit
  }

  private static func isTelephoneNumber(_ text: String) -> Bool {
    let digits = text.unicodeScalars.count { ("0"..."9").contains($0) }
    return digits > 3
      && text.unicodeScalars.allSatisfy { "0123456789 +-/().".unicodeScalars.contains($0) }
      && !text.dropFirst().contains("+")
  }
}
