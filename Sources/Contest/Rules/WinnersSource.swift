/// Where winners that are published come from; what has changed there meanwhile is not published.
public enum WinnersSource: String, Sendable {
  /// They are given.
  case given
  /// What was chosen before.
  case draft
  /// What was published before the last time.
  case before
}
