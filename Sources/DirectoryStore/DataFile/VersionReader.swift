import DurableStore
import Files
import Glibc
import SystemPackage

/// Reads versions from files, without a lock (I7): an open file is one version, whole (I1).
struct VersionReader<State: DurableState> {
  /// What `data.json` is.
  enum Found {
    case found(DataFile.Reading<State>, FileStatus)
    case missing
  }

  /// How many bytes of the file can be read and parsed in the time that one line of the log takes.
  private static var bytesPerLine: Int { 4096 }

  private let context: StoreContext
  private let cache: VersionCache<State>

  private var directory: DataDirectory { context.directory }
  private var system: SystemCalls { context.system }

  init(_ context: StoreContext, _ cache: VersionCache<State>) {
    self.context = context
    self.cache = cache
  }

  /// Returns the cached version, if `stat(2)` says that the data file still holds it.
  func unchanged() -> VersionCache<State>.Entry? {
    guard let entry = cache.current,
      // A file without a status does not count as unchanged; reading it tells why.
      let status = try? system.status(at: directory.dataFile), entry.matches(status)
    else { return nil }
    return entry
  }

  /// Reads the data file: not at all if the cache is current, through the log if the file is a few
  /// lines ahead of the cache, else as a whole.
  ///
  /// - Parameter tail: The log's lines after the cached version; they are read if not given.
  /// - Returns: What the file is, with its status.
  /// - Throws: `TransactionError` when it cannot be read.
  func readDataFile(_ tail: CompletedLog.Tail? = nil) throws(TransactionError) -> Found {
    if let entry = unchanged() { return .found(.intact(entry.version), entry.status) }
    do throws(Errno) {
      let file = try system.openToRead(directory.dataFile)
      let status = try system.status(file)
      if let version = try? caughtUp(file, status, by: tail) {
        return .found(.intact(version), status)
      }
      // A directory, say, or a sparse file of a terabyte, counts as damaged, like an empty file.
      let isReadable = status.isRegular && status.size <= SystemCalls.maxFileBytes
      let text = isReadable ? try system.read(file, count: status.size) : []
      return .found(DataFile.reading(text), status)
    } catch .noSuchFileOrDirectory {
      return .missing
    } catch  where [Errno.tooManySymbolicLinkLevels, .noSuchAddressOrDevice].contains(error) {
      // A link to itself, or a socket.
      let status = try attempting(.read, on: directory.dataFile) { () throws(Errno) in
        try system.status(at: directory.dataFile)
      }
      return .found(.damaged("not a regular file"), status)
    } catch {
      throw TransactionError(step: .read, object: directory.dataFile, cause: .system(error))
    }
  }

  /// Returns whether a file can be read but holds no state.
  func isDamaged(_ path: String) -> Bool {
    if case .damaged? = reading(at: path) { true } else { false }
  }

  /// Returns the version that a backup holds; `nil` if it is not as the store wrote it.
  func intactVersion(at path: String) -> Version<State>? {
    if case .intact(let version)? = reading(at: path) { version } else { nil }
  }

  /// Returns what a file holds; `nil` if it cannot be read.
  func reading(at path: String) -> DataFile.Reading<State>? {
    text(at: path).map(DataFile.reading)
  }

  private func text(at path: String) -> [UInt8]? {
    guard let file = try? system.openToRead(path),
      let status = try? system.status(file), status.isRegular,
      status.size <= SystemCalls.maxFileBytes
    else { return nil }
    return try? system.read(file, count: status.size)
  }

  private func logTail(
    after generation: Int, expecting count: Int
  ) throws -> CompletedLog.Tail {
    let log = CompletedLog(directory: directory, system: system)
    return try log.tail(after: generation, of: try log.segments(), expecting: count)
  }

  /// Brings the cached version up to a file by replaying the log (I5).
  ///
  /// If the file was laid out again meanwhile, its header says where its rooms are. The header also shows
  /// that the version is the file's: its checksum must equal that of the image. After a new layout this
  /// does not hold; then the next checkpoint compares the file.
  private func caughtUp(
    _ file: OpenFile, _ status: FileStatus, by tail: CompletedLog.Tail?
  ) throws -> Version<State>? {
    guard var version = cache.current?.version,
      let header = try DataFile.header(of: file, status, system),
      header.generation > version.generation,
      let layout = FileImage(layoutOf: header, fileBytes: status.size)
    else { return nil }
    // The file is read as a whole if lines are missing, or if that is quicker.
    let count = header.generation - version.generation
    guard count <= max(StoreLimits.farBehind, status.size / Self.bytesPerLine) else { return nil }
    let tail = try tail ?? logTail(after: version.generation, expecting: count)
    var lines = tail.lines.filter {
      $0.sequence > version.generation && $0.sequence <= header.generation
    }[...]
    guard lines.count == count else { return nil }
    if layout.layoutGeneration > version.generation {
      let before = lines.prefix { $0.sequence <= layout.layoutGeneration }
      version.replay(before, context.report)
      version.foreignMeta = header.foreignMeta
      version.image = layout
      lines = lines[before.endIndex...]
      version.replay(lines, context.report)
      version.image?.adoptChecksum(header)
    } else {
      version.replay(lines, context.report)
    }
    guard let image = version.image, image.fileBytes == status.size,
      try system.file(file, holds: image.header(version.generation), at: 0)
    else { return nil }
    return version
  }
}
