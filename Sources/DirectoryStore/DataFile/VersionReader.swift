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

  /// How many bytes of the file are read and understood in the time that one line takes.
  private static var bytesPerLine: Int { 4096 }

  private let context: StoreContext
  private let cache: VersionCache<State>

  private var directory: DataDirectory { context.directory }
  private var system: SystemCalls { context.system }

  init(_ context: StoreContext, _ cache: VersionCache<State>) {
    self.context = context
    self.cache = cache
  }

  /// The version in the cache, if `stat(2)` says that the data file still holds it.
  func unchanged() -> VersionCache<State>.Entry? {
    guard let entry = cache.current,
      // A file that cannot be looked at is not unchanged; reading it tells why.
      let status = try? system.status(at: directory.dataFile), entry.matches(status)
    else { return nil }
    return entry
  }

  /// Reads the data file: not at all when the cache has it, by the log when it is a few lines
  /// ahead of the cache, else as a whole.
  ///
  /// - Parameter tail: What the log has after the cached version; it is read if it is not given.
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
      // A directory, say, or a hole of a terabyte, is as damaged as an empty file.
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

  /// Whether a file can be read and is no state.
  func isDamaged(_ path: String) -> Bool {
    if case .damaged? = reading(at: path) { true } else { false }
  }

  /// A backup's version; `nil` for one that is not as the store wrote it.
  func intactVersion(at path: String) -> Version<State>? {
    if case .intact(let version)? = reading(at: path) { version } else { nil }
  }

  /// What a file holds; `nil` for one that cannot be read.
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

  /// Brings the cached version up to a file, by the log (I5).
  ///
  /// Where the rooms of a file are that was laid out anew meanwhile is told by its header. That the
  /// version is the file's is told by the header too: its checksum has to be what the image adds up
  /// to, unless it was laid out anew; then it is compared at the next checkpoint.
  private func caughtUp(
    _ file: OpenFile, _ status: FileStatus, by tail: CompletedLog.Tail?
  ) throws -> Version<State>? {
    guard var version = cache.current?.version,
      let header = try DataFile.header(of: file, status, system),
      header.generation > version.generation,
      let layout = FileImage(layoutOf: header, fileBytes: status.size)
    else { return nil }
    // Without the lines the file is read as a whole, and when that is quicker.
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
