/// A parser of bytes that somebody else wrote, with what must be true of whatever it makes of them.
public struct FuzzTarget: Sendable {
  /// What it is called on the command line, and its folder of `Tests/Fuzz/Corpus`.
  public let name: String
  /// Takes an input; traps when something is not true of it.
  public let run: @Sendable ([UInt8]) -> Void

  /// All there are.
  public static let all: [FuzzTarget] =
    photos + forms + [
      json, jsonMembers, dataFile, log, pendingEntry, store, live, settings, request,
    ]

  /// The one of a name.
  public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Ends the process when something is not true: in every build, and with a word on what it was.
func require(_ isTrue: @autoclosure () -> Bool, _ what: @autoclosure () -> String) {
  guard !isTrue() else { return }
  fatalError(what())
}
