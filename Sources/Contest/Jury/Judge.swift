public import JSON

/// Somebody who marks entries.
///
/// ```json
/// {"id":"kim","name":"Kim","studio":"Black Anchor","panels":["sleeve"],"tokenHash":"…","revoked":false}
/// ```
public struct Judge: Sendable, Equatable {
  /// How many judges there may be.
  public static let maxCount = 100

  /// 1 to 64 of `A-Za-z0-9_-`.
  public let id: String
  /// What people read, 1 to 100 characters.
  public let name: String
  /// The categories whose rounds the judge marks; `nil` for all.
  public let panels: [String]?
  /// Whether the judge's link has been taken away.
  public let isRevoked: Bool
  /// The hash of the secret that the judge's phone holds; `nil` before the first link.
  public let tokenHash: String?
  private let object: JSONObject

  /// Reads a judge of a data file.
  ///
  /// - Throws: `Refusal.malformed` when it has no identifier or no name.
  public init(stored value: JSONValue) throws(Refusal) {
    guard let object = value.object, let id = object["id"]?.string,
      let name = object["name"]?.string
    else { throw .malformed("A judge has no id or no name.") }
    (self.id, self.name, self.object) = (id, name, object)
    panels = object["panels"]?.array.map { $0.compactMap(\.string) }
    isRevoked = object["revoked"] == true
    tokenHash = object["tokenHash"]?.string
  }

  /// Reads `{"id","name","studio","panels","revoked"}` as an administrator sends it.
  ///
  /// - Throws: `Refusal.malformed` with what is wrong.
  public init(_ value: JSONValue) throws(Refusal) {
    let form = ObjectForm(value, of: "judge")
    var object = JSONObject([
      .init(name: "id", value: .string(try form.identifier())),
      .init(name: "name", value: .string(try form.text("name", 1...100))),
      .init(name: "studio", value: .string(try form.text("studio", 0...100))),
    ])
    let panels =
      form["panels"] == .null
      ? nil : try form.identifiers("panels", maxCount: Category.maxCount)
    object["panels"] = panels.map { .array($0.map(JSONValue.string)) } ?? .null
    object["revoked"] = .bool(try form.flag("revoked"))
    try self.init(stored: .object(object))
  }

  /// The judge as the data file has it.
  var json: JSONValue { .object(object) }

  /// The judge for an administrator: all but the token's hash, and whether there is a link.
  public var publicJSON: JSONValue {
    var shown = object
    shown["tokenHash"] = nil
    shown["hasLink"] = .bool(tokenHash != nil && !isRevoked)
    return .object(shown)
  }

  /// Returns the judge with the hash of another token; `nil` takes it away.
  func withToken(hash: String?) -> Judge {
    var object = object
    object["tokenHash"] = hash.map(JSONValue.string)
    // The hash is nothing that reading asks for.
    return (try? Judge(stored: .object(object))) ?? self
  }

  /// Whether the judge marks entries of any of these categories.
  public func isOnPanel(of categories: [String]) -> Bool {
    panels.map { panels in categories.contains(where: panels.contains) } ?? true
  }
}
