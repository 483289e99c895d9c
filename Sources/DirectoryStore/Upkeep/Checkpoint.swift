import DurableStore
import Files
import Glibc
import SystemPackage

/// The data file that was synchronized last, by a second name of it (I5).
///
/// An inode with two names is neither pruned nor used again: until the next checkpoint is complete
/// this one is there, whole and synchronized.
struct Checkpoint: Sendable {
  /// How making one ended, where the leader has something to do about it.
  enum Problem {
    /// The data file is not what was written.
    case damagedDataFile
    /// The data file's inode must not be synchronized again (I9).
    case failedSynchronization
  }

  private let context: StoreContext
  private let wake: WakeWord
  /// Where the file system has no second names: the file that was synchronized last.
  private var synchronizedUnnamed: FileStatus?

  private var directory: DataDirectory { context.directory }
  private var system: SystemCalls { context.system }

  init(_ context: StoreContext, _ wake: WakeWord) {
    self.context = context
    self.wake = wake
  }

  /// Whether the data file is the one that was synchronized last.
  var isCurrent: Bool {
    guard let dataFile = try? system.status(at: directory.dataFile) else { return false }
    let checkpoint = (try? system.status(at: directory.checkpoint)) ?? synchronizedUnnamed
    return checkpoint?.isSameFile(as: dataFile) == true
  }

  /// Whether the last one, whoever made it, is over a second old.
  var isDue: Bool {
    wake.isDue(
      .checkpoint, everyMilliseconds: StoreLimits.checkpointMilliseconds,
      nowMilliseconds: context.surroundings.nowMilliseconds())
  }

  /// Compares and synchronizes the data file and gives it its second name.
  ///
  /// - Parameter entry: What the data file is taken to hold; if it has changed, nothing is done.
  /// - Returns: What the leader has to mend.
  mutating func make<State>(of entry: VersionCache<State>.Entry?) -> Problem? {
    wake.note(.checkpoint, nowMilliseconds: context.surroundings.nowMilliseconds())
    guard !isCurrent, let entry else { return nil }
    var isSynchronizing = false
    do throws(Errno) {
      let file = try system.openToRead(directory.dataFile)
      guard entry.matches(try system.status(file)) else { return nil }
      guard let text = entry.version.image?.text(of: entry.version),
        try system.file(file, holds: text)
      else {
        context.report(.failed("checkpoint: data.json is not what was written"))
        return .damagedDataFile
      }
      isSynchronizing = true
      try system.synchronize(file)
      isSynchronizing = false
      try context.synchronize(directory: directory.path)
      try context.synchronize(directory: directory.backups)
      try giveName()
      try context.synchronize(directory: directory.log)
    } catch {
      context.report(.failed("checkpoint: \(error)"))
    }
    return isSynchronizing ? .failedSynchronization : nil
  }

  private mutating func giveName() throws(Errno) {
    let temporary = context.temporaryFile()
    if let status = try? system.status(at: directory.checkpoint), !status.isRegular {
      Quarantine(context).setAside(directory.checkpoint, because: "not a regular file")
    }
    do throws(Errno) {
      try system.link(directory.dataFile, as: temporary)
    } catch  where [Errno.notPermitted, .notSupported, .noFunction].contains(error) {
      // This file system has no second names: the log from its beginning has to do.
      synchronizedUnnamed = try system.status(at: directory.dataFile)
      return
    }
    try system.rename(temporary, to: directory.checkpoint)
  }
}
