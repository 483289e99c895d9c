import ASCII
import DurableStore
import Files
import Glibc
import SystemPackage

/// Looks transactions up in the completed log for the followers that wait for them (I3).
///
/// Only lines that the data file includes count (I4). A follower waits for one line among many; the others
/// are skipped without being parsed.
struct CompletedFinder {
  private static let typicalLineBytes = 768

  let directory: DataDirectory
  let system: SystemCalls
  /// The last segment as of the previous look; `nil` if there was none.
  let hint: CompletedLog.Segment?

  /// What a look into the log has found.
  struct Found {
    /// The generation of the data file.
    let generation: Int
    /// Those of the requested transactions that are completed, by their identifiers.
    let transactions: [String: Transaction]
    /// Where they were found.
    let segment: CompletedLog.Segment?
  }

  /// Finds which transactions are completed; `nil` when the data file has to be recovered first.
  ///
  /// - Parameters:
  ///   - ids: The identifiers of the transactions.
  ///   - generation: Their lines, if there are any, come after this one.
  /// - Returns: What was found.
  /// - Throws: `TransactionError` when the log cannot be read.
  func completed(_ ids: Set<String>, after generation: Int) throws(TransactionError) -> Found? {
    guard let visible = visibleGeneration() else { return nil }
    let count = max(0, visible - generation)
    let byteCount = 4096 + min(count, SystemCalls.maxFileBytes) * Self.typicalLineBytes
    if let hint, let text = try? end(of: hint, byteCount: byteCount) {
      let found = ids.compactMap { id in
        text.line(beginning: Self.beginning(of: id))
      }.filter { $0.sequence <= visible }
      if found.count == ids.count {
        return Found(
          generation: visible, transactions: Self.byIdentifier(found), segment: hint)
      }
    }
    let log = CompletedLog(directory: directory, system: system)
    let tail = try log.tail(after: generation, of: try log.segments(), expecting: count)
    let completed = tail.lines.filter {
      $0.sequence <= visible && ids.contains($0.transaction.id)
    }
    return Found(
      generation: visible, transactions: Self.byIdentifier(completed), segment: tail.segment)
  }

  private static func byIdentifier(_ lines: [CompletedLine]) -> [String: Transaction] {
    Dictionary(lines.map { ($0.transaction.id, $0.transaction) }) { first, _ in first }
  }

  /// Returns the generation of the data file; `nil` if it is not as the store wrote it.
  private func visibleGeneration() -> Int? {
    guard let file = try? system.openToRead(directory.dataFile),
      let status = try? system.status(file),
      let header = try? DataFile.header(of: file, status, system)
    else { return nil }
    return header.generation
  }

  private func end(
    of segment: CompletedLog.Segment, byteCount: Int
  ) throws(Errno) -> [UInt8] {
    let file = try system.openToRead(directory.log + "/" + segment.name)
    let size = try system.status(file).size
    let start = max(0, size - byteCount)
    return try system.read(file, at: start, count: size - start)
  }

  /// Returns what follows the sequence in the line of a transaction.
  private static func beginning(of id: String) -> [UInt8] {
    Array(",\"transactionId\":\"\(id)\"".utf8)
  }
}

extension [UInt8] {
  /// Searches backwards for the line that has these bytes after its sequence; `nil` if there is none or
  /// it is damaged.
  fileprivate func line(beginning bytes: [UInt8]) -> CompletedLine? {
    let openingBytes = #"{"sequence":"#.utf8.count
    var end = lastIndex(of: 0x0A)
    while let lineEnd = end {
      let lineStart = (self[..<lineEnd].lastIndex(of: 0x0A) ?? -1) + 1
      let line = self[lineStart...lineEnd]
      let rest = line.dropFirst(openingBytes).drop(while: \.isDigit)
      if rest.starts(with: bytes) { return CompletedLine(parsing: line) }
      end = lineStart > 0 ? lineStart - 1 : nil
    }
    return nil
  }
}
