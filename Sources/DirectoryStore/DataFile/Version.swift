package import DurableStore
import JSON

/// One state of the data file: the log's lines 1 to `generation` added up (I5).
package struct Version<State: DurableState>: Sendable {
  package var generation: Int
  package var state: State
  /// Members of `meta` that another program put there; they survive a rewrite.
  var foreignMeta = JSONObject()
  /// What is known about the file that holds it; `nil` when it has to be laid out anew.
  var image: FileImage?

  /// What a new store holds.
  package static var initial: Version { Version(generation: 0, state: .initial) }

  /// Applies a transaction by the state's own rules; a change increments the generation.
  mutating func apply(_ transaction: Transaction) throws(Rejection) -> Effect {
    guard generation < DataFile.generations.upperBound else {
      throw Rejection(code: "exhausted", reason: "The store has used up its generations.")
    }
    let effect = try transaction.isReplacement ? replace(transaction) : state.apply(transaction)
    switch effect {
    case .applied:
      generation += 1
      image = nil
    case .inserted(let insertion):
      generation += 1
      if image?.insert(insertion) != true { image = nil }
    case .alreadyApplied: break
    }
    return effect
  }

  /// Applies a transaction, unless the result could not be read back.
  ///
  /// Only a transaction that replaces the whole state can contain something that the state's rules accept
  /// and the data file cannot represent.
  mutating func applyForTheFirstTime(_ transaction: Transaction) throws(Rejection) -> Effect {
    guard transaction.isReplacement else { return try apply(transaction) }
    var next = self
    let effect = try next.apply(transaction)
    guard next.canBeReadBack(after: transaction) else {
      throw Rejection(
        code: "bad_contents", reason: "The contents could not be read back as they are.")
    }
    self = next
    return effect
  }

  /// Returns whether its data file, and the log line that leads to it, would be read back as this version.
  func canBeReadBack(after transaction: Transaction) -> Bool {
    let text = FileImage.layingOut(self).text
    guard case .intact(let found) = DataFile.reading(text) as DataFile.Reading<State>,
      FileImage.layingOut(found).text == text,
      let line = CompletedLine(
        parsing: CompletedLine(
          sequence: generation, transaction, status: .completed, completedAt: 0
        )
        .text)
    else { return false }
    var replayed = Version.initial
    replayed.replay(CollectionOfOne(line)) { _ in }
    return FileImage.layingOut(replayed).text == text
  }

  private mutating func replace(_ transaction: Transaction) throws(Rejection) -> Effect {
    guard let contents = transaction.data["contents"]?.object else {
      throw Rejection(code: "no_contents", reason: "The transaction has no contents.")
    }
    do {
      (state, foreignMeta) = try DataFile.parts(of: contents)
    } catch {
      throw Rejection(code: "bad_contents", reason: "The contents are not a state: \(error)")
    }
    return .applied
  }

  /// Applies completed lines, in order.
  ///
  /// A line that the rules refuse now was accepted when it was committed; it is reported.
  package mutating func replay(
    _ lines: some Sequence<CompletedLine>, _ report: (StoreEvent) -> Void
  ) {
    for line in lines {
      generation = line.sequence - 1
      do throws(Rejection) {
        if case .alreadyApplied(let id) = try apply(line.transaction) {
          report(.failed("replay \(line.transaction.id): already applied as \(id)"))
        }
      } catch {
        report(.failed("replay \(line.transaction.id): \(error.reason)"))
      }
      generation = line.sequence
    }
  }
}
