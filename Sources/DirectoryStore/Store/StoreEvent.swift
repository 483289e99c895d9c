/// Something that an operator should find in the log.
public enum StoreEvent: Sendable, Equatable, CustomStringConvertible {
  /// Work that a dead process left was finished.
  case recovered(String)
  /// A damaged or unreadable file was set aside, under this name.
  case quarantined(String, reason: String)
  /// The data file was changed by another program, and taken over as it is.
  case acceptedEdit(generation: Int)
  /// Something failed, without danger to acknowledged transactions.
  case failed(String)

  /// Whether a recovery did it.
  public var isRecovery: Bool {
    if case .failed = self { false } else { true }
  }

  /// What happened, with the object.
  public var description: String {
    switch self {
    case .recovered(let what): "WAL recovery: \(what)"
    case .quarantined(let name, let reason): "WAL recovery: set aside quarantine/\(name): \(reason)"
    case .acceptedEdit(let generation):
      "WAL recovery: data.json was edited by hand, accepted as generation \(generation)"
    case .failed(let what): what
    }
  }
}
