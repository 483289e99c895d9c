/// Why a transaction was not confirmed: what was attempted, on what, and why it failed.
public struct TransactionError: Error, Equatable, CustomStringConvertible {
  /// A step of a store's protocol; the raw value is how a log line names it.
  public struct Step: RawRepresentable, Sendable, Hashable {
    /// Such as `replace data file`.
    public let rawValue: String

    /// Names a step.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The state decides on the transaction by its own rules.
    public static let apply = Step(rawValue: "apply")
  }

  /// The reason.
  public enum Cause: Error, Sendable, Equatable {
    /// What the store stands on said so.
    case system(SystemFailure)
    /// The store was busy with others for longer than the limit.
    case contention
    /// The state refused the transaction by its own rules.
    case rejected(Rejection)
    /// What was read is not what was written or expected.
    case damaged(String)
    /// There is evidence of data, but nothing to rebuild it from.
    case unrecoverable(String)
  }

  /// What is known about the transaction afterwards.
  public enum Outcome: Sendable {
    /// It is not there and will not be.
    case notCommitted
    /// It may be there, now or after recovery; the receipt tells.
    case unknown
  }

  /// What was attempted.
  public let step: Step
  /// On what, such as a file; for a refusal, the operation.
  public let object: String
  /// Why it failed.
  public let cause: Cause
  /// What is true afterwards.
  public package(set) var outcome = Outcome.notCommitted

  /// Makes an error of a store.
  package init(step: Step, object: String, cause: Cause) {
    self.step = step
    self.object = object
    self.cause = cause
  }

  /// The step, the object and the system's words, such as
  /// `replace data file /d/data.json: No space left on device`.
  public var description: String {
    switch cause {
    case .system(let failure): "\(step.rawValue) \(object): \(failure.reason)"
    case .contention: "\(step.rawValue) \(object): not obtained in time"
    case .rejected(let rejection): "\(step.rawValue): \(rejection.reason)"
    case .damaged(let reason), .unrecoverable(let reason): "\(step.rawValue) \(object): \(reason)"
    }
  }

  /// Whether there is no room for it.
  public var isOfFullDisk: Bool {
    if case .system(let failure) = cause { failure.kind == .full } else { false }
  }

  /// Whether trying again soon may help.
  package var isTransient: Bool {
    switch cause {
    case .system(let failure): [.missing, .passing].contains(failure.kind)
    case .damaged: true
    case .contention, .rejected, .unrecoverable: false
    }
  }

  /// The same, when it cannot be told whether the transaction is there.
  package var withUnknownOutcome: TransactionError {
    var error = self
    error.outcome = .unknown
    return error
  }
}

/// A transaction that the state refuses by its own rules.
public struct Rejection: Error, Sendable, Equatable {
  /// A word for programs, such as `unknown_category`.
  public let code: String
  /// A sentence for people.
  public let reason: String

  /// Makes a rejection.
  public init(code: String, reason: String) {
    self.code = code
    self.reason = reason
  }
}

/// Why what a store stands on, such as a file system, did not do what it was asked for.
public struct SystemFailure: Sendable, Equatable {
  /// Whether it is of use to try again.
  public enum Kind: Sendable {
    /// There is no room, or none for this user.
    case full
    /// Nothing can be written.
    case readOnly
    /// What it needs is not there.
    case missing
    /// It may succeed another time.
    case passing
  }

  /// Whether it is of use to try again.
  public let kind: Kind
  /// The system's words, such as `No space left on device`.
  public let reason: String

  /// Makes a failure.
  package init(_ kind: Kind, reason: String) {
    self.kind = kind
    self.reason = reason
  }
}
