import DurableStore
import Files
import Glibc
import SystemPackage

/// Takes something out of the files of a store's past.
///
/// Each file is written beside and synchronized without the lock, and renamed under it, unless it has changed
/// meanwhile. Readers open the log by name for each look, and a leader notices another inode, so that nobody
/// mistakes it for damage.
struct HistoryRedaction<State: DurableState, Wanted: Redaction<State>> {
  /// A file that was written beside the one that it is to replace.
  struct Replacement {
    /// Held locked, so that nobody takes it for a dead process's.
    fileprivate let file: OpenFile
    fileprivate let path: String
    /// The status of the file that was read.
    fileprivate let former: FileStatus
    fileprivate let lineCount: Int
  }

  private let redaction: Wanted
  private let context: StoreContext
  /// Whether files are only looked at.
  private let isRehearsal: Bool
  private(set) var report = RedactionReport()

  private var directory: DataDirectory { context.directory }
  private var system: SystemCalls { context.system }

  init(_ redaction: Wanted, _ context: StoreContext, isRehearsal: Bool) {
    (self.redaction, self.context, self.isRehearsal) = (redaction, context, isRehearsal)
  }

  // MARK: Without the lock

  /// Returns whether a file may hold something.
  func mayConcern(_ path: String) throws(Errno) -> Bool {
    guard let (text, _) = try contents(of: path) else { return false }
    return redaction.mayConcern(text[...])
  }

  /// Redacts the lines of a segment; keeps their order, numbers and whatever is damaged.
  ///
  /// - Returns: What is to replace the segment; `nil` if there is nothing to do.
  mutating func redactSegment(_ path: String) throws(Errno) -> Replacement? {
    guard let (text, status) = try contents(of: path), redaction.mayConcern(text[...]) else {
      return nil
    }
    var (redacted, position, count) = ([UInt8](), text.startIndex, 0)
    redacted.reserveCapacity(text.count)
    while position < text.endIndex {
      let end = text[position...].firstIndex(of: 0x0A).map { $0 + 1 } ?? text.endIndex
      let line = redactedLine(text[position..<end], of: path)
      if line != nil { count += 1 }
      redacted += line ?? text[position..<end]
      position = end
    }
    guard count > 0 else { return nil }
    // Its time decides how long it is kept.
    return try write(redacted, for: path, status, nanoseconds: 0, lineCount: count)
  }

  /// Returns a line without what is taken out; `nil` if it stays as it is.
  private mutating func redactedLine(
    _ text: ArraySlice<UInt8>, of path: String
  ) -> ArraySlice<UInt8>? {
    guard redaction.mayConcern(text) else { return nil }
    guard let line = CompletedLine(parsing: text) else {
      note(unreadable: path)
      return nil
    }
    return redaction.redacted(line.transaction).map { line.redacted($0).text }
  }

  /// Redacts a backup, a snapshot or the checkpoint.
  ///
  /// - Returns: What is to replace it; `nil` if there is nothing to do.
  mutating func redactState(_ path: String) throws(Errno) -> Replacement? {
    guard let (text, status) = try contents(of: path), redaction.mayConcern(text[...]) else {
      return nil
    }
    var version: Version<State>
    switch DataFile.reading(text) as DataFile.Reading<State> {
    case .intact(let found), .edited(let found, _): version = found
    case .damaged, .newerFormat:
      note(unreadable: path)
      return nil
    }
    guard let state = redaction.redacted(version.state) else { return nil }
    (version.state, version.image) = (state, nil)
    return try write(
      FileImage.layingOut(version).text, for: path, status,
      nanoseconds: GenerationStamp(version.generation).nanoseconds)
  }

  /// Writes what is to replace a file, and synchronizes it.
  private mutating func write(
    _ text: [UInt8], for path: String, _ former: FileStatus, nanoseconds: Int, lineCount: Int = 0
  ) throws(Errno) -> Replacement? {
    if isRehearsal {
      note(path, lineCount: lineCount)
      return nil
    }
    let file = try system.open(context.temporaryFile(), O_RDWR | O_CREAT | O_EXCL)
    do throws(Errno) {
      guard try system.lockExclusively(file) else { throw .resourceTemporarilyUnavailable }
      try system.write(text, to: file, at: 0)
      try system.setModificationTime(
        of: file, seconds: former.modifiedSeconds, nanoseconds: nanoseconds)
      try system.synchronize(file)
    } catch {
      // What is left of it is removed with the other temporary files.
      _ = try? system.unlink(file.path)
      throw error
    }
    return Replacement(file: file, path: path, former: former, lineCount: lineCount)
  }

  /// The spare and free files, and what dead processes left, that may hold something.
  func spares() throws(Errno) -> [(path: String, status: FileStatus)] {
    let free = try system.list(directory.log).filter { $0.hasPrefix("free-") }
      .map { directory.log + "/" + $0 }
    let temporary = try system.list(directory.temporary).map { directory.temporary + "/" + $0 }
    var found: [(path: String, status: FileStatus)] = []
    for path in free + temporary {
      guard let (text, status) = try contents(of: path), redaction.mayConcern(text[...]) else {
        continue
      }
      if !isRehearsal || redaction.isHeld(by: text[...]) { found.append((path, status)) }
    }
    return found
  }

  /// Notes the files in quarantine that may hold something: they are evidence, which an operator looks at.
  mutating func noteQuarantine() throws(Errno) {
    for name in try system.list(directory.quarantine) {
      let path = directory.quarantine + "/" + name
      if try mayConcern(path) { note(unreadable: path) }
    }
  }

  // MARK: Under the lock

  /// Puts a file into the place of the one that was read.
  ///
  /// - Returns: Whether it did; not if that one has changed meanwhile.
  mutating func replace(_ replacement: Replacement) throws(Errno) -> Bool {
    let path = replacement.path
    guard let named = try? system.status(at: path), named.isUnchanged(since: replacement.former)
    else {
      try system.unlink(replacement.file.path)
      return false
    }
    try system.rename(replacement.file.path, to: path)
    try context.synchronize(
      directory: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    note(path, lineCount: replacement.lineCount)
    return true
  }

  /// Removes some files, unless one has changed since it was looked at, or is being written.
  mutating func remove(_ spares: [(path: String, status: FileStatus)]) {
    for (path, status) in spares {
      guard let named = try? system.status(at: path), named.isUnchanged(since: status),
        !isBeingWritten(path)
      else { continue }
      report.files.append(name(of: path))
      report.removedCount += 1
      if !isRehearsal { _ = try? system.unlink(path) }
    }
  }

  private func isBeingWritten(_ path: String) -> Bool {
    guard path.hasPrefix(directory.temporary),
      let file = try? system.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    else { return false }
    return (try? system.lockExclusively(file)) == false
  }

  // MARK: The report

  private mutating func note(_ path: String, lineCount: Int) {
    report.files.append(name(of: path))
    report.lineCount += lineCount
    if lineCount == 0 { report.stateCount += 1 }
  }

  private mutating func note(unreadable path: String) {
    let name = name(of: path)
    if !report.unreadable.contains(name) { report.unreadable.append(name) }
  }

  private func name(of path: String) -> String {
    String(path.dropFirst(directory.path.count + 1))
  }

  private func contents(of path: String) throws(Errno) -> ([UInt8], FileStatus)? {
    do throws(Errno) {
      let file = try system.openToRead(path)
      let status = try system.status(file)
      guard status.isRegular, status.size <= SystemCalls.maxFileBytes else { return nil }
      return (try system.read(file, count: status.size), status)
    } catch .noSuchFileOrDirectory {
      return nil
    }
  }
}
