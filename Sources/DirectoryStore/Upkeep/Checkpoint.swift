import DurableStore
import Files
import Glibc
import SystemPackage

/// The data file that was synchronized last, kept under a second name (I5).
///
/// An inode with two names is neither pruned nor reused, so this checkpoint stays whole and synchronized
/// until the next one is complete.
struct Checkpoint: Sendable {
  /// A failure to make a checkpoint that the leader has to deal with.
  enum Problem {
    /// The data file is not what was written.
    case damagedDataFile
    /// The data file's inode must not be synchronized again (I9).
    case failedSynchronization
  }

  private let context: StoreContext
  private let wake: WakeWord
  /// The file that was synchronized last, if the file system has no hard links.
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

  /// Whether the last checkpoint, whichever process made it, is over a second old.
  var isDue: Bool {
    wake.isDue(
      .checkpoint, everyMilliseconds: StoreLimits.checkpointMilliseconds,
      nowMilliseconds: context.surroundings.nowMilliseconds())
  }

  /// Compares and synchronizes the data file and gives it its second name.
  ///
  /// - Parameter entry: What the data file should hold; if the file has changed, nothing is done.
  /// - Returns: The problem that the leader has to deal with, if there is one.
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
      // This file system has no hard links: recovery needs the log from its beginning.
      synchronizedUnnamed = try system.status(at: directory.dataFile)
      return
    }
    try system.rename(temporary, to: directory.checkpoint)
  }
}
