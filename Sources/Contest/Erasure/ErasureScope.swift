/// What an erasure takes out of an entry.
public enum ErasureScope: String, Sendable {
  /// Name and telephone number.
  case contact
  /// All words and the photo; what the contest counts with stays: identifiers, category, time, number.
  case entry
}
