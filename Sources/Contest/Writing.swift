/// Checks on text that people write for other people.
public enum Writing {
  /// Returns why a text is unreadable; `nil` when it is readable.
  ///
  /// Empty and blank texts are allowed. So are directional formatting characters: pages isolate each
  /// text (Unicode Standard Annex 9, section 2.7), so their effect ends with it.
  /// - Parameter text: The text.
  /// - Returns: A predicate, such as `holds control characters`.
  public static func problem(of text: String) -> String? {
    // Printable ASCII needs no tables: it is visible, unless there are only spaces.
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return nil }
    if text.unicodeScalars.contains(where: isForbidden) { return "holds control characters" }
    return isBlank(text) || isVisible(text) ? nil : "has nothing in it that can be seen"
  }

  /// Returns whether a text holds a visible character.
  public static func isVisible(_ text: String) -> Bool {
    text.unicodeScalars.contains { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator,
        .spaceSeparator, .nonspacingMark, .enclosingMark, .spacingMark:
        false
      // The braille blank, U+2800, is classified as a symbol.
      default: !scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{2800}"
      }
    }
  }

  private static func isBlank(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy(\.properties.isWhitespace)
  }

  /// Returns whether a scalar is a control character other than tab, line feed or carriage return.
  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && !["\t", "\n", "\r"].contains(scalar)
  }
}
