/// What people write for people.
public enum Writing {
  /// Why nobody could read a text, `nil` when they can.
  ///
  /// An empty text, and one of spaces, is no problem. Marks that set the direction are allowed: pages isolate each text (Unicode Standard Annex 9,
  /// section 2.7), so that they end with it.
  /// - Parameter text: The text.
  /// - Returns: A predicate, such as `holds control characters`.
  public static func problem(of text: String) -> String? {
    if text.unicodeScalars.contains(where: isForbidden) { return "holds control characters" }
    return isBlank(text) || isVisible(text) ? nil : "has nothing in it that can be seen"
  }

  /// Whether there is a character in it that can be seen.
  public static func isVisible(_ text: String) -> Bool {
    text.unicodeScalars.contains { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator,
        .spaceSeparator, .nonspacingMark, .enclosingMark, .spacingMark:
        false
      // The blank of braille is a symbol.
      default: !scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{2800}"
      }
    }
  }

  private static func isBlank(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy(\.properties.isWhitespace)
  }

  /// Control characters but for tabs and ends of lines.
  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && !["\t", "\n", "\r"].contains(scalar)
  }
}
