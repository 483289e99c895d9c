public import JSON

/// The audience's vote: when it takes place, who may vote, what may be chosen.
///
/// ```json
/// {"state":"open","opensAt":null,"closesAt":1793000000000,"categories":null,"choices":3,"mode":"code",
///  "turnoutShown":true,"reopened":[],"batches":[{"id":"1","from":0,"to":499,"void":[]}],"setAside":[],"result":null}
/// ```
public struct Voting: Sendable, Equatable {
  /// How far it is.
  public enum State: String, Sendable {
    /// Being prepared: nobody can vote.
    case setup
    case open
    /// Organizers see the result; ballots of paper may still be keyed in.
    case closed
    /// The result is public, and does not change any more.
    case published
  }

  /// How a voter is told apart from others.
  public enum Mode: String, Sendable {
    /// By a code on a printed card.
    case code
    /// By the browser.
    case device
  }

  /// The most entries that one ballot may name.
  public static let maxChoices = 10
  private static let editable = [
    "opensAt", "closesAt", "categories", "choices", "mode", "turnoutShown",
  ]

  /// The batches of codes.
  public let batches: [VoteBatch]
  /// The run-off that it is; `nil` for a vote among all entries.
  public let runOff: RunOff?
  /// What ballots are sealed with now, read once; `nil` if they are not.
  public let seal: VoteSeal?
  private let object: JSONObject
  /// Whose ballots do not count, read once: a tally asks for each.
  private let setAside: Set<String>

  /// A vote that nobody has set up yet.
  public init() {
    self.init(
      JSONObject([
        .init(name: "state", value: .string(State.setup.rawValue)),
        .init(name: "opensAt", value: .null), .init(name: "closesAt", value: .null),
        .init(name: "categories", value: .null), .init(name: "choices", value: 3),
        .init(name: "mode", value: .string(Mode.code.rawValue)),
        .init(name: "turnoutShown", value: false), .init(name: "reopened", value: []),
        .init(name: "batches", value: []), .init(name: "setAside", value: []),
        .init(name: "result", value: .null),
      ]))
  }

  /// Reads a vote of a data file; members of other programs are kept.
  ///
  /// - Throws: `Refusal.malformed` when it has no known state or mode, or a batch cannot be read.
  public init(stored value: JSONValue) throws(Refusal) {
    guard let object = value.object, object["state"]?.string.flatMap(State.init) != nil,
      object["mode"]?.string.flatMap(Mode.init) != nil
    else { throw .malformed("The vote has no state or no mode.") }
    self.init(object)
    guard batches.count == object["batches"]?.array?.count ?? 0 else {
      throw .malformed("A batch of codes cannot be read.")
    }
    // A time, a card or a ballot that is not understood must not count as none.
    let times = ["opensAt", "closesAt", "tallySeenAt"].map { object[$0] ?? .null }
    guard times.allSatisfy({ $0 == .null || $0.int != nil }),
      runOff != nil || object["runOff"] ?? .null == .null,
      asides.allSatisfy({ $0.object?["ballot"]?.string != nil }), areSealsKnown
    else {
      throw .malformed(
        "A time of the vote, its run-off, a seal or what was set aside cannot be read.")
    }
  }

  /// Whether all seals and keys can be read.
  private var areSealsKnown: Bool {
    guard let values = object["seals"] else { return true }
    return values.array?.count == seals.count
      && seals.allSatisfy { $0["publicKey"]?.string.flatMap(VoteSeal.init(base64:)) != nil }
      && sealKeys.count == seals.count { $0["key"] != nil }
  }

  private init(_ object: JSONObject) {
    self.object = object
    batches = (object["batches"]?.array ?? []).compactMap { try? VoteBatch(stored: $0) }
    runOff = object["runOff"].flatMap(RunOff.init(stored:))
    let asides = object["setAside"]?.array ?? []
    setAside = Set(asides.compactMap { $0.object?["ballot"]?.string })
    let last = object["seals"]?.array?.last?.object
    seal = last?["key"] == nil ? last?["publicKey"]?.string.flatMap(VoteSeal.init(base64:)) : nil
  }

  /// The vote as the data file has it.
  public var json: JSONValue { .object(object) }

  /// The state that the organizers have put it in; its times may have moved it on.
  public var decidedState: State { object["state"]?.string.flatMap(State.init) ?? .setup }
  /// How voters are told apart.
  public var mode: Mode { object["mode"]?.string.flatMap(Mode.init) ?? .code }
  /// How many entries a ballot may name, from 1 on.
  public var choices: Int { min(max(object["choices"]?.int ?? 3, 1), Self.maxChoices) }
  /// The categories whose entries may be chosen; `nil` for all.
  public var categories: [String]? { object["categories"]?.array?.compactMap(\.string) }
  /// When it opens by itself, in milliseconds since 1970 UTC.
  public var opensAtMilliseconds: Int? { object["opensAt"]?.int }
  /// When it closes by itself, in milliseconds since 1970 UTC.
  public var closesAtMilliseconds: Int? { object["closesAt"]?.int }
  /// Whether everybody may know how many have voted.
  public var showsTurnout: Bool { object["turnoutShown"] == true }
  /// When and why it was opened again after it had been closed: `[{"at","reason"}]`.
  public var reopenings: [JSONValue] { object["reopened"]?.array ?? [] }
  /// The place that the projector shows, and its entries: `{"place","entries"}`.
  public var revealed: JSONValue? { object["revealed"] }
  /// The ballots that do not count, with the reasons: `[{"ballot","reason","at"}]`.
  public var asides: [JSONValue] { object["setAside"]?.array ?? [] }
  /// The result, once it is published.
  public var result: JSONObject? { object["result"]?.object }
  /// What ballots were sealed with, the last one last: `[{"publicKey","at","key"}]`; it has its `key` once it was opened.
  private var seals: [JSONObject] { object["seals"]?.array?.compactMap(\.object) ?? [] }

  /// The identifiers of the entries that have a place in the published result.
  public var placedEntries: Set<String> { result.map(Tally.entries(in:)) ?? [] }

  /// How far it is at a time, in milliseconds since 1970 UTC.
  public func state(atMilliseconds now: Int) -> State {
    switch decidedState {
    case .setup:
      guard let opensAtMilliseconds, now >= opensAtMilliseconds else { return .setup }
      return isOver(now) ? .closed : .open
    case .open: return isOver(now) ? .closed : .open
    case .closed, .published: return decidedState
    }
  }

  private func isOver(_ now: Int) -> Bool { closesAtMilliseconds.map { now >= $0 } ?? false }

  /// Whether an organizer has seen how many votes anybody has: what counts is then not chosen any more.
  public var isTallySeen: Bool { object["tallySeenAt"]?.int != nil }

  /// Whether somebody has seen the tally since it was closed, or opened again.
  var isBeingCounted: Bool {
    guard let seenAt = object["tallySeenAt"]?.int else { return false }
    return seenAt >= reopenings.compactMap { $0.object?["at"]?.int }.max() ?? 0
  }

  /// Whether ballots are sealed, or were before they were opened.
  public var wasSealed: Bool { !seals.isEmpty }

  /// The keys that were typed in to count.
  var sealKeys: [SealKey] { seals.compactMap { $0["key"]?.string.flatMap(SealKey.init(typed:)) } }

  // MARK: Who counts

  /// The batch that a serial is of.
  public func batch(ofSerial serial: Int) -> VoteBatch? {
    batches.first { $0.serials.contains(serial) }
  }

  /// Whether the code of a voter is void.
  public func isVoid(_ voter: String) -> Bool {
    guard let serial = VotingSerial.serial(of: voter) else { return false }
    return batch(ofSerial: serial)?.isVoid(serial) ?? true
  }

  /// Whether a ballot is of this vote: in a run-off, those of before are not.
  func isCurrent(_ ballot: Ballot) -> Bool {
    runOff.map { ballot.atMilliseconds > $0.afterMilliseconds } ?? true
  }

  /// Whether the organizers have set a voter's ballot aside.
  public func isSetAside(_ voter: String) -> Bool {
    setAside.contains(voter)
  }

  /// About how long the ballots will be: one for each code, as far as a hall has people.
  public var expectedBallotBytes: Int {
    guard decidedState == .open || decidedState == .setup else { return 0 }
    let (perBallot, hall) = (seal == nil ? 200 : 270 + 64 * choices, 10_000)
    let cards = batches.reduce(0) { $0 + $1.serials.count }
    return perBallot * (mode == .device ? hall : min(hall, cards))
  }

  // MARK: Changes

  /// Returns the vote with what an administrator sends changed; `null` takes a member away.
  ///
  /// - Throws: `Refusal` with what is wrong; what voters have relied on does not change once it has begun.
  public func changed(by members: JSONObject, atMilliseconds now: Int) throws(Refusal) -> Voting {
    let form = ObjectForm(.object(members), of: "vote")
    var object = object
    for name in members.members.map(\.name) {
      guard Self.editable.contains(name) else {
        throw .malformed(
          "A vote has no “\(name)” that can be set here; it has "
            + "\(Self.editable.joined(separator: ", ")).")
      }
      object[name] = try Self.checked(name, form)
    }
    try requireSame(in: object, atMilliseconds: now)
    let changed = Voting(object)
    if let closes = changed.closesAtMilliseconds, closes != closesAtMilliseconds, closes < now {
      throw .malformed("The vote cannot close at a time that has passed. Close it now instead.")
    }
    if let opens = changed.opensAtMilliseconds, let closes = changed.closesAtMilliseconds,
      opens >= closes
    {
      throw .malformed("The vote must close after it has opened.")
    }
    return changed
  }

  /// What voters have relied on stays; what is closed is opened again with a reason, and not by another time.
  private func requireSame(in object: JSONObject, atMilliseconds now: Int) throws(Refusal) {
    let state = state(atMilliseconds: now)
    let fixed =
      state == .setup
      ? (runOff == nil ? [] : ["mode", "categories", "choices"])
      : ["mode", "categories", "choices", "opensAt"]
    let names = fixed + (state == .closed ? ["closesAt"] : [])
    guard state != .published, names.allSatisfy({ object[$0] == self.object[$0] }) else {
      throw .votingState(state)
    }
  }

  private static func checked(_ name: String, _ form: ObjectForm) throws(Refusal) -> JSONValue {
    if form[name] == .null, ["opensAt", "closesAt", "categories"].contains(name) { return .null }
    switch name {
    case "opensAt", "closesAt": return .int(try form.number(name, 0...253_402_300_799_999))
    case "categories":
      let ids = try form.identifiers(name, maxCount: Category.maxCount) ?? []
      guard !ids.isEmpty else { throw .malformed("Name a category, or null for all.") }
      return .array(ids.map(JSONValue.string))
    case "choices": return .int(try form.number(name, 1...maxChoices))
    case "turnoutShown": return .bool(try form.flag(name))
    default:
      guard let mode = form[name]?.string, Mode(rawValue: mode) != nil else {
        throw .malformed("A vote's mode is code or device.")
      }
      return .string(mode)
    }
  }

  /// Checks how many entries a ballot names.
  ///
  /// - Throws: `Refusal.badChoices`.
  public func check(_ ballotChoices: [String]) throws(Refusal) {
    let count = ballotChoices.count
    guard (1...choices).contains(count), Set(ballotChoices).count == count else {
      throw .badChoices(
        choices == 1 ? "Choose one entry." : "Choose 1 to \(choices) entries, each once.")
    }
  }

  /// Returns the vote with its ballots sealed once it opens, in place of a seal of before.
  public func sealed(by seal: VoteSeal, atMilliseconds now: Int) throws(Refusal) -> Voting {
    try require([.setup], now)
    return try adding(seal, atMilliseconds: now)
  }

  /// The vote with another seal, in place of one that is still to be opened.
  private func adding(_ seal: VoteSeal, atMilliseconds now: Int) throws(Refusal) -> Voting {
    // The private half of a key that has opened ballots is in the data file.
    guard !seals.contains(where: { $0["key"] != nil && $0["publicKey"]?.string == seal.base64 })
    else { throw .inUse("This key has opened ballots already. Make another one.") }
    let kept = (self.seal == nil ? seals[...] : seals.dropLast()).map(JSONValue.object)
    let new: JSONValue = ["publicKey": .string(seal.base64), "at": .int(now)]
    return with([("seals", .array(kept + [new]))])
  }

  /// Returns the vote with its ballots to be opened.
  ///
  /// - Throws: `Refusal`: it has to be closed, and the key to be that of its seal.
  public func unsealed(with key: SealKey, atMilliseconds now: Int) throws(Refusal) -> Voting {
    try require([.closed], now)
    // The answer to the first time may have been lost.
    if let last = seals.last, last["key"]?.string == key.text { return self }
    guard let seal, var last = seals.last else { throw .inUse("The ballots are not sealed.") }
    guard key.seal == seal else { throw .wrongKey(seal.name) }
    last["key"] = .string(key.text)
    // From now on no clock opens it again: the key is known.
    return with([
      ("state", .string(State.closed.rawValue)),
      ("seals", .array((seals.dropLast() + [last]).map(JSONValue.object))),
    ])
  }

  /// Returns the vote open.
  public func opened(atMilliseconds now: Int) throws(Refusal) -> Voting {
    try require([.setup], now)
    if mode == .code, batches.isEmpty {
      throw .malformed("Nobody could vote: print a batch of codes first.")
    }
    return with([
      ("state", .string(State.open.rawValue)), ("opensAt", .int(now)),
      ("closesAt", isOver(now) ? .null : object["closesAt"]),
    ])
  }

  /// Returns the vote closed.
  public func closed(atMilliseconds now: Int) throws(Refusal) -> Voting {
    try require([.open], now)
    return with([("state", .string(State.closed.rawValue)), ("closesAt", .int(now))])
  }

  /// Returns the vote open again; the result will say so.
  ///
  /// - Parameters:
  ///   - reason: Why.
  ///   - new: What ballots are sealed with from now on; `nil` for what they were, or nothing if those were opened.
  ///   - now: When, in milliseconds since 1970 UTC.
  /// - Returns: The vote, open.
  /// - Throws: `Refusal`: it has to be closed, and to have no seal yet if another one is given.
  public func reopened(
    _ reason: String, sealedBy new: VoteSeal? = nil, atMilliseconds now: Int
  ) throws(Refusal) -> Voting {
    try require([.closed], now)
    if let seal, new != nil { throw .votingSealed(seal.name) }
    if let new { return try adding(new, atMilliseconds: now).reopened(reason, atMilliseconds: now) }
    let reopening: JSONValue = ["at": .int(now), "reason": .string(reason)]
    return with([
      ("state", .string(State.open.rawValue)), ("closesAt", .null),
      ("reopened", .array(reopenings + [reopening])), ("revealed", nil),
    ])
  }

  /// Returns the vote with its result, which does not change any more.
  public func published(_ result: JSONObject, atMilliseconds now: Int) throws(Refusal) -> Voting {
    try require([.closed], now)
    try requireUnsealed()
    return with([("state", .string(State.published.rawValue)), ("result", .object(result))])
  }

  /// Returns the vote with another batch of codes.
  public func adding(codes count: Int, atMilliseconds now: Int) throws(Refusal) -> Voting {
    try require([.setup, .open], now)
    guard runOff == nil else {
      throw .inUse("The cards of the vote decide the run-off: there are no new ones for it.")
    }
    guard (1...VoteBatch.maxCount).contains(count) else {
      throw .malformed("A batch has 1 to \(VoteBatch.maxCount) codes.")
    }
    let first = batches.last.map { $0.serials.upperBound + 1 } ?? 0
    let last = first + count - 1
    guard last <= VotingSerial.highest else {
      throw .malformed("There are not that many codes left.")
    }
    let number = formerBatches + batches.count + 1
    let batch = VoteBatch(id: String(number), serials: first...last)
    return with([("batches", .array((batches + [batch]).map(\.json)))])
  }

  /// Returns the vote with some codes void.
  public func voiding(
    _ serials: ClosedRange<Int>, ofBatch id: String, atMilliseconds now: Int
  ) throws(Refusal) -> Voting {
    try require([.setup, .open, .closed], now)
    guard batches.contains(where: { $0.id == id }) else { throw .unknown("batch", id) }
    guard !isTallySeen else { throw .tallySeen }
    var changed: [VoteBatch] = []
    for batch in batches { changed.append(batch.id == id ? try batch.voiding(serials) : batch) }
    return with([("batches", .array(changed.map(\.json)))])
  }

  /// Returns the vote with ballots set aside, or taken back in: nobody has seen the tally yet.
  public func settingAside(
    _ voters: [String], _ reason: String?, atMilliseconds now: Int
  ) throws(Refusal) -> Voting {
    try require([.open, .closed], now)
    guard !isTallySeen else { throw .tallySeen }
    let others = asides.filter { aside in
      aside.object?["ballot"]?.string.map(voters.contains) != true
    }
    let aside: [JSONValue] =
      reason.map { reason in
        voters.map { ["ballot": .string($0), "reason": .string(reason), "at": .int(now)] }
      } ?? []
    return with([("setAside", .array(others + aside))])
  }

  /// Returns the vote with a note that an organizer has seen the tally; `nil` if one has before.
  public func seen(atMilliseconds now: Int) throws(Refusal) -> Voting? {
    try require([.closed], now)
    try requireUnsealed()
    return isTallySeen ? nil : with([("tallySeenAt", .int(now))])
  }

  /// Returns the vote with a place of a result for the projector to show, or none.
  ///
  /// - Throws: `Refusal`: it has to be closed, and to have that place.
  public func revealing(
    _ place: Int?, of result: JSONObject, atMilliseconds now: Int
  ) throws(Refusal) -> Voting {
    try require([.closed, .published], now)
    guard let place else { return with([("revealed", nil)]) }
    try requireUnsealed()
    try requireSeen()
    let group = Tally.places(in: result).first { $0["place"]?.int == place }
    guard let entries = group?["entries"] else {
      throw .malformed("The result has no place \(place).")
    }
    return with([("revealed", ["place": .int(place), "entries": entries])])
  }

  /// Returns a run-off of the entries that share a place: being set up, with one choice.
  ///
  /// - Throws: `Refusal`: it has to be closed, and that place to be shared.
  public func runningOff(
    place: Int, of result: JSONObject, excluding excluded: Set<String>, atMilliseconds now: Int
  ) throws(Refusal) -> Voting {
    try require([.closed], now)
    guard self.runOff == nil else {
      throw .malformed("There was a run-off. Entries that have tied again share the place.")
    }
    try requireUnsealed()
    try requireSeen()
    let runOff = try RunOff(
      ofPlace: place, in: result, excluding: excluded, atMilliseconds: now)
    return with([
      ("state", .string(State.setup.rawValue)), ("opensAt", .null), ("closesAt", .null),
      ("choices", 1), ("tallySeenAt", nil), ("revealed", nil), ("runOff", runOff.json),
    ])
  }

  /// Returns the vote as it was before anybody voted; the codes stay.
  func cleared() -> Voting {
    with([
      ("state", .string(State.setup.rawValue)), ("opensAt", .null), ("closesAt", .null),
      ("reopened", []), ("setAside", []), ("result", .null), ("tallySeenAt", nil),
      ("runOff", nil), ("revealed", nil),
      // A key that was printed and has sealed nothing yet is still to seal.
      ("seals", seal == nil ? nil : .array(seals.suffix(1).map(JSONValue.object))),
    ])
  }

  /// How many batches earlier events had: their identifiers name keys that are not used again.
  private var formerBatches: Int { object["formerBatches"]?.int ?? 0 }

  /// The vote of the next event: with this one's rules, and without its cards.
  func begunAnew() -> Voting {
    let former = formerBatches + batches.count
    return cleared().with([
      ("batches", []), ("seals", nil), ("formerBatches", former == 0 ? nil : .int(former)),
    ])
  }

  private func requireUnsealed() throws(Refusal) {
    guard let seal else { return }
    throw .votingSealed(seal.name)
  }

  /// A place that somebody asks for by its number would tell of the tally before it is seen.
  private func requireSeen() throws(Refusal) {
    guard isTallySeen || decidedState == .published else { throw .tallyNotSeen }
  }

  private func require(_ states: [State], _ now: Int) throws(Refusal) {
    let state = state(atMilliseconds: now)
    guard states.contains(state) else { throw .votingState(state) }
  }

  private func with(_ members: [(name: String, value: JSONValue?)]) -> Voting {
    var object = object
    for (name, value) in members { object[name] = value }
    return Voting(object)
  }
}
