/// A JSON text as a value that keeps what it read: the order of members and the spelling of numbers
/// (RFC 8259).
///
/// Foundation's decoders lose both, and would thereby change what another program wrote into the file.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// The digits as they were written; `int` reads them.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// Makes a number from an integer.
  public static func int(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

  /// Makes an object from its members.
  public static func object(_ members: [JSONObject.Member]) -> JSONValue {
    .object(JSONObject(members))
  }

  /// The text, if this is a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The integer, if this is a number without a fraction that fits.
  public var int: Int? {
    if case .number(let digits) = self { Int(digits) } else { nil }
  }

  /// The truth value, if this is one.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements, if this is an array.
  public var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members, if this is an object.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Makes a string.
  public init(stringLiteral value: String) { self = .string(value) }

  /// Makes a truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// Makes a number.
  public init(integerLiteral value: Int) { self = .int(value) }

  /// Makes an array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// Makes an object whose members are in the order written.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.map(JSONObject.Member.init)))
  }
}
