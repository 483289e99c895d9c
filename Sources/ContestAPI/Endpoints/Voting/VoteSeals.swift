import CGI
import Contest
import HTTPTypes
import JSON

/// Ballots that nobody can count before the vote is over.
extension Router {
  /// `POST /api/voting/seal-key`: makes a key to print.
  ///
  /// The site keeps it nowhere: without it nobody can count.
  static let makeSealKey: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    guard let key = SealKey.random() else {
      throw APIError(
        .serviceUnavailable, code: "unavailable", "No key could be made. Try again.")
    }
    var response = Response.json([
      "success": true, "key": .string(key.text), "name": .string(key.seal.name),
    ])
    response.fields[.cacheControl] = "no-store"
    return response
  }

  /// `POST /api/voting/seal {"key","replaces"}`: seals the ballots; of the key, the site keeps the public half.
  ///
  /// With `replaces`, the name of the key of before or `null`, it is refused if somebody else has sealed meanwhile.
  static let sealVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let body = try JSONBody.object(of: request)
    let (key, replaced) = (try key(in: body), body["replaces"])
    return try changeVoting(.seal, by: request, site) { voting, now throws(Refusal) in
      if let replaced, replaced.string != voting.seal?.name { throw .inUse(sealedMeanwhile) }
      return try voting.sealed(by: key.seal, atMilliseconds: now)
    }
  }

  /// `POST /api/voting/unseal {"key"}`: opens the ballots once the vote is closed, to count them.
  static let unsealVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let key = try key(in: try JSONBody.object(of: request))
    return try changeVoting(.unseal, by: request, site) { voting, now throws(Refusal) in
      try voting.unsealed(with: key, atMilliseconds: now)
    }
  }

  private static let sealedMeanwhile =
    "Somebody else has sealed the ballots meanwhile, with another key. Look again."

  /// The key that a request names.
  static func key(in body: JSONObject) throws(APIError) -> SealKey {
    guard let typed = body["key"]?.string, typed.utf8.count <= 200, let key = SealKey(typed: typed)
    else {
      throw .badRequest(
        "malformed",
        "Send the printed key as {\"key\":\"…\"}: 52 digits and letters; I, L, O and U do not occur."
      )
    }
    return key
  }
}

extension Site {
  /// Checks that a vote may open: where `VOTE_SEAL` is on, only with sealed ballots.
  func requireSeal(_ seal: VoteSeal?) throws(Refusal) {
    guard !settings.sealsVotes || seal != nil else { throw .notSealed }
  }
}
