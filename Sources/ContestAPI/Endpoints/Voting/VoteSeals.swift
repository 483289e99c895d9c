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
    let key = SealKey()
    var response = Response.json([
      "success": true, "key": .string(key.text), "name": .string(key.seal.name),
    ])
    response.fields[.cacheControl] = "no-store"
    return response
  }

  /// `POST /api/voting/seal {"key"}`: seals the ballots from now on; of the key, the site keeps the public half.
  static let sealVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let key = try key(in: request)
    return try changeVoting(.seal, by: request, site) { voting, now throws(Refusal) in
      try voting.sealed(by: key.seal, atMilliseconds: now)
    }
  }

  /// `POST /api/voting/unseal {"key"}`: opens the ballots once the vote is closed, to count them.
  static let unsealVoting: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let key = try key(in: request)
    return try changeVoting(.unseal, by: request, site) { voting, now throws(Refusal) in
      try voting.unsealed(with: key, atMilliseconds: now)
    }
  }

  private static func key(in request: Request) throws(APIError) -> SealKey {
    let typed = try JSONBody.object(of: request)["key"]?.string
    guard let typed, typed.utf8.count <= 200, let key = SealKey(typed: typed) else {
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
  func requireSeal(of voting: Voting) throws(Refusal) {
    guard !settings.sealsVotes || voting.seal != nil else { throw .notSealed }
  }
}
