/// Where winners to be published come from; if the source has changed meanwhile, publishing is refused.
public enum WinnersSource: String, Sendable {
  /// The request itself.
  case given
  /// The draft.
  case draft
  /// The winners that the last publication replaced.
  case before
}
