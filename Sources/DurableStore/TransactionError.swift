/// Why a transaction was not confirmed: what was attempted, on what, and why it failed.
public struct TransactionError: Error, Equatable, CustomStringConvertible {
  /// A step of a store's protocol; the raw value is its name in log lines.
  public struct Step: RawRepresentable, Sendable, Hashable {
    /// The step's name, such as `replace data file`.
    public let rawValue: String

    /// Names a step.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The state decides on the transaction by its own rules.
    public static let apply = Step(rawValue: "apply")
  }

  /// The reason.
  public enum Cause: Error, Sendable, Equatable {
    /// The system beneath the store, such as the file system, reported a failure.
    case system(SystemFailure)
    /// The store was busy with others for longer than the limit.
    case contention
    /// The state refused the transaction by its own rules.
    case rejected(Rejection)
    /// The bytes read are not those that were written or expected.
    case damaged(String)
    /// There is evidence of data, but nothing to rebuild it from.
    case unrecoverable(String)
  }

  /// What is known about the transaction afterwards.
  public enum Outcome: Sendable {
    /// It is not committed and will not be.
    case notCommitted
    /// It may be committed, now or after recovery; a later receipt tells.
    case unknown
  }

  /// What was attempted.
  public let step: Step
  /// What it was attempted on, such as a file; for a rejection, the operation.
  public let object: String
  /// Why it failed.
  public let cause: Cause
  /// What is known about the transaction afterwards; not committed unless stated otherwise.
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

  /// Whether the disk or a quota is full.
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

  /// The same error, for when it is not known whether the transaction is committed.
  package var withUnknownOutcome: TransactionError {
    var error = self
    error.outcome = .unknown
    return error
  }
}

/// The state's refusal of a transaction by its own rules.
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

/// A failure of the system beneath a store, such as the file system.
public struct SystemFailure: Sendable, Equatable {
  /// The kind of failure, which decides whether to try again.
  public enum Kind: Sendable {
    /// The disk or this user's quota is full.
    case full
    /// Nothing can be written.
    case readOnly
    /// Something it needs is missing.
    case missing
    /// The failure may be transient.
    case passing
  }

  /// The kind of failure.
  public let kind: Kind
  /// The system's words, such as `No space left on device`.
  public let reason: String

  /// Makes a failure.
  package init(_ kind: Kind, reason: String) {
    self.kind = kind
    self.reason = reason
  }
}
