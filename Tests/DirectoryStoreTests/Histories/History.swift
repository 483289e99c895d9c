import Foundation

/// The operations of threads in several processes on a store, and their results, to be compared with
/// the order that the store reports.
///
/// A history is linearizable if each operation can be given a moment between its beginning and its
/// end at which it takes effect (Herlihy and Wing, "Linearizability: a correctness condition for
/// concurrent objects", 1990). Here the order of the commits is known: it is the order of the rows.
/// So it is enough to check that no operation stands before another that had ended when it began.
struct History {
  struct Operation {
    var begin = 0
    /// `nil` if the operation did not end because its process was killed.
    var end: Int?
    /// The key that is committed; `nil` for a read.
    var key: String?
    var isCommitted = false
    /// Whether the caller was told that the key is not committed.
    var isRefused = false
    /// How many rows a read saw.
    var count: Int?
  }

  private(set) var operations: [Operation] = []

  /// Reads what `HistoryWriter` wrote.
  init(parsing text: String) {
    var current: [Substring: Operation] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 4 || words.last == "read", words.count >= 3, let time = Int(words[2])
      else { continue }
      if words[1] == "begin" {
        if let unfinished = current[words[0]] { operations.append(unfinished) }
        var operation = Operation()
        operation.begin = time
        if words[3] == "commit" { operation.key = String(words[4]) }
        current[words[0]] = operation
      } else if var operation = current.removeValue(forKey: words[0]) {
        operation.end = time
        operation.isCommitted = words[3] == "committed"
        operation.isRefused = words.last == "notCommitted"
        if words[3] == "read" { operation.count = words.last.flatMap { Int($0) } }
        operations.append(operation)
      }
    }
    operations += current.values
  }

  /// Returns everything that the rows, in their order, cannot explain.
  func violations(rows: [String]) -> [String] {
    let positions = Dictionary(
      rows.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var found: [String] = []
    if positions.count != rows.count { found.append("a key is there twice") }
    for operation in operations {
      guard let key = operation.key else { continue }
      if operation.isCommitted, positions[key] == nil { found.append("\(key) is lost") }
      if operation.isRefused, positions[key] != nil {
        found.append("\(key) was refused, but is there")
      }
    }
    return found + violationsOfOrder(positions)
  }

  /// Follows time: each operation that has ended sets the least number of rows for those that begin later.
  private func violationsOfOrder(_ positions: [String: Int]) -> [String] {
    var found: [String] = []
    var moments: [(time: Int, isEnd: Bool, index: Int)] = []
    for (index, operation) in operations.enumerated() {
      moments.append((operation.begin, false, index))
      if let end = operation.end { moments.append((end, true, index)) }
    }
    moments.sort { ($0.time, $0.isEnd ? 1 : 0) < ($1.time, $1.isEnd ? 1 : 0) }
    var least = 0
    var leastAtBegin: [Int: Int] = [:]
    for moment in moments {
      let operation = operations[moment.index]
      guard moment.isEnd else {
        leastAtBegin[moment.index] = least
        continue
      }
      let wanted = leastAtBegin[moment.index] ?? 0
      if let count = operation.count {
        if count < wanted { found.append("a read saw \(count) rows, after \(wanted) were seen") }
        least = max(least, count)
      } else if operation.isCommitted, let key = operation.key, let position = positions[key] {
        if position < wanted {
          found.append("\(key) stands at \(position), after \(wanted) were seen")
        }
        least = max(least, position + 1)
      }
    }
    return found
  }
}
