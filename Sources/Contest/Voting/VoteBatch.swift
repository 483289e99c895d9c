public import JSON

/// A batch of printed codes: the serials that were given out, and those that were taken back.
///
/// ```json
/// {"id":"1","from":0,"to":499,"void":[[17,17]]}
/// ```
public struct VoteBatch: Sendable, Equatable {
  /// How many codes one batch may have.
  public static let maxCount = 20_000
  /// How many ranges of a batch may be void.
  private static let maxRanges = 1000

  /// Which batch it is: the first is `1`.
  public let id: String
  /// The serials.
  public let serials: ClosedRange<Int>
  /// The serials that were taken back.
  public let void: [ClosedRange<Int>]

  /// Makes a batch with no void code.
  public init(id: String, serials: ClosedRange<Int>) {
    (self.id, self.serials, void) = (id, serials, [])
  }

  init(stored value: JSONValue) throws(Refusal) {
    guard let object = value.object, let id = object["id"]?.string,
      let first = object["from"]?.int, let last = object["to"]?.int, 0 <= first, first <= last,
      last <= VotingSerial.highest
    else { throw .malformed("A batch of codes has no id or no serials.") }
    self.id = id
    serials = first...last
    var void: [ClosedRange<Int>] = []
    for range in object["void"]?.array ?? [] {
      guard let ends = range.array?.compactMap(\.int), ends.count == 2, ends[0] <= ends[1],
        serials.contains(ends[0]), serials.contains(ends[1])
      else { throw .malformed("Batch \(id) has void codes that are none of it.") }
      void.append(ends[0]...ends[1])
    }
    self.void = void
  }

  private init(id: String, serials: ClosedRange<Int>, void: [ClosedRange<Int>]) {
    (self.id, self.serials, self.void) = (id, serials, void)
  }

  /// The batch as the data file has it.
  public var json: JSONValue {
    [
      "id": .string(id), "from": .int(serials.lowerBound), "to": .int(serials.upperBound),
      "void": .array(void.map { [.int($0.lowerBound), .int($0.upperBound)] }),
    ]
  }

  /// Whether a code counts.
  public func isVoid(_ serial: Int) -> Bool { void.contains { $0.contains(serial) } }

  /// Returns the batch with more codes void.
  ///
  /// - Throws: `Refusal.malformed` when they are not all of this batch, or there are too many ranges.
  func voiding(_ range: ClosedRange<Int>) throws(Refusal) -> VoteBatch {
    guard serials.contains(range.lowerBound), serials.contains(range.upperBound) else {
      throw .malformed(
        "Batch \(id) has the codes from \(VotingSerial.text(serials.lowerBound)) to "
          + "\(VotingSerial.text(serials.upperBound)).")
    }
    let isVoidAlready = void.contains { former in
      former.lowerBound <= range.lowerBound && range.upperBound <= former.upperBound
    }
    if isVoidAlready { return self }
    guard void.count < Self.maxRanges else {
      throw .malformed("Too many ranges of batch \(id) are void. Make another batch.")
    }
    return VoteBatch(id: id, serials: serials, void: void + [range])
  }
}
