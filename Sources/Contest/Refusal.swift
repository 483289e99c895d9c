/// Why the contest's rules refuse a change.
public enum Refusal: Error, Sendable, Equatable {
  case unknownCategory(String)
  case unknownEntry(String)
  case malformed(String)

  /// A word for programs.
  public var code: String {
    switch self {
    case .unknownCategory: "unknown_category"
    case .unknownEntry: "unknown_entry"
    case .malformed: "malformed"
    }
  }

  /// A sentence for people.
  public var reason: String {
    switch self {
    case .unknownCategory(let id): "There is no category “\(id)”."
    case .unknownEntry(let id): "There is no entry “\(id)”."
    case .malformed(let reason): reason
    }
  }
}
