import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// Printed codes.
extension Router {
  /// `GET /api/vote-batches`: the batches, without a code; how many have voted, and what was set aside.
  static let voteBatches: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let contest = try site.contest().state
    return .json([
      "batches": .array(contest.voting.batches.map { .object(publicJSON($0)) }),
      "seal": contest.voting.seal.map { .string($0.name) } ?? .null,
      "wasSealed": .bool(contest.voting.wasSealed), "mustBeSealed": .bool(site.settings.sealsVotes),
      "turnout": .int(contest.turnout), "turnoutShown": .bool(contest.voting.showsTurnout),
      "setAside": .array(contest.voting.asides), "tallySeen": .bool(contest.voting.isTallySeen),
    ])
  }

  /// `POST /api/vote-batches {"count"}`: makes a batch, and answers with its codes.
  static let makeVoteBatch: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    guard let count = try JSONBody.object(of: request)["count"]?.int else {
      throw .badRequest(
        "malformed", "Send how many codes to make: 1 to \(VoteBatch.maxCount), as {\"count\":100}.")
    }
    return try basedOnLatest(request) { () throws(APIError) in
      let voting = try site.contest().state.voting
      _ = try request.seen(ListMark(of: voting))
      let changed = try refusing { () throws(Refusal) in
        try voting.adding(codes: count, atMilliseconds: site.surroundings.nowMilliseconds())
      }
      guard let batch = changed.batches.last else { throw .notFound() }
      // The key first: a batch without one has no codes.
      try site.attempt { () throws(FileError) in try site.votingKeys.makeKey(ofBatch: batch.id) }
      _ = try site.commit(.voting(VotingChange(.batch, changed, replacing: ListMark(of: voting))))
      return try codes(of: batch, site)
    }
  }

  /// `GET /api/vote-batches/{id}`: its codes, to print them.
  static let voteBatch: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let voting = try site.contest().state.voting
    let id = lastSegment(of: request)
    guard let batch = voting.batches.first(where: { $0.id == id }) else {
      throw .notFound("There is no batch “\(id)”.")
    }
    return try codes(of: batch, site)
  }

  /// `POST /api/vote-batches/{id}/void {"from","to"}`: takes back the codes from one serial to another.
  static let voidCodes: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.object(of: request)
    let ends = ["from", "to"].map { name in
      (body[name]?.string).flatMap {
        VotingSerial.serial(of: String(Base32.read($0).prefix(4)))
      }
    }
    guard let first = ends[0], let last = ends[1], first <= last else {
      throw .badRequest(
        "malformed",
        "Send the first and the last code, or their first four characters, as {\"from\",\"to\"}.")
    }
    let batch = request.pathSegments[2]
    return try changeVoting(.void, by: request, site) { voting, now throws(Refusal) in
      try voting.voiding(first...last, ofBatch: batch, atMilliseconds: now)
    }
  }

  private static func codes(of batch: VoteBatch, _ site: Site) throws(APIError) -> Response {
    let voting = try site.contest().state.voting
    let key = try VotingCodes(keys: site.votingKeys, voting: voting).key(of: batch)
    let codes = batch.serials.filter { !batch.isVoid($0) }
      .map { VotingCode(serial: $0, key: key) }
    var object = publicJSON(batch)
    object["success"] = true
    object["codes"] = .array(codes.map { .string($0.text) })
    return .json(.object(object))
  }

  private static func publicJSON(_ batch: VoteBatch) -> JSONObject {
    JSONObject([
      .init(name: "id", value: .string(batch.id)),
      .init(name: "from", value: .string(VotingSerial.text(batch.serials.lowerBound))),
      .init(name: "to", value: .string(VotingSerial.text(batch.serials.upperBound))),
      .init(name: "count", value: .int(batch.serials.count)),
      .init(
        name: "void",
        value: .array(
          batch.void.map { range in
            [
              "from": .string(VotingSerial.text(range.lowerBound)),
              "to": .string(VotingSerial.text(range.upperBound)),
            ]
          })),
    ])
  }
}
