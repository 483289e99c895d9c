import JSON

/// A change to the vote; ballots are a change of their own.
public struct VotingChange: Sendable, Equatable {
  /// What was done, as the log names it.
  public enum Action: String, Sendable {
    case settings, open, close, reopen, publish, batch, void, aside, seen, reveal, seal, unseal
    case runOff = "run-off"
  }

  /// What was done.
  public let action: Action
  /// The vote afterwards.
  public let voting: Voting
  /// What the vote has to be before: the rules were applied to that.
  public let replacing: ListMark
  /// How many ballots there have to be before; `nil` where they do not matter.
  public let ballotCount: Int?

  /// Makes a change.
  public init(
    _ action: Action, _ voting: Voting, replacing: ListMark, ballotCount: Int? = nil
  ) {
    (self.action, self.voting) = (action, voting)
    (self.replacing, self.ballotCount) = (replacing, ballotCount)
  }

  /// The operation's name in the write-ahead log.
  func operation(identifier: String) -> String { "voting-\(action.rawValue)-\(identifier)" }

  /// The change as it is written to the write-ahead log.
  var data: JSONObject {
    var data = JSONObject([
      .init(name: "voting", value: voting.json),
      .init(name: "action", value: .string(action.rawValue)),
      .init(name: "replacing", value: .string(replacing.text)),
    ])
    data["ballots"] = ballotCount.map(JSONValue.int)
    return data
  }

  /// Reads a change from the write-ahead log; `nil` when it is none.
  ///
  /// - Throws: `Refusal.malformed` when it is one, and incomplete.
  init?(data: JSONObject) throws(Refusal) {
    guard data.members.first?.name == "voting", let voting = data["voting"] else { return nil }
    guard let action = data["action"]?.string.flatMap(Action.init),
      let replacing = data["replacing"]?.string
    else { throw .malformed("The change of the vote is incomplete.") }
    self.init(
      action, try Voting(stored: voting), replacing: ListMark(text: replacing),
      ballotCount: data["ballots"]?.int)
  }
}

extension ListMark {
  /// Computes the mark of a vote; one that nobody has set up has a mark, too.
  public init(of voting: Voting) { self.init(of: voting.json) }
}
