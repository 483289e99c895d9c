public import JSON

/// What judges fill in for each entry: a list of criteria.
///
/// ```json
/// {"id":"tattoo","name":"Tattoo","criteria":[
///  {"id":"technique","name":"Technique","min":1,"max":10,"weight":2,"labels":["poor","…","perfect"]}]}
/// ```
public struct Sheet: Sendable, Equatable {
  /// How many sheets there may be.
  public static let maxCount = 50
  private static let maxCriteria = 20

  /// One line of the sheet.
  public struct Criterion: Sendable, Equatable {
    /// The marks that any criterion may have.
    static let bounds = -1000...1000

    /// Identifies it within the sheet.
    public let id: String
    /// What people read.
    public let name: String
    /// The marks that it takes.
    public let marks: ClosedRange<Int>
    /// By how much a mark is multiplied.
    public let weight: Int
    fileprivate let object: JSONObject
  }

  /// 1 to 64 of `A-Za-z0-9_-`.
  public let id: String
  /// What people read, 1 to 100 characters.
  public let name: String
  /// The criteria, in their order.
  public let criteria: [Criterion]

  /// Reads a sheet; missing bounds are 1 and 10, a missing weight is 1.
  ///
  /// - Throws: `Refusal.malformed` with what is wrong.
  public init(_ value: JSONValue) throws(Refusal) {
    let form = ObjectForm(value, of: "sheet")
    id = try form.identifier()
    name = try form.text("name", 1...100)
    guard let values = form["criteria"]?.array, (1...Self.maxCriteria).contains(values.count) else {
      throw .malformed("The sheet “\(id)” needs 1 to \(Self.maxCriteria) criteria.")
    }
    var criteria: [Criterion] = []
    for value in values {
      let criterion = try Criterion(value)
      guard !criteria.contains(where: { $0.id == criterion.id }) else {
        throw .malformed("The sheet “\(id)” has the criterion “\(criterion.id)” twice.")
      }
      criteria.append(criterion)
    }
    self.criteria = criteria
  }

  /// `{"id","name","criteria":[…]}`.
  public var json: JSONValue {
    [
      "id": .string(id), "name": .string(name),
      "criteria": .array(criteria.map { .object($0.object) }),
    ]
  }

  /// Whether marks given on the other sheet mean the same on this one.
  func takesTheSameMarks(as other: Sheet) -> Bool {
    criteria.elementsEqual(other.criteria) {
      $0.id == $1.id && $0.marks == $1.marks && $0.weight == $1.weight
    }
  }

  /// Returns marks in the order of the criteria, `nil` for each that is missing.
  ///
  /// - Throws: `Refusal.badScore` for a mark out of bounds, or of a criterion that the sheet has not.
  func marks(of scores: JSONObject) throws(Refusal) -> [Int?] {
    guard scores.members.count <= criteria.count else {
      throw .malformed("The card has more marks than the sheet has criteria.")
    }
    if let unknown = scores.members.first(where: { member in
      !criteria.contains { $0.id.utf8.elementsEqual(member.name.utf8) }
    }) {
      throw .badScore(
        criterion: unknown.name, "The sheet has no criterion “\(unknown.name)”.")
    }
    var marks: [Int?] = []
    for criterion in criteria {
      guard let value = scores[criterion.id], value != .null else {
        marks.append(nil)
        continue
      }
      guard let mark = value.int, criterion.marks.contains(mark) else {
        throw .badScore(
          criterion: criterion.id,
          "“\(criterion.name)” takes a whole number from \(criterion.marks.lowerBound) to "
            + "\(criterion.marks.upperBound).")
      }
      marks.append(mark)
    }
    return marks
  }
}

extension Sheet.Criterion {
  fileprivate init(_ value: JSONValue) throws(Refusal) {
    let form = ObjectForm(value, of: "criterion")
    id = try form.identifier()
    name = try form.text("name", 1...100)
    let (low, high) = (
      try form.number("min", Self.bounds, usual: 1), try form.number("max", Self.bounds, usual: 10)
    )
    guard low < high else {
      throw .malformed("The criterion “\(id)” needs a min below its max.")
    }
    (marks, weight) = (low...high, try form.number("weight", 1...100, usual: 1))
    var object = JSONObject([
      .init(name: "id", value: .string(id)), .init(name: "name", value: .string(name)),
      .init(name: "min", value: .int(low)), .init(name: "max", value: .int(high)),
      .init(name: "weight", value: .int(weight)),
    ])
    object["labels"] = try Self.labels(form["labels"], of: id)
    self.object = object
  }

  /// Words for marks: a list, the lowest first, or an object by mark.
  private static func labels(_ value: JSONValue?, of id: String) throws(Refusal) -> JSONValue? {
    guard let value else { return nil }
    let texts = value.array ?? value.object?.members.map(\.value)
    guard let texts, texts.count <= 101,
      texts.allSatisfy({ text in
        text.string.map { $0.utf8.count <= 200 && Writing.problem(of: $0) == nil } ?? false
      })
    else {
      throw .malformed("The labels of “\(id)” are short texts.")
    }
    return value
  }
}
