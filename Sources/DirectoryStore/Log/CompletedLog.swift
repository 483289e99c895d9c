package import DurableStore
package import Files
import Glibc
import SystemPackage

/// The completed log as a reader sees it: segments `.wal/completed-<12 digits>.jsonl`, each named
/// after its first sequence.
///
/// Lines of a segment from the next segment's first sequence on do not count (I9): they were
/// copied there.
package struct CompletedLog {
  /// One file of the log.
  package struct Segment: Equatable {
    let name: String
    let firstSequence: Int

    init(firstSequence: Int) {
      let digits = String(firstSequence)
      let zeros = String(repeating: "0", count: max(0, 12 - digits.count))
      self.init(name: "completed-\(zeros)\(digits).jsonl", firstSequence)
    }

    /// Parses the name of a segment; `nil` for any other file.
    init?(name: String) {
      guard name.hasPrefix("completed-"), name.hasSuffix(".jsonl"),
        let firstSequence = Int(name.dropFirst(10).dropLast(6)),
        // The sequences that may follow stay within the range too.
        (0...DataFile.generations.upperBound / 2).contains(firstSequence)
      else { return nil }
      self.init(name: name, firstSequence)
    }

    private init(name: String, _ firstSequence: Int) {
      self.name = name
      self.firstSequence = firstSequence
    }
  }

  /// The part of the log after a generation.
  package struct Tail {
    /// The lines after it, in order.
    package var lines: [CompletedLine] = []
    /// The last segment; `nil` when there is none.
    var segment: Segment?
    /// Where the undamaged lines of the last segment that count end, in bytes.
    package var validBytes = 0
    /// How long the last segment is, in bytes.
    package var segmentBytes = 0
    /// The first sequence that was found, even if it is not after the generation.
    var firstSequence = Int.max
    /// The last sequence that was read, even if it is not after the generation.
    var lastSequence = 0
    /// How many lines before the last good one cannot be read.
    var damagedLines = 0
  }

  /// A line whose sequence is farther from its segment's first is damaged: no segment has so many lines.
  private static let maxLead = 1 << 40
  private static let windowBytes = 4096
  /// The assumed length of a line while it is not known how far back to read.
  private static let typicalLineBytes = 512

  package let directory: DataDirectory
  package let system: SystemCalls

  /// Makes the log of a directory.
  package init(directory: DataDirectory, system: SystemCalls) {
    (self.directory, self.system) = (directory, system)
  }

  /// Returns the segments, oldest first.
  func segments() throws(TransactionError) -> [Segment] {
    let names = try attempting(.recover, on: directory.log) { () throws(Errno) in
      try system.list(directory.log)
    }
    return Self.segments(in: names)
  }

  static func segments(in names: [String]) -> [Segment] {
    names.compactMap(Segment.init(name:)).sorted { $0.firstSequence < $1.firstSequence }
  }

  /// Reads the lines after a generation, from the end of the log backwards.
  package func tail(after generation: Int) throws(TransactionError) -> Tail {
    try tail(after: generation, of: try segments())
  }

  /// Reads the lines after a generation, from the end of some segments backwards.
  ///
  /// - Parameters:
  ///   - generation: The generation after which lines are read.
  ///   - segments: The segments, oldest first.
  ///   - lineCount: How many lines there will be, as far as that is known.
  /// - Returns: The lines, and where the log ends.
  /// - Throws: `TransactionError` when a segment cannot be read.
  func tail(
    after generation: Int, of segments: [Segment], expecting lineCount: Int = 0
  ) throws(TransactionError) -> Tail {
    var tail = Tail()
    tail.segment = segments.last
    var limit = Int.max
    for segment in segments.reversed() {
      let part = try read(segment, after: generation, before: limit, expecting: lineCount)
      if segment == segments.last {
        (tail.validBytes, tail.segmentBytes) = (part.validBytes, part.segmentBytes)
      }
      tail.lines = part.lines.filter { $0.sequence > generation } + tail.lines
      tail.lastSequence = max(tail.lastSequence, part.lastSequence)
      tail.damagedLines += part.damagedLines
      if segment.firstSequence <= generation + 1, tail.lastSequence > 0 { break }
      limit = segment.firstSequence
    }
    return tail
  }

  /// Reads a segment from its end, in a window that grows until it reaches back far enough.
  private func read(
    _ segment: Segment, after generation: Int, before limit: Int, expecting lineCount: Int
  ) throws(TransactionError) -> Tail {
    let path = directory.log + "/" + segment.name
    return try attempting(.recover, on: path) { () throws(Errno) in
      let file = try system.openToRead(path)
      let status = try system.status(file)
      let size = status.size
      // A file that is not the store's holds no lines.
      guard status.isRegular, size <= SystemCalls.maxFileBytes else {
        var nothing = Tail()
        nothing.damagedLines = 1
        return nothing
      }
      // The expected count may be wrong: never read more than there is.
      var window = Self.windowBytes + min(lineCount, size) * Self.typicalLineBytes
      while true {
        let start = max(0, size - window)
        let text = try system.read(file, at: start, count: size - start)
        let part = parse(text, of: segment, at: start, after: generation, before: limit)
        // If a line is longer than the window, no whole line is in the window.
        let isWhole = part.lines.first.map { $0.sequence == generation + 1 } ?? true
        if start == 0 || (isWhole && part.firstSequence <= generation + 1) { return part }
        window = max(2 * window, min(part.bytesBack(to: generation), size))
      }
    }
  }

  /// Understands the lines of a text that follow a generation; the others are passed over.
  private func parse(
    _ text: [UInt8], of segment: Segment, at start: Int, after generation: Int,
    before limit: Int
  ) -> Tail {
    var tail = Tail()
    tail.segmentBytes = start + text.count
    var position = text.startIndex
    if start > 0 { position = (text.firstIndex(of: 0x0A) ?? text.endIndex - 1) + 1 }
    tail.validBytes = start + position
    var damagedSinceGood = 0
    var passedOver: Range<Int>?
    while let end = text[position...].firstIndex(of: 0x0A) {
      defer { position = end + 1 }
      if let sequence = CompletedLine.sequence(of: text[position...end]), sequence <= generation,
        sequence < limit
      {
        tail.firstSequence = min(tail.firstSequence, sequence)
        passedOver = position..<(end + 1)
        continue
      }
      guard let line = CompletedLine(parsing: text[position...end]),
        line.sequence - segment.firstSequence < Self.maxLead
      else {
        damagedSinceGood += 1
        continue
      }
      guard line.sequence < limit else { break }
      guard line.sequence > tail.lastSequence else { continue }
      tail.take(line, endingAt: start + end + 1, damagedBefore: damagedSinceGood)
      damagedSinceGood = 0
    }
    if tail.lines.isEmpty, let passedOver {
      tail.takeLast(of: text, upTo: passedOver.upperBound, at: start)
    }
    return tail
  }
}

extension CompletedLog.Tail {
  fileprivate mutating func take(_ line: CompletedLine, endingAt end: Int, damagedBefore: Int) {
    lines.append(line)
    firstSequence = min(firstSequence, line.sequence)
    lastSequence = line.sequence
    validBytes = end
    damagedLines += damagedBefore
  }

  /// Finds the last good line among those that were passed over: the log's end.
  fileprivate mutating func takeLast(of text: [UInt8], upTo limit: Int, at start: Int) {
    var end = limit
    while end > 0 {
      let lineStart = (text[..<(end - 1)].lastIndex(of: 0x0A) ?? -1) + 1
      if let line = CompletedLine(parsing: text[lineStart..<end]) {
        (lastSequence, validBytes) = (line.sequence, start + end)
        return
      }
      end = lineStart
    }
  }

  /// Estimates how far back a generation is, in bytes, from the length of the lines that were read.
  fileprivate func bytesBack(to generation: Int) -> Int {
    guard lastSequence > firstSequence else { return 0 }
    let bytesPerLine = lines.reduce(0) { $0 + $1.text.count } / max(1, lines.count)
    let lineCount = min(lastSequence - generation, SystemCalls.maxFileBytes)
    return lineCount * bytesPerLine * 5 / 4 + 4096
  }
}
