/// The store's fixed limits.
public enum StoreLimits {
  /// How long a commit waits for the lock.
  public static let lock = Duration.seconds(10)
  /// How many automatic backups are kept.
  public static let automaticBackups = 10
  /// How old a checkpoint may be while there are newer versions.
  static let checkpointMilliseconds = 1000
  /// An entry that is older was left by a dead process: no commit lasts as long.
  static let commitMilliseconds = 15_000
  /// The same for a file being written: no upload takes this long.
  static let uploadMilliseconds = 240_000
  /// How many times a transaction is attempted in all when a failure may be transient.
  static let attempts = 3
  /// How long a follower waits before it looks whether the leader has died.
  static let look = Duration.milliseconds(20)
  /// The shortest time between two refreshes of the public files of a large state.
  static let publicFilesMilliseconds = 100
  /// How far the generation of an edited file may be ahead of backup and log.
  static let plausibleLead = 1_000_000
  /// How long a leader waits for entries that are likely to come.
  static let gathering = Duration.microseconds(100)
  /// A process with more lines than this to read lets others lead.
  static let farBehind = 64
  /// How long it lets them lead without news from them, and how long in all.
  static let (deference, patience) = (Duration.milliseconds(10), Duration.milliseconds(100))
  /// A file of this length takes some milliseconds to read.
  static let largeFileBytes = 1 << 20
  /// How often to look for what dead processes left.
  static let housekeeping = Duration.seconds(60)
}
