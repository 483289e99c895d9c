/// What is taken out of everything that a store keeps.
///
/// Redacting has to commute with applying: redacting the state that a log leads to is the same as applying the
/// redacted log. Then a backup and the lines after it lead to the same state, whichever of them was redacted first.
public protocol Redaction<State>: Sendable {
  /// What the store keeps.
  associatedtype State: DurableState

  /// Returns whether a text may hold something that is taken out; `false` is certain.
  func mayConcern(_ text: ArraySlice<UInt8>) -> Bool

  /// Returns whether a text of any kind still has something that is taken out.
  func isHeld(by text: ArraySlice<UInt8>) -> Bool

  /// Returns the transaction without it; `nil` if there is nothing of it in it.
  func redacted(_ transaction: Transaction) -> Transaction?

  /// Returns the state without it; `nil` if there is nothing of it in it.
  func redacted(_ state: State) -> State?
}

/// What a redaction of a store's history has done.
public struct RedactionReport: Sendable, Equatable {
  /// How many lines of the log were rewritten.
  public var lineCount = 0
  /// How many states were rewritten: backups, snapshots, checkpoint.
  public var stateCount = 0
  /// How many files were removed that nothing needs: spare, free and abandoned ones.
  public var removedCount = 0
  /// The files that held something, relative to the store.
  public var files: [String] = []
  /// Files that may hold something and cannot be understood, relative to the store; nothing was changed in them.
  public var unreadable: [String] = []

  /// Makes a report of nothing.
  public init() {}
}
