/// The members of a JSON object, in order.
public struct JSONObject: Sendable, Equatable {
  /// One name with its value.
  public struct Member: Sendable, Equatable {
    /// The name, unescaped.
    public let name: String
    /// The value.
    public let value: JSONValue

    /// Makes a member.
    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The members in the order of the text; if a name occurs twice, the last one counts.
  public private(set) var members: [Member]

  /// Makes an object from its members.
  public init(_ members: [Member] = []) {
    self.members = members
  }

  /// The value of a name, or `nil`; setting `nil` removes the member, setting a new name appends it.
  public subscript(name: String) -> JSONValue? {
    get { members.last { $0.name == name }?.value }
    set {
      let index = members.lastIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index] = Member(name: name, value: value)
      case (_?, nil): members.removeAll { $0.name == name }
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }
}
