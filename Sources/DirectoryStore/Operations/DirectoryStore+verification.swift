public import DurableStore
import Files
import Glibc
import SystemPackage

/// A problem with a file of a store.
public struct StoreProblem: Sendable, Equatable, CustomStringConvertible {
  /// The file, relative to the data directory.
  public let file: String
  /// What is wrong with it.
  public let problem: String
  /// What to do about it.
  public let advice: String

  /// Makes a problem.
  public init(file: String, problem: String, advice: String) {
    self.file = file
    self.problem = problem
    self.advice = advice
  }

  /// `<file>: <problem>; <advice>`.
  public var description: String { "\(file): \(problem); \(advice)" }
}

extension DirectoryStore {
  /// Checks every file of the store, without changing any.
  ///
  /// It holds the lock meanwhile, so that work in progress is not mistaken for damage.
  /// - Returns: The problems; none when all is well.
  /// - Throws: `TransactionError` when the lock is not obtained or a directory cannot be listed.
  public func findProblems() throws(TransactionError) -> [StoreProblem] {
    var problems: [StoreProblem] = []
    try holdingLock { (_) throws(TransactionError) in
      let log = CompletedLog(directory: directory, system: options.system)
      let segments = try log.segments()
      let odd = segments.filter { segment in
        let status = try? options.system.status(at: directory.log + "/" + segment.name)
        return status?.isRegular != true
      }
      let tail = try log.tail(after: 0, of: segments.filter { !odd.contains($0) })
      let (version, found) = try problemsOfDataFile(tail)
      problems += found
      problems += try problemsOfBackups()
      problems += odd.map {
        Self.problem(".wal/" + $0.name, "is not a regular file", advice: .setAside)
      }
      problems += Self.problems(of: tail)
      for name in try names(directory.log).sorted()
      where name.hasPrefix("wal-") && !isReadable(name) {
        problems.append(Self.problem(".wal/" + name, "is damaged", advice: .setAside))
      }
      if let version { problems += problemsOfPublicFiles(version) }
    }
    return problems
  }

  /// What can be done about a problem.
  private enum Advice: String {
    case recover = "contestctl recover rebuilds it from backup and log, and keeps what is there"
    case setAside = "contestctl recover sets it aside; the rest does not depend on it"
    case accept =
      "contestctl recover accepts it as it is; to undo the edit, use contestctl restore --at"
    case upgrade = "install that version of the program"
    case remove = "it is not used; move it away when you have looked at it"
    case keepLog = "restore --at cannot reach back over them; make a backup with contestctl backup"
    case cut = "contestctl recover cuts it off and keeps whole lines in quarantine"
    case completeLog = "contestctl recover writes a line that carries the whole state"
    case derived = "it is derived: remove it, and it is made again"
  }

  private static func problem(_ file: String, _ problem: String, advice: Advice) -> StoreProblem {
    StoreProblem(file: file, problem: problem, advice: advice.rawValue)
  }

  private func problemsOfDataFile(
    _ tail: CompletedLog.Tail
  ) throws(TransactionError) -> (version: Version<State>?, problems: [StoreProblem]) {
    let reader = VersionReader(context, VersionCache<State>())
    let name = "data.json"
    switch try reader.readDataFile() {
    case .found(.intact(let version), _):
      guard tail.lastSequence < version.generation else { return (version, []) }
      let problem =
        "the completed log ends at \(tail.lastSequence), \(name) is at \(version.generation)"
      return (version, [Self.problem(".wal", problem, advice: .completeLog)])
    case .found(.edited, _):
      return (nil, [Self.problem(name, "was edited by hand since it was written", advice: .accept)])
    case .found(.damaged(let reason), _):
      return (nil, [Self.problem(name, "is damaged (\(reason))", advice: .recover)])
    case .found(.newerFormat, _):
      return (
        nil, [Self.problem(name, "was written by a later version of the program", advice: .upgrade)]
      )
    case .missing:
      // A directory that was never used is in order.
      let isNew = try names(directory.backups).isEmpty && tail.segmentBytes == 0
      return (nil, isNew ? [] : [Self.problem(name, "is missing", advice: .recover)])
    }
  }

  private func problemsOfBackups() throws(TransactionError) -> [StoreProblem] {
    let reader = VersionReader(context, VersionCache<State>())
    var problems: [StoreProblem] = []
    for name in try names(directory.backups).sorted() where BackupName(name) != nil {
      switch reader.reading(at: directory.backups + "/" + name) {
      case .intact?, .edited?: continue
      case .newerFormat?:
        problems.append(
          Self.problem("backups/" + name, "was written by a later version", advice: .upgrade))
      case .damaged(let reason)?:
        problems.append(Self.problem("backups/" + name, "is damaged (\(reason))", advice: .remove))
      case nil: problems.append(Self.problem("backups/" + name, "cannot be read", advice: .remove))
      }
    }
    if (try? options.system.status(at: directory.checkpoint)) != nil,
      reader.intactVersion(at: directory.checkpoint) == nil
    {
      problems.append(Self.problem(".wal/checkpoint.json", "is damaged", advice: .setAside))
    }
    return problems
  }

  private static func problems(of tail: CompletedLog.Tail) -> [StoreProblem] {
    var problems: [StoreProblem] = []
    let name = ".wal/" + (tail.segment?.name ?? "completed")
    if tail.damagedLines > 0 {
      problems.append(
        problem(
          ".wal", "the completed log has \(tail.damagedLines) damaged lines", advice: .keepLog))
    }
    if tail.segmentBytes > tail.validBytes {
      problems.append(problem(name, "is damaged from byte \(tail.validBytes) on", advice: .cut))
    }
    for (line, next) in zip(tail.lines, tail.lines.dropFirst())
    where next.sequence != line.sequence + 1 && !next.transaction.isReplacement {
      problems.append(
        problem(
          ".wal", "the completed log lacks lines \(line.sequence + 1) to \(next.sequence - 1)",
          advice: .keepLog))
    }
    return problems
  }

  private func problemsOfPublicFiles(_ version: Version<State>) -> [StoreProblem] {
    State.publicFileNames.compactMap { name in
      let path = directory.publicFiles + "/" + name
      // A missing file is created again when it is requested.
      guard let file = try? options.system.openToRead(path),
        let holds = try? options.system.file(file, holds: version.state.publicFile(name)), !holds
      else { return nil }
      return Self.problem("public/" + name, "is not what data.json says", advice: .derived)
    }
  }

  private func isReadable(_ name: String) -> Bool {
    do throws(Errno) {
      let file = try options.system.openToRead(directory.log + "/" + name)
      let text = try options.system.read(file, count: try options.system.status(file).size)
      return text.isEmpty || PendingEntry(parsing: text) != nil
    } catch .noSuchFileOrDirectory {
      // Completed meanwhile.
      return true
    } catch {
      return false
    }
  }
}
