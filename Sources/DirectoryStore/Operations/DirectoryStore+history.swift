public import DurableStore
import Files
import Glibc
import JSON
import SystemPackage

extension CompletedTransaction {
  init(_ line: CompletedLine) {
    self.init(
      sequence: line.sequence, line.transaction, isRecovered: line.status == .recovered,
      completedAtMilliseconds: line.completedAtMilliseconds, line: Array(line.text.dropLast()))
  }
}

/// A moment in a store's past.
public enum Moment: Sendable {
  /// After the last transaction that was committed by then, in milliseconds since 1970 UTC.
  case time(milliseconds: Int)
  /// After the transaction with this identifier.
  case transaction(String)
}

extension DirectoryStore {
  /// Returns the completed transactions after a sequence, in order, as far as every reader may see them (I4).
  ///
  /// - Parameter sequence: 0 for all that the log still has.
  /// - Returns: The transactions.
  /// - Throws: `TransactionError` when the log cannot be read.
  public func completedTransactions(
    after sequence: Int
  ) throws(TransactionError) -> [CompletedTransaction] {
    let generation = try read().generation
    guard generation > sequence else { return [] }
    let log = CompletedLog(directory: directory, system: options.system)
    return try log.tail(
      after: sequence, of: try log.segments(), expecting: sequence > 0 ? generation - sequence : 0
    ).lines.filter { $0.sequence <= generation }.map(CompletedTransaction.init)
  }

  /// Rebuilds the text of the data file at a moment in the past, from a backup and the log.
  ///
  /// - Parameter moment: The moment.
  /// - Returns: The text, and its generation.
  /// - Throws: `TransactionError`, with `.unrecoverable` when no backup and log lead there.
  public func text(at moment: Moment) throws(TransactionError) -> (text: [UInt8], generation: Int) {
    let log = CompletedLog(directory: directory, system: options.system)
    let lines = try log.tail(after: 0).lines
    let target = try sequence(at: moment, lines)
    guard var version = try backup(notAfter: target, lines) else {
      throw TransactionError(
        step: .recover, object: directory.path,
        cause: .unrecoverable("no backup and log lead back to transaction \(target)"))
    }
    let missing = lines.filter { $0.sequence > version.generation && $0.sequence <= target }
    let hasGap = zip([version.generation] + missing.map(\.sequence), missing).contains {
      last, line in
      line.sequence != last + 1 && !line.transaction.isReplacement
    }
    version.replay(missing, options.report)
    guard version.generation == target, !hasGap else {
      throw TransactionError(
        step: .recover, object: directory.log,
        cause: .unrecoverable("the log lacks lines before transaction \(target)"))
    }
    return (FileImage.layingOut(version).text, target)
  }

  /// Returns the last sequence that was committed at a moment.
  private func sequence(
    at moment: Moment, _ lines: [CompletedLine]
  ) throws(TransactionError) -> Int {
    let first = lines.first?.sequence ?? 1
    let found: Int?
    switch moment {
    case .transaction(let id): found = lines.last { $0.transaction.id == id }?.sequence
    case .time(let milliseconds):
      let last = lines.last { $0.completedAtMilliseconds <= milliseconds }
      // A moment before the store's first line stands for the initial state.
      found = last?.sequence ?? (lines.first.map(Self.beginsStore) == true ? 0 : nil)
    }
    guard let found else {
      throw TransactionError(
        step: .recover, object: directory.log,
        cause: .unrecoverable("the log begins with transaction \(first), which is later"))
    }
    return found
  }

  /// Returns whether the store begins with a line: it is the first, and does not take over a state.
  private static func beginsStore(_ line: CompletedLine) -> Bool {
    line.sequence == 1 && !line.transaction.isReplacement
  }

  /// Returns the latest intact state that is not later than a sequence.
  private func backup(
    notAfter target: Int, _ lines: [CompletedLine]
  ) throws(TransactionError) -> Version<State>? {
    let reader = VersionReader(context, VersionCache<State>())
    let names = try attempting(.recover, on: directory.backups) { () throws(Errno) in
      try options.system.list(directory.backups).sorted()
    }
    let paths =
      [directory.checkpoint, directory.dataFile] + names.map { directory.backups + "/" + $0 }
    var best: Version<State>? = lines.first?.sequence == 1 ? .initial : nil
    for path in paths {
      guard let version = reader.intactVersion(at: path), version.generation <= target else {
        continue
      }
      if version.generation >= best?.generation ?? 0 { best = version }
    }
    return best
  }
}
