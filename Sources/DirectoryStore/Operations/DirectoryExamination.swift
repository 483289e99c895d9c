import CFiles
public import DurableStore
public import Files
import Glibc
import SystemPackage

extension DirectoryStore {
  /// Tests whether its directory provides what the store needs.
  public func examine() -> [Finding] {
    DirectoryExamination(
      directory, system: options.system, surroundings: options.surroundings
    ).findings()
  }
}

/// Tests, with files of its own, whether a directory and its file system provide what the store needs.
///
/// The store's own files are not changed. The test files are in `.temp/`, where a recovery removes them
/// if this process dies.
public struct DirectoryExamination: Sendable {
  private static let flushCount = 15

  let directory: DataDirectory
  let system: SystemCalls
  let surroundings: Surroundings

  /// Makes an examination.
  public init(
    _ directory: DataDirectory, system: SystemCalls = SystemCalls(),
    surroundings: Surroundings = .machine
  ) {
    self.directory = directory
    self.system = system
    self.surroundings = surroundings
  }

  /// Returns the findings, the most important first.
  public func findings() -> [Finding] {
    do throws(TransactionError) {
      try directory.prepareMissing(system)
    } catch {
      return [
        Finding(
          "directory", .bad, detail: "\(error)",
          advice:
            "let the responders own \(directory.path) (chown, chmod 0750), or set another DATA_DIR")
      ]
    }
    let fileSystem = try? system.fileSystem(at: directory.path)
    return permissions()
      + [kind(of: fileSystem), freeSpace(of: fileSystem), files(of: fileSystem)]
      + [attempt("lock", lock), attempt("rename", rename), attempt("exchange", exchange)]
      + [attempt("link", link), attempt("lease", lease), attempt("synchronize", flush)]
      + [attempt("clock", fileClock), machineClock()]
  }

  // MARK: Permissions

  private func permissions() -> [Finding] {
    let owner = SystemCalls.user
    var problems: [String] = []
    var isWritable = true
    for path in directory.all + [directory.dataFile, directory.lockFile] {
      guard let status = try? system.status(at: path) else { continue }
      let name = path == directory.path ? "." : String(path.dropFirst(directory.path.count + 1))
      if status.isSymbolicLink { problems.append("\(name) is a symbolic link") }
      if status.permissionsOfOthers != 0 { problems.append("\(name) can be read by everybody") }
      if owner != 0, status.owner != owner {
        problems.append("\(name) belongs to user \(status.owner), this is user \(owner)")
      }
      if (try? system.checkAccess(toWrite: path)) == nil {
        problems.append("\(name) cannot be written to")
        isWritable = false
      }
    }
    guard !problems.isEmpty else {
      return [Finding("permissions", .good, detail: "owner and modes are as they should be")]
    }
    return [
      Finding(
        "permissions", isWritable ? .warning : .bad, detail: problems.joined(separator: ", "),
        advice: "chown -R to the user of the responders; chmod 0750 for directories, 0640 for files"
      )
    ]
  }

  // MARK: Free space

  private func kind(of fileSystem: FileSystem?) -> Finding {
    guard let fileSystem else {
      return Finding("file system", .unknown, detail: "its kind cannot be told")
    }
    let name = fileSystem.kind.map { "\($0)" } ?? "of another kind"
    switch fileSystem.kind {
    case let kind? where kind.isVolatile:
      return Finding(
        "file system", .bad,
        detail: "\(name): it is in memory, and a reboot empties it",
        advice: "put DATA_DIR on a disk")
    case let kind? where kind.isRemote:
      return Finding(
        "file system", .warning, detail: "\(name): it may be on another machine",
        advice: "read about NFS in docs/operations.md; a local disk is better")
    default: return Finding("file system", .good, detail: name)
    }
  }

  private func freeSpace(of fileSystem: FileSystem?) -> Finding {
    guard let fileSystem else {
      return Finding("free space", .unknown, detail: "it cannot be told")
    }
    let megabytes = fileSystem.freeBytes / 1_048_576
    let verdict: Finding.Verdict = megabytes < 50 ? .bad : megabytes < 500 ? .warning : .good
    return Finding(
      "free space", verdict, detail: "\(megabytes) MB",
      advice: verdict == .good ? nil : "free some: contestctl gc, fewer snapshots, a larger disk")
  }

  private func files(of fileSystem: FileSystem?) -> Finding {
    guard let fileSystem else {
      return Finding("free files", .unknown, detail: "they cannot be counted")
    }
    guard let count = fileSystem.freeFiles else {
      return Finding("free files", .good, detail: "not limited")
    }
    let verdict: Finding.Verdict = count < 500 ? .bad : count < 5000 ? .warning : .good
    return Finding(
      "free files", verdict, detail: "\(count) inodes",
      advice: verdict == .good ? nil : "remove small files on this file system, or use another")
  }

  // MARK: What the store does

  private func attempt(_ check: String, _ body: () throws(Errno) -> Finding) -> Finding {
    do throws(Errno) {
      return try body()
    } catch {
      return Finding(
        check, .bad, detail: "\(error)",
        advice: "the responders cannot write in \(directory.temporary)")
    }
  }

  /// Runs a closure with a new file, which is removed afterwards.
  private func withFile<Result>(
    _ body: (OpenFile) throws(Errno) -> Result
  ) throws(Errno) -> Result {
    let path = directory.temporaryFile(surroundings)
    let file = try system.open(path, O_RDWR | O_CREAT | O_EXCL)
    // The closure may have renamed the file: then there is nothing to remove.
    defer { try? system.unlink(path) }
    try system.write(Array("\(surroundings.identifier())\n".utf8), to: file, at: 0)
    return try body(file)
  }

  private func lock() throws(Errno) -> Finding {
    try withFile { (file) throws(Errno) in
      guard try system.lockExclusively(file) else { throw .wouldBlock }
      let other = try system.open(file.path, O_RDWR)
      let isRefused = try !system.lockExclusively(other)
      return isRefused
        ? Finding("lock", .good, detail: "a second flock is refused while the first is held")
        : Finding(
          "lock", .warning, detail: "flock excludes processes but not the threads of one",
          advice: "this is so on NFS; read about it in docs/operations.md")
    }
  }

  private func rename() throws(Errno) -> Finding {
    try withFile { (file) throws(Errno) in
      try withFile { (other) throws(Errno) in
        let before = try system.open(other.path, O_RDONLY)
        let text = try system.read(before, count: 100)
        try system.rename(file.path, to: other.path)
        let isWhole = try system.file(before, holds: text)
        let isNew = try system.status(at: other.path).isSameFile(as: try system.status(file))
        return isWhole && isNew
          ? Finding("rename", .good, detail: "replaces a file while somebody reads the old one")
          : Finding(
            "rename", .bad, detail: "a process that has the old file open does not keep it",
            advice: "this file system cannot be used: take another DATA_DIR")
      }
    }
  }

  private func exchange() throws(Errno) -> Finding {
    try withFile { (file) throws(Errno) in
      try withFile { (other) throws(Errno) in
        do throws(Errno) {
          try system.exchange(file.path, with: other.path)
          return Finding("exchange", .good, detail: "two names are swapped in one step")
        } catch {
          return Finding(
            "exchange", .good, detail: "not possible here (\(error)): link and rename instead")
        }
      }
    }
  }

  private func link() throws(Errno) -> Finding {
    try withFile { (file) throws(Errno) in
      let path = directory.temporaryFile(surroundings)
      do throws(Errno) {
        try system.link(file.path, as: path)
        try system.unlink(path)
        return Finding("link", .good, detail: "a file can have two names")
      } catch {
        return Finding(
          "link", .warning, detail: "no hard links (\(error))",
          advice: "works without; a damaged data.json is then rebuilt only from backups and log"
        )
      }
    }
  }

  private func lease() throws(Errno) -> Finding {
    try withFile { (file) throws(Errno) in
      do throws(Errno) {
        _ = try FileLease(on: file, system)
        return Finding("lease", .good, detail: "spare files can be used again")
      } catch {
        return Finding(
          "lease", .good, detail: "not possible here (\(error)); each commit takes a new file")
      }
    }
  }

  /// Appends and synchronizes, as a commit does; the median shows whether a device can have done it.
  private func flush() throws(Errno) -> Finding {
    let microseconds = try withFile { (file) throws(Errno) -> Int in
      var times: [Int64] = []
      for index in 0..<Self.flushCount {
        try system.write(Array(repeating: 0x20, count: 4096), to: file, at: 4096 * index)
        let began = ContinuousClock.now
        try system.synchronizeData(file)
        times.append((ContinuousClock.now - began).nanoseconds)
      }
      return Int(times.sorted()[Self.flushCount / 2] / 1000)
    }
    let found = "a flush takes \(microseconds) µs" + writeCache
    if microseconds < 15 {
      return Finding(
        "synchronize", .warning, detail: "\(found), quicker than devices are",
        advice: "ask the machine's operator whether fsync reaches a device or is ignored")
    }
    if microseconds > 50_000 {
      return Finding(
        "synchronize", .warning, detail: found, advice: "entries wait for it: use a faster disk")
    }
    return Finding("synchronize", .good, detail: found)
  }

  /// What the kernel says of the device's cache; see `queue/write_cache` in
  /// https://docs.kernel.org/block/writeback_cache_control.html.
  private var writeCache: String {
    guard let device = try? system.status(at: directory.path).device else { return "" }
    // See makedev(3).
    let (high, low) = (device >> 8 & 0xFFF, device & 0xFF | device >> 12 & 0xFFF00)
    for queue in ["queue", "../queue"] {
      if let file = try? system.open(
        "/sys/dev/block/\(high):\(low)/\(queue)/write_cache", O_RDONLY),
        let text = try? system.read(file, count: 20)
      {
        return
          ", the device's cache is “\(String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self))”"
      }
    }
    return ""
  }

  // MARK: Clocks

  private func fileClock() throws(Errno) -> Finding {
    try withFile { (file) throws(Errno) in
      let seconds = try system.status(file).modifiedSeconds
      let skew = abs(seconds - surroundings.nowMilliseconds() / 1000)
      return skew <= 2
        ? Finding("clock", .good, detail: "files get the time of this machine")
        : Finding(
          "clock", .warning, detail: "file times are off by \(skew) s",
          advice: "set the clock of the machine that has the files")
    }
  }

  private func machineClock() -> Finding {
    switch contest_clock_is_synchronized() {
    case 1: return Finding("time", .good, detail: "the clock is synchronized")
    case 0:
      return Finding(
        "time", .warning, detail: "the clock is not synchronized",
        advice: "install an NTP client, such as systemd-timesyncd; categories open and close by it")
    default:
      return Finding("time", .unknown, detail: "it is not known whether the clock is synchronized")
    }
  }
}
