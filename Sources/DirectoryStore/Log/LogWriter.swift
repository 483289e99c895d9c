import DurableStore
import Files
import Glibc
import SystemPackage

/// The completed log as its leader writes it.
struct LogWriter {
  private let directory: DataDirectory
  private let system: SystemCalls
  private let maxSegmentBytes: Int
  private let measure: @Sendable (StoreMeasurement) -> Void
  private var segment: CompletedLog.Segment?
  private var file: OpenFile?
  /// The open file's status when it was opened: its device and inode stay.
  private var identity: FileStatus?
  private var endBytes = 0
  /// The sequence of the last line.
  private(set) var lastSequence = 0

  init(_ directory: DataDirectory, _ options: StoreOptions) {
    self.directory = directory
    system = options.system
    maxSegmentBytes = options.maxSegmentBytes
    measure = options.measure
  }

  /// Returns whether nobody else has written since: the last segment has this name, inode and length.
  func isCurrent(_ last: CompletedLog.Segment?) -> Bool {
    guard last == segment else { return false }
    guard let file else { return last == nil }
    guard let named = try? system.status(at: file.path) else { return false }
    return named.size == endBytes && identity?.isSameFile(as: named) == true
  }

  /// Positions the writer after the last line that counts; cuts off a torn tail (I4).
  mutating func position(at tail: CompletedLog.Tail, generation: Int) throws(TransactionError) {
    leaveSegment()
    lastSequence = generation
    guard let segment = tail.segment, tail.lastSequence == generation || tail.validBytes == 0
    else { return }
    let path = directory.log + "/" + segment.name
    try attempting(.recover, on: path) { () throws(Errno) in
      let file = try system.open(path, O_RDWR)
      if tail.segmentBytes > tail.validBytes { try system.truncate(file, to: tail.validBytes) }
      try use(file)
    }
    (self.segment, endBytes) = (segment, tail.validBytes)
  }

  /// Appends lines and synchronizes them: the commit point (I2).
  ///
  /// - Throws: The failure; the lines then do not count, unless the outcome is unknown.
  mutating func append(_ lines: [CompletedLine]) throws(TransactionError) {
    guard let last = lines.last, let first = lines.first else { return }
    if endBytes > maxSegmentBytes { leaveSegment() }
    if file == nil { try startSegment(first.sequence) }
    guard let file else { return }
    let text = lines.flatMap(\.text)
    var isSynchronizing = false
    do throws(Errno) {
      try system.write(text, to: file, at: endBytes)
      isSynchronizing = true
      let began = ContinuousClock.now
      try system.synchronizeData(file)
      measure(.synchronization(.now - began))
    } catch {
      throw abandon(
        text, of: file, firstSequence: first.sequence, isSynchronizing: isSynchronizing,
        because: error)
    }
    endBytes += text.count
    lastSequence = last.sequence
  }

  /// Copies lines of unknown durability into a new segment, synchronized before it counts (I9).
  ///
  /// Only those of the last segment are copied: when it was begun, all lines before it were on the device.
  mutating func carryOver(_ tail: CompletedLog.Tail, _ surroundings: Surroundings)
    throws(TransactionError)
  {
    guard let first = tail.lines.first, let last = tail.lines.last else { return }
    leaveSegment()
    let start = max(first.sequence, tail.segment?.firstSequence ?? 0)
    let lines = tail.lines.filter { $0.sequence >= start }
    let segment = CompletedLog.Segment(firstSequence: start)
    let path = directory.log + "/" + segment.name
    let text = lines.flatMap(\.text)
    try attempting(.recover, on: path) { () throws(Errno) in
      let temporary = directory.temporaryFile(surroundings)
      let file = try system.open(temporary, O_RDWR | O_CREAT | O_EXCL)
      do throws(Errno) {
        try system.write(text, to: file, at: 0)
        try system.synchronize(file)
        try system.rename(temporary, to: path)
        try synchronizeDirectory()
      } catch {
        // What is left of it is removed with the other temporary files.
        _ = try? system.unlink(temporary)
        throw error
      }
      try use(try system.open(path, O_RDWR))
    }
    (self.segment, endBytes, lastSequence) = (segment, text.count, last.sequence)
  }

  /// Begins a new segment although the last one is not full: nothing is appended to that one any more.
  mutating func beginSegment(after generation: Int) throws(TransactionError) {
    leaveSegment()
    try startSegment(generation + 1)
    lastSequence = generation
  }

  private mutating func startSegment(_ firstSequence: Int) throws(TransactionError) {
    let segment = CompletedLog.Segment(firstSequence: firstSequence)
    let path = directory.log + "/" + segment.name
    try attempting(.logCompleted, on: path) { () throws(Errno) in
      // An existing file of that name holds nothing that counts: its first line would be this one. It
      // is not reused, because its synchronization may have failed (I9).
      do throws(Errno) {
        try system.unlink(path)
      } catch .noSuchFileOrDirectory {}
      let file = try system.open(path, O_RDWR | O_CREAT | O_EXCL)
      try synchronizeDirectory()
      try use(file)
    }
    (self.segment, endBytes) = (segment, 0)
  }

  /// Takes back lines that could not be synchronized, so that they do not count.
  private mutating func abandon(
    _ text: [UInt8], of file: OpenFile, firstSequence: Int, isSynchronizing: Bool,
    because cause: Errno
  ) -> TransactionError {
    let error = TransactionError(step: .logCompleted, object: file.path, cause: .system(cause))
    let end = endBytes
    if isSynchronizing { leaveSegment() }
    do throws(Errno) {
      try system.truncate(file, to: end)
    } catch {
      leaveSegment()
      return TransactionError(
        step: .logCompleted, object: file.path, cause: .system(cause)
      ).withUnknownOutcome
    }
    // Nobody may append to a file whose synchronization failed (I9).
    if isSynchronizing {
      do throws(TransactionError) {
        try startSegment(firstSequence)
      } catch {
        // After a power cut the lines may reappear, and nothing would override them.
        return error.withUnknownOutcome
      }
    }
    return error
  }

  private mutating func use(_ file: OpenFile) throws(Errno) {
    identity = try system.status(file)
    self.file = file
  }

  private mutating func leaveSegment() {
    (segment, file, identity, endBytes) = (nil, nil, nil, 0)
  }

  private func synchronizeDirectory() throws(Errno) {
    try system.synchronize(try system.open(directory.log, O_RDONLY | O_DIRECTORY))
  }
}
