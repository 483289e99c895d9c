import Glibc
import SystemPackage

/// Reads versions from files, without a lock (I7): an open file is one version, whole (I1).
struct VersionReader<State: DurableState> {
  /// What `data.json` is.
  enum Found {
    case found(DataFile.Reading<State>, FileStatus)
    case missing
  }

  let directory: DataDirectory
  let system: SystemCalls
  let cache: VersionCache<State>
  let report: @Sendable (StoreEvent) -> Void

  /// The version in the cache, if `stat(2)` says that the data file still holds it.
  func unchanged() -> VersionCache<State>.Entry? {
    guard let entry = cache.current,
      // A file that cannot be looked at is not unchanged; reading it tells why.
      let status = try? system.status(at: directory.dataFile), entry.matches(status)
    else { return nil }
    return entry
  }

  func readDataFile() throws(TransactionError) -> Found {
    if let entry = unchanged() { return .found(.intact(entry.version), entry.status) }
    guard let (text, status) = try read() else { return .missing }
    guard let header = DataFile.header(of: text), let entry = cache.current,
      let version = caughtUp(entry.version, to: header)
    else { return .found(DataFile.reading(text), status) }
    return .found(.intact(version), status)
  }

  /// Whether a file can be read and is no state.
  func isDamaged(_ path: String) -> Bool {
    guard let file = try? system.open(path, O_RDONLY | O_NONBLOCK),
      let status = try? system.status(file), status.isRegular,
      status.size <= StoreLimits.maxFileBytes,
      let text = try? system.read(file, count: status.size),
      case .damaged = DataFile.reading(text) as DataFile.Reading<State>
    else { return false }
    return true
  }

  /// A backup's version; `nil` for one that is not as the store wrote it.
  func intactVersion(at path: String) -> Version<State>? {
    guard let file = try? system.open(path, O_RDONLY | O_NONBLOCK),
      let status = try? system.status(file), status.isRegular,
      status.size <= StoreLimits.maxFileBytes,
      let text = try? system.read(file, count: status.size),
      case .intact(let version) = DataFile.reading(text) as DataFile.Reading<State>
    else { return nil }
    return version
  }

  private func read() throws(TransactionError) -> (text: [UInt8], status: FileStatus)? {
    do throws(Errno) {
      let file = try system.open(directory.dataFile, O_RDONLY | O_NONBLOCK)
      let status = try system.status(file)
      // A directory, say, or a hole of a terabyte, is as damaged as an empty file.
      let isReadable = status.isRegular && status.size <= StoreLimits.maxFileBytes
      return (isReadable ? try system.read(file, count: status.size) : [], status)
    } catch .noSuchFileOrDirectory {
      return nil
    } catch {
      throw TransactionError(step: .read, path: directory.dataFile, cause: .system(error))
    }
  }

  /// Brings a version that is a few lines behind up to a file, by the log (I5).
  private func caughtUp(_ version: Version<State>, to header: DataFile.Header) -> Version<State>? {
    let log = CompletedLog(directory: directory, system: system)
    guard version.generation < header.generation,
      // Without the lines the file is parsed as a whole.
      let tail = try? log.tail(after: version.generation)
    else { return nil }
    let lines = tail.lines.filter { $0.sequence <= header.generation }
    guard lines.count == header.generation - version.generation else { return nil }
    var version = version
    version.replay(lines, report)
    return version
  }
}
