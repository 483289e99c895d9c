import ASCII
public import JSON

/// A class of tattoos in which entries compete.
public struct Category: Sendable, Equatable {
  /// 1 to 64 of `A-Za-z0-9_-`.
  public let id: String
  /// What people read, 1 to 100 characters.
  public let name: String
  private let object: JSONObject
  private static let maxNameBytes = 400

  /// The categories of a new contest.
  public static let defaults = ["worst", "best", "sleeve"].map { Category(named: $0) }

  /// Creates a category named after its identifier, which may be empty in data of the original
  /// application.
  init(named id: String) {
    self.id = id
    name = id.isEmpty ? "–" : id.prefix(1).uppercased() + id.dropFirst()
    object = JSONObject([
      .init(name: "id", value: .string(id)), .init(name: "name", value: .string(name)),
    ])
  }

  /// Reads `{"id","name"}`; other members are kept.
  ///
  /// - Parameters:
  ///   - value: The object.
  ///   - known: Identifiers in use; those from the original application may be any text.
  /// - Throws: `Refusal.malformed` when the identifier or the name is missing or invalid.
  public init(_ value: JSONValue, known: Set<String>) throws(Refusal) {
    guard let object = value.object, let id = object["id"]?.string,
      Self.isIdentifier(id) || known.contains(id)
    else {
      throw .malformed("A category's id is 1 to 64 letters, digits, - or _.")
    }
    guard let name = object["name"]?.string, (1...100).contains(name.count),
      // One character may consist of any number of combining marks.
      name.utf8.count <= Self.maxNameBytes, Writing.isVisible(name),
      Writing.problem(of: name) == nil
    else {
      throw .malformed(
        "The category “\(id)” needs a name of 1 to 100 characters (\(Self.maxNameBytes) bytes), "
          + "one of which can be seen.")
    }
    (self.id, self.name, self.object) = (id, name, object)
    try checkOpeningTimes()
  }

  /// Reads a category of a data file: an identifier of the original application may be any text.
  ///
  /// - Throws: `Refusal.malformed` when it has no identifier.
  public init(stored value: JSONValue) throws(Refusal) {
    guard let object = value.object, let id = object["id"]?.string else {
      throw .malformed("A category has no id.")
    }
    (self.id, name, self.object) = (id, object["name"]?.string ?? id, object)
  }

  /// The category as the data file has it.
  public var json: JSONValue { .object(object) }

  /// The category in its public form: `{"id","name"}`, and the clock members that are set.
  public var publicJSON: JSONValue {
    .object(
      JSONObject(
        [.init(name: "id", value: .string(id)), .init(name: "name", value: .string(name))]
          + openingTimeMembers))
  }

  /// A member that not every category has.
  func member(_ name: String) -> JSONValue? { object[name] }

  /// How many categories there may be.
  public static let maxCount = 200

  /// Reads a whole list.
  ///
  /// - Parameters:
  ///   - values: The objects.
  ///   - known: Identifiers in use.
  /// - Returns: The categories, in order.
  /// - Throws: `Refusal.malformed` when the list is empty or too long, a category is malformed, or
  ///   an identifier occurs twice.
  public static func list(_ values: [JSONValue], known: Set<String>) throws(Refusal) -> [Category] {
    guard values.count <= maxCount else {
      throw .malformed("There may be at most \(maxCount) categories.")
    }
    var categories: [Category] = []
    for value in values {
      let category = try Category(value, known: known)
      guard !categories.contains(where: { $0.id == category.id }) else {
        throw .malformed("The category “\(category.id)” is listed twice.")
      }
      categories.append(category)
    }
    guard !categories.isEmpty else { throw .malformed("There must be at least one category.") }
    return categories
  }

  /// Whether a text may identify a category.
  public static func isIdentifier(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(\.isIdentifierByte)
  }
}
