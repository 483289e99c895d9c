import JSON

/// One state of the data file: the log's lines 1 to `generation` added up (I5).
struct Version<State: DurableState>: Sendable {
  var generation: Int
  var state: State
  /// Members of `meta` that another program put there; they survive a rewrite.
  var foreignMeta = JSONObject()
  /// What is known about the file that holds it; `nil` when it has to be laid out anew.
  var image: FileImage?

  /// What a new store holds.
  static var initial: Version { Version(generation: 0, state: .initial) }

  /// Makes a transaction's change, by the state's own rules; the generation is then the next.
  mutating func apply(_ transaction: Transaction) throws(Rejection) -> Effect {
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

  /// Makes the changes of completed lines, in order.
  ///
  /// A line that the rules refuse now was refused by nobody when it was committed; it is told.
  mutating func replay(_ lines: some Sequence<CompletedLine>, _ report: (StoreEvent) -> Void) {
    for line in lines {
      generation = line.sequence - 1
      do throws(Rejection) {
        if case .alreadyApplied(let id) = try apply(line.transaction) {
          report(.failed("replay \(line.transaction.id): \(id) did the same"))
        }
      } catch {
        report(.failed("replay \(line.transaction.id): \(error.reason)"))
      }
      generation = line.sequence
    }
  }
}
