import DurableStore
import Files
import Glibc
import SystemPackage

extension Leadership {
  /// Public files of a larger state are made again after the acknowledgement.
  private static var maxPromptBytes: Int { 65_536 }

  /// Brings `public/` up to a version, or takes away what is behind it: the responders then answer.
  ///
  /// A file's modification time in seconds is its generation: a web server that makes an entity tag
  /// of time and length then never gives one tag to two versions.
  /// - Parameters:
  ///   - version: The version.
  ///   - former: The generation that was published before it.
  ///   - changed: The names of the files that are other ones since; `nil` when that is not known.
  mutating func publish(_ version: Version<State>, since former: Int, changed: Set<String>?) {
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
        isPublishingDue = true
      }
    }
  }

  /// Makes the public files again that were taken away, unless that was done a moment ago.
  mutating func publishIfDue() {
    guard isPublishingDue, mayPublish, let version = cache.current?.version else { return }
    publishWhole(version)
  }

  /// Whether the last time was long enough ago.
  var mayPublish: Bool {
    wake.isDue(
      .publishing, everyMilliseconds: StoreLimits.publishingMilliseconds,
      nowMilliseconds: surroundings.nowMilliseconds())
  }

  /// Makes all public files that are missing or behind.
  mutating func publishWhole(_ version: Version<State>) {
    isPublishingDue = false
    wake.note(.publishing, nowMilliseconds: surroundings.nowMilliseconds())
    for name in State.publicFileNames {
      let status = try? system.status(at: directory.publicFiles + "/" + name)
      let isCurrent = status?.isRegular == true && status?.modifiedSeconds == version.generation
      if !isCurrent { write(name, version) }
    }
  }

  /// Makes all public files, whatever is there: a power cut may have torn what looks current.
  mutating func publishAnew(_ version: Version<State>) {
    for name in State.publicFileNames { write(name, version) }
  }

  /// Takes a public file away; its inode is used again.
  private func withdraw(_ path: String) {
    do throws(Errno) {
      try system.rename(path, to: sparePath(path))
    } catch .noSuchFileOrDirectory {
    } catch {
      // Gone is what counts; if even that fails there is nothing else to do.
      if (try? system.unlink(path)) == nil { report(.failed("withdraw \(path): \(error)")) }
    }
  }

  private func write(_ name: String, _ version: Version<State>) {
    let path = directory.publicFiles + "/" + name
    do throws(Errno) {
      do throws(Errno) {
        try replacePublicFile(path, version.state.publicFile(name), version.generation)
      } catch .noSuchFileOrDirectory {
        // "Can be deleted at any time": the folder too.
        try system.makeDirectory(directory.publicFiles)
        try replacePublicFile(path, version.state.publicFile(name), version.generation)
      }
    } catch {
      report(.failed("refresh \(path): \(error)"))
      // Gone is as good as refreshed; if even that fails there is nothing else to do.
      _ = try? system.unlink(path)
    }
  }

  /// Writes a public file beside the one that is there and gives it its name.
  private func replacePublicFile(
    _ path: String, _ contents: [UInt8], _ generation: Int
  ) throws(Errno) {
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

  /// The name of the inode that the next content of a public file is written to; it is not where a
  /// web server looks.
  private func sparePath(_ path: String) -> String {
    directory.log + "/free-" + path.dropFirst(directory.publicFiles.count + 1)
  }
}
