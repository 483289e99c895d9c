import DurableStore
import Files
import Glibc
import SystemPackage

/// The files in `public/`, which a web server sends without asking a responder.
///
/// A transaction touches only the files that it changes. The wake word's file says which generation all
/// that are there are at; a leader that died leaves an older one, and the next leader looks at each file.
/// A file's modification time in seconds is a generation that it has been at: a web server that makes an
/// entity tag of time and length then never gives one tag to two contents.
struct PublicFiles<State: DurableState>: Sendable {
  /// The public files of a larger state are rewritten only after the acknowledgement.
  private static var maxPromptBytes: Int { 65_536 }

  private let context: StoreContext
  private let wake: WakeWord
  /// Whether files were withdrawn that have to be written again, or times are behind.
  private(set) var isRefreshDue = false
  /// The generation that this process has brought the files to, since it took the lock.
  private(set) var generation: Int?

  private var directory: DataDirectory { context.directory }
  private var system: SystemCalls { context.system }

  init(_ context: StoreContext, _ wake: WakeWord) {
    self.context = context
    self.wake = wake
  }

  /// Whether they were last refreshed long enough ago.
  var mayRefresh: Bool {
    wake.isDue(
      .publicFiles, everyMilliseconds: StoreLimits.publicFilesMilliseconds,
      nowMilliseconds: context.surroundings.nowMilliseconds())
  }

  /// Forgets what generation the files are at: another process may have led.
  mutating func forgetGeneration() {
    generation = nil
  }

  /// Requests a refresh, as soon as one is allowed.
  mutating func setRefreshDue() {
    isRefreshDue = true
  }

  /// Brings the files up to a version, or withdraws those that are behind: the responders then answer.
  ///
  /// - Parameters:
  ///   - version: The version.
  ///   - former: The generation of the files before it.
  ///   - changed: The names of the files that have changed since; `nil` when that is not known.
  mutating func follow(_ version: Version<State>, since former: Int, changed: Set<String>?) {
    let isSmall = version.image?.fileBytes ?? .max <= Self.maxPromptBytes
    let isKnown = wake.arePublicFiles(at: former)
    var isDone = true
    for name in State.publicFileNames {
      if let changed, isKnown, !changed.contains(name) {
        isRefreshDue = true
        // A file that somebody has deleted comes back at once, or with the next refresh.
        if isSmall, time(of: name) == nil { isDone = write(name, version) && isDone }
      } else if isSmall {
        isDone = write(name, version) && isDone
      } else if changed != nil && isKnown || time(of: name) != version.generation {
        isDone = withdraw(name) && isDone
      }
    }
    // With a file that is behind and cannot be removed the next leader looks at all of them again.
    generation = isDone ? version.generation : nil
  }

  /// Returns the names of the files that may not be at a generation.
  private func behind(_ generation: Int) -> [String] {
    State.publicFileNames.filter { time(of: $0) != generation }
  }

  /// The generation that a file's modification time names; `nil` if it is missing.
  private func time(of name: String) -> Int? {
    guard let status = try? system.status(at: path(name)), status.isRegular else { return nil }
    return status.modifiedSeconds
  }

  /// Writes the files that are missing or behind, if that is due and was not done a moment ago.
  mutating func refreshIfDue(to version: Version<State>?) {
    guard isRefreshDue, mayRefresh, let version else { return }
    isRefreshDue = false
    wake.note(.publicFiles, nowMilliseconds: context.surroundings.nowMilliseconds())
    let isCurrent = generation == version.generation || wake.arePublicFiles(at: version.generation)
    var isDone = true
    for name in behind(version.generation) {
      // What nothing has changed gets another time only, so that its tag is not too old to be compared. A
      // time that no generation has is that of another program's write.
      if isCurrent, let time = time(of: name), time < version.generation,
        (try? system.setModificationTime(at: path(name), seconds: version.generation)) != nil
      {
        continue
      }
      isDone = write(name, version) && isDone
    }
    generation = isDone ? version.generation : nil
  }

  /// Writes all files: a power cut may have torn one that looks current.
  mutating func writeAll(of version: Version<State>) {
    let isDone = State.publicFileNames.reduce(true) { write($1, version) && $0 }
    generation = isDone ? version.generation : nil
  }

  /// Withdraws a file; its inode is kept for reuse.
  ///
  /// - Returns: Whether it is gone.
  private mutating func withdraw(_ name: String) -> Bool {
    isRefreshDue = true
    let path = path(name)
    do throws(Errno) {
      try system.rename(path, to: sparePath(path))
      return true
    } catch .noSuchFileOrDirectory {
      return true
    } catch {
      context.report(.failed("withdraw \(path): \(error)"))
      return remove(path)
    }
  }

  /// Removes a file that must not stay: the responders then answer.
  private func remove(_ path: String) -> Bool {
    do throws(Errno) {
      try system.unlink(path)
      return true
    } catch {
      return error == .noSuchFileOrDirectory
    }
  }

  /// Writes a file.
  ///
  /// - Returns: Whether nobody can get old content by its name.
  private func write(_ name: String, _ version: Version<State>) -> Bool {
    let path = path(name)
    do throws(Errno) {
      do throws(Errno) {
        try replace(path, with: version.state.publicFile(name), generation: version.generation)
      } catch .noSuchFileOrDirectory {
        // "Can be deleted at any time": the folder too.
        try system.makeDirectory(directory.publicFiles)
        try replace(path, with: version.state.publicFile(name), generation: version.generation)
      }
      return true
    } catch {
      context.report(.failed("refresh \(path): \(error)"))
      return remove(path)
    }
  }

  /// Writes the new content to a spare file, and puts that in the place of the old one.
  private func replace(_ path: String, with contents: [UInt8], generation: Int) throws(Errno) {
    let spare = sparePath(path)
    try fill(spare, with: contents, generation)
    do throws(Errno) {
      try system.exchange(spare, with: path)
    } catch  where [Errno.noSuchFileOrDirectory, .invalidArgument, .noFunction].contains(error) {
      try system.rename(spare, to: path)
    }
  }

  /// Fills the spare or a new file, and releases the lease, so that no web server has to wait for it.
  private func fill(
    _ spare: String, with contents: [UInt8], _ generation: Int
  ) throws(Errno) {
    let lease = Spare.reusable(spare, system)?.0
    try withExtendedLifetime(lease) { () throws(Errno) in
      let file = if let lease { lease.file } else { try newFile(spare) }
      try system.write(contents, to: file, at: 0)
      try system.truncate(file, to: contents.count)
      try system.setModificationTime(of: file, seconds: generation, nanoseconds: 0)
    }
  }

  /// Creates a new inode, because a web server may be sending the one that has the name.
  private func newFile(_ path: String) throws(Errno) -> OpenFile {
    do throws(Errno) {
      try system.unlink(path)
    } catch .noSuchFileOrDirectory {}
    return try system.open(path, O_RDWR | O_CREAT | O_EXCL)
  }

  /// Returns the path of the spare file for the next content of a file; it is not where a web server
  /// looks.
  private func sparePath(_ path: String) -> String {
    directory.log + "/free-" + path.dropFirst(directory.publicFiles.count + 1)
  }

  private func path(_ name: String) -> String { directory.publicFiles + "/" + name }
}
