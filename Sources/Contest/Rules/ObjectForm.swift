import JSON

/// What an administrator sends about something, such as a judge or a round, read member by member.
struct ObjectForm {
  private let object: JSONObject?
  /// What it is, for people.
  private let noun: String

  init(_ value: JSONValue, of noun: String) {
    (object, self.noun) = (value.object, noun)
  }

  /// A member as it was sent.
  subscript(name: String) -> JSONValue? { object?[name] }

  /// The member `id`.
  func identifier() throws(Refusal) -> String {
    guard let id = self["id"]?.string, Category.isIdentifier(id) else {
      throw .malformed("A \(noun)'s id is 1 to 64 letters, digits, - or _.")
    }
    return id
  }

  /// A text that people read; its length is in characters.
  func text(_ name: String, _ length: ClosedRange<Int>) throws(Refusal) -> String {
    let text = self[name] == nil ? "" : self[name]?.string
    guard let text, length.contains(text.count),
      // One character may consist of any number of combining marks.
      text.utf8.count <= 4 * length.upperBound, Writing.problem(of: text) == nil,
      !text.contains(where: \.isNewline),
      length.contains(0) || Writing.isVisible(text)
    else {
      throw .malformed(
        "A \(noun)'s \(name) is a text of \(length.lowerBound) to \(length.upperBound) characters "
          + "without control characters and line ends.")
    }
    return text
  }

  /// A whole number; `usual` where there is none.
  func number(
    _ name: String, _ range: ClosedRange<Int>, usual: Int? = nil
  ) throws(Refusal) -> Int {
    guard let number = self[name] == nil ? usual : self[name]?.int, range.contains(number) else {
      throw .malformed(
        "A \(noun)'s \(name) is a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// `true` or `false`; `false` where there is nothing.
  func flag(_ name: String) throws(Refusal) -> Bool {
    guard let flag = self[name] == nil ? false : self[name]?.bool else {
      throw .malformed("A \(noun)'s \(name) is true or false.")
    }
    return flag
  }

  /// A list of identifiers, each once; `nil` where there is none.
  func identifiers(_ name: String, maxCount: Int) throws(Refusal) -> [String]? {
    guard let value = self[name] else { return nil }
    guard let values = value.array, values.count <= maxCount else {
      throw .malformed("A \(noun)'s \(name) is a list of at most \(maxCount) ids.")
    }
    var identifiers: [String] = []
    for value in values {
      guard let id = value.string, !id.isEmpty, id.utf8.count <= 100 else {
        throw .malformed("A \(noun)'s \(name) is a list of ids.")
      }
      guard !identifiers.contains(id) else {
        throw .malformed("A \(noun)'s \(name) has “\(id)” twice.")
      }
      identifiers.append(id)
    }
    return identifiers
  }
}
