import DurableStore
import Files
import Glibc
import SystemPackage

/// The files in `public/`, which a web server sends without asking a responder.
///
/// A file's modification time in seconds is its generation: a web server that makes an entity tag
/// of time and length then never gives one tag to two versions.
struct PublicFiles<State: DurableState>: Sendable {
  /// Public files of a larger state are made again after the acknowledgement.
  private static var maxPromptBytes: Int { 65_536 }

  private let context: StoreContext
  private let wake: WakeWord
  /// Whether files were taken away that are to be made again.
  private(set) var isRefreshDue = false

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

  /// Has them refreshed as soon as that may be.
  mutating func setRefreshDue() {
    isRefreshDue = true
  }

  /// Brings them up to a version, or takes away what is behind it: the responders then answer.
  ///
  /// - Parameters:
  ///   - version: The version.
  ///   - former: The generation that they were at before it.
  ///   - changed: The names of the files that are other ones since; `nil` when that is not known.
  mutating func follow(_ version: Version<State>, since former: Int, changed: Set<String>?) {
    let isSmall = version.image?.fileBytes ?? .max <= Self.maxPromptBytes
    for name in State.publicFileNames {
      let path = directory.publicFiles + "/" + name
      let status = try? system.status(at: path)
      if let status, status.isRegular {
        if status.modifiedSeconds == version.generation { continue }
        if status.modifiedSeconds == former, changed?.contains(name) == false,
          (try? system.setModificationTime(at: path, seconds: version.generation)) != nil
        {
          continue
        }
      }
      if isSmall {
        write(name, version)
      } else {
        if status != nil { withdraw(path) }
        isRefreshDue = true
      }
    }
  }

  /// Makes those again that are missing or behind, if that is due and was not done a moment ago.
  mutating func refreshIfDue(to version: Version<State>?) {
    guard isRefreshDue, mayRefresh, let version else { return }
    isRefreshDue = false
    wake.note(.publicFiles, nowMilliseconds: context.surroundings.nowMilliseconds())
    for name in State.publicFileNames {
      let status = try? system.status(at: directory.publicFiles + "/" + name)
      let isCurrent = status?.isRegular == true && status?.modifiedSeconds == version.generation
      if !isCurrent { write(name, version) }
    }
  }

  /// Makes all of them, whatever is there: a power cut may have torn what looks current.
  func writeAll(of version: Version<State>) {
    for name in State.publicFileNames { write(name, version) }
  }

  /// Takes a file away; its inode is used again.
  private func withdraw(_ path: String) {
    do throws(Errno) {
      try system.rename(path, to: sparePath(path))
    } catch .noSuchFileOrDirectory {
    } catch {
      // Gone is what counts; if even that fails there is nothing else to do.
      if (try? system.unlink(path)) == nil {
        context.report(.failed("withdraw \(path): \(error)"))
      }
    }
  }

  private func write(_ name: String, _ version: Version<State>) {
    let path = directory.publicFiles + "/" + name
    do throws(Errno) {
      do throws(Errno) {
        try replace(path, with: version.state.publicFile(name), generation: version.generation)
      } catch .noSuchFileOrDirectory {
        // "Can be deleted at any time": the folder too.
        try system.makeDirectory(directory.publicFiles)
        try replace(path, with: version.state.publicFile(name), generation: version.generation)
      }
    } catch {
      context.report(.failed("refresh \(path): \(error)"))
      // Gone is as good as refreshed; if even that fails there is nothing else to do.
      _ = try? system.unlink(path)
    }
  }

  /// Writes a file beside the one that is there and gives it its name.
  private func replace(_ path: String, with contents: [UInt8], generation: Int) throws(Errno) {
    let spare = sparePath(path)
    try fill(spare, with: contents, generation)
    do throws(Errno) {
      try system.exchange(spare, with: path)
    } catch  where [Errno.noSuchFileOrDirectory, .invalidArgument, .noFunction].contains(error) {
      try system.rename(spare, to: path)
    }
  }

  /// Writes to the spare, or to a new file; a web server that opens it from now on waits for no lease.
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

  /// A new inode: the one that has the name may be what a web server is sending.
  private func newFile(_ path: String) throws(Errno) -> OpenFile {
    do throws(Errno) {
      try system.unlink(path)
    } catch .noSuchFileOrDirectory {}
    return try system.open(path, O_RDWR | O_CREAT | O_EXCL)
  }

  /// The name of the inode that the next content of a file is written to; it is not where a
  /// web server looks.
  private func sparePath(_ path: String) -> String {
    directory.log + "/free-" + path.dropFirst(directory.publicFiles.count + 1)
  }
}
