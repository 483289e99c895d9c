/// A step of the protocol that is left out or put elsewhere on purpose.
///
/// Only a debug build can do it: tests show with it that the other tests notice.
public enum Mutation: String, CaseIterable, Sendable {
  /// The caller is told before the log is written.
  case acknowledgeEarly
  /// The identifier of a pending transaction is not looked up in the log.
  case applyTwice
  /// Lines of unknown durability are taken as they are, not copied into a new segment.
  case keepSegment
  /// A synchronization that failed is made again on the same file.
  case repeatSynchronization
  /// The data file is replaced before the log is written.
  case replaceEarly
  /// A pending entry is taken for a reason to go back to a backup, as the original application did.
  case restoreBackup
}

extension StoreOptions {
  /// Whether a step is to be mutated; never in a release.
  func mutates(_ mutation: Mutation) -> Bool {
    #if DEBUG
    return self.mutation == mutation
    #else
    return false
    #endif
  }
}
