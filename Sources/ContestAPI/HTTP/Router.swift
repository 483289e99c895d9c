import CGI
import HTTPTypes

/// Which endpoint answers which request.
enum Router {
  /// Answers a request.
  typealias Endpoint = @Sendable (Site, Request) throws(APIError) -> Response

  private struct Route {
    /// A trailing slash matches any one name below the path; a star matches any one name in its place.
    let path: String
    let endpoints: [(method: HTTPRequest.Method, endpoint: Endpoint)]
  }

  private static let routes: [Route] =
    [
      Route(path: "/health", endpoints: [(.get, health)]),
      Route(path: "/ready", endpoints: [(.get, ready)]),
      Route(path: "/categories.json", endpoints: [(.get, categories)]),
      Route(path: "/api/site", endpoints: [(.get, facts)]),
      Route(path: "/enter", endpoints: [(.get, entryPage)]),
      Route(path: "/vote", endpoints: [(.get, votePage), (.post, voteByForm)]),
      Route(path: "/api/page-head", endpoints: [(.get, pageHead)]),
      Route(path: "/api/submit", endpoints: [(.post, submit)]),
      Route(path: "/api/feed", endpoints: [(.get, feed)]),
      Route(path: "/api/winners", endpoints: [(.get, winners)]),
      Route(path: "/api/login", endpoints: [(.post, logIn)]),
      Route(path: "/api/logout", endpoints: [(.post, logOut)]),
      Route(path: "/api/session", endpoints: [(.get, session)]),
      Route(path: "/api/submissions", endpoints: [(.get, submissions)]),
      Route(
        path: "/api/submissions/",
        endpoints: [
          (.get, receipt), (.patch, editSubmission), (.delete, removeSubmission),
        ]),
      Route(path: "/api/submissions/*/category", endpoints: [(.post, moveSubmission)]),
      Route(path: "/api/submissions/*/photo", endpoints: [(.get, entrantsPhoto)]),
      Route(path: "/api/submissions/*/withdraw", endpoints: [(.post, withdraw)]),
      Route(path: "/api/erasures", endpoints: [(.get, erasures), (.post, planErasure)]),
      Route(path: "/api/erasures/", endpoints: [(.post, carryOutErasure)]),
      Route(path: "/api/photos/", endpoints: [(.get, organizersPhoto)]),
      Route(path: "/api/save-winners", endpoints: [(.post, saveWinners)]),
      Route(
        path: "/api/winners-draft", endpoints: [(.get, winnersDraft), (.post, saveWinnersDraft)]),
      Route(path: "/api/publish-winners", endpoints: [(.post, publishWinners)]),
      Route(path: "/api/undo-winners", endpoints: [(.post, undoWinners)]),
      Route(path: "/api/moderation", endpoints: [(.post, moderate)]),
      Route(path: "/api/categories", endpoints: [(.post, saveCategories)]),
      Route(path: "/api/event", endpoints: [(.post, saveEvent)]),
      Route(path: "/api/event/start", endpoints: [(.post, startEvent)]),
      Route(path: "/api/event/finalize", endpoints: [(.post, finalizeEvent)]),
      Route(path: "/api/event/reopen", endpoints: [(.post, reopenEvent)]),
      Route(
        path: "/api/event/archive", endpoints: [(.get, archivePlan), (.post, archiveEvent)]),
      Route(path: "/api/event/unarchive", endpoints: [(.post, unarchiveEvent)]),
      Route(path: "/api/event/logo", endpoints: [(.post, saveLogo), (.delete, deleteLogo)]),
      Route(path: "/api/export", endpoints: [(.get, export)]),
      Route(path: "/api/judges", endpoints: [(.get, judges), (.post, saveJudges)]),
      Route(path: "/api/judges/*/link", endpoints: [(.post, linkJudge)]),
      Route(path: "/api/sheets", endpoints: [(.get, sheets), (.post, saveSheets)]),
      Route(path: "/api/rounds", endpoints: [(.get, rounds), (.post, saveRounds)]),
      Route(path: "/api/rounds/*/open", endpoints: [(.post, openRound)]),
      Route(path: "/api/rounds/*/lock", endpoints: [(.post, lockRound)]),
      Route(path: "/api/rounds/*/reopen", endpoints: [(.post, reopenRound)]),
      Route(path: "/api/rounds/*/decide", endpoints: [(.post, decideRound)]),
      Route(path: "/api/rounds/*/progress", endpoints: [(.get, roundProgress)]),
      Route(path: "/api/rounds/*/result", endpoints: [(.get, roundResult)]),
      Route(path: "/api/rounds/*/audit.csv", endpoints: [(.get, roundAudit)]),
      Route(path: "/api/rounds/*/recuse", endpoints: [(.post, recuse)]),
      Route(path: "/api/rounds/*/call", endpoints: [(.post, callToStage)]),
      Route(path: "/api/rounds/*/scorecards/*/*", endpoints: [(.put, keyInCard)]),
      Route(path: "/api/call", endpoints: [(.get, stage)]),
      Route(path: "/api/judge/session", endpoints: [(.post, startJudgeSession)]),
      Route(path: "/api/judge/rounds", endpoints: [(.get, judgeRounds)]),
      Route(path: "/api/judge/scorecards/*/*", endpoints: [(.put, putScorecard)]),
      Route(path: "/api/voting", endpoints: [(.get, voting), (.post, saveVoting)]),
      Route(path: "/api/voting/open", endpoints: [(.post, openVoting)]),
      Route(path: "/api/voting/close", endpoints: [(.post, closeVoting)]),
      Route(path: "/api/voting/reopen", endpoints: [(.post, reopenVoting)]),
      Route(path: "/api/voting/publish", endpoints: [(.post, publishVoting)]),
      Route(path: "/api/voting/aside", endpoints: [(.post, setBallotAside)]),
      Route(path: "/api/voting/paper", endpoints: [(.post, keyInBallot)]),
      Route(path: "/api/voting/odd", endpoints: [(.get, oddBallots)]),
      Route(path: "/api/voting/result", endpoints: [(.get, votingResult)]),
      Route(path: "/api/voting/reveal", endpoints: [(.post, revealPlace)]),
      Route(path: "/api/voting/seal-key", endpoints: [(.post, makeSealKey)]),
      Route(path: "/api/voting/seal", endpoints: [(.post, sealVoting)]),
      Route(path: "/api/voting/unseal", endpoints: [(.post, unsealVoting)]),
      Route(path: "/api/voting/run-off", endpoints: [(.post, runOff)]),
      Route(path: "/api/voting/trackers", endpoints: [(.get, votingTrackers)]),
      Route(path: "/api/voting/trackers.csv", endpoints: [(.get, votingTrackersTable)]),
      Route(path: "/api/vote-batches", endpoints: [(.get, voteBatches), (.post, makeVoteBatch)]),
      Route(path: "/api/vote-batches/", endpoints: [(.get, voteBatch)]),
      Route(path: "/api/vote-batches/*/void", endpoints: [(.post, voidCodes)]),
      Route(path: "/api/vote", endpoints: [(.post, vote)]),
      Route(path: "/api/vote/check", endpoints: [(.post, checkCode)]),
      Route(path: "/api/metrics", endpoints: [(.get, metrics)]),
      Route(path: "/api/doctor", endpoints: [(.get, doctor)]),
      Route(path: "/api/setup", endpoints: [(.get, setupState), (.post, setUp)]),
      Route(path: "/metrics", endpoints: [(.get, prometheusMetrics)]),
      // The web server serves these as files; only requests with another method get here.
      Route(path: "/", endpoints: [(.get, file)]),
      // The live process answers these.
      Route(path: "/api/events", endpoints: [(.get, file)]),
      Route(path: "/api/realtime-health", endpoints: [(.get, file)]),
      Route(path: "/api/realtime-metrics", endpoints: [(.get, file)]),
      Route(path: "/index.html", endpoints: [(.get, file)]),
      Route(path: "/winners.html", endpoints: [(.get, file)]),
      Route(path: "/receipt.html", endpoints: [(.get, file)]),
      Route(path: "/show", endpoints: [(.get, file)]),
      Route(path: "/judge", endpoints: [(.get, file)]),
      Route(path: "/page-worker.js", endpoints: [(.get, file)]),
      Route(path: "/call", endpoints: [(.get, file)]),
      Route(path: "/setup", endpoints: [(.get, file)]),
      Route(path: "/admin", endpoints: [(.get, file)]),
      Route(path: "/admin.html", endpoints: [(.get, file)]),
      Route(path: "/assets/*/*", endpoints: [(.get, file)]),
      Route(path: "/uploads/", endpoints: [(.get, photo)]),
    ] + renditionPaths.map { Route(path: $0, endpoints: [(.get, rendition)]) }

  /// Finds the endpoint; `HEAD` is `GET` without the content (RFC 9110, section 9.3.2).
  ///
  /// - Throws: `APIError` with 404 for an unknown path, 405 and `Allow` for another method.
  static func endpoint(for request: Request) throws(APIError) -> Endpoint {
    guard let route = routes.first(where: { matches($0.path, request.path) }) else {
      throw .notFound()
    }
    let method = request.method == .head ? .get : request.method
    guard let endpoint = route.endpoints.first(where: { $0.method == method })?.endpoint else {
      let allowed = route.endpoints.flatMap {
        $0.method == .get ? ["GET", "HEAD"] : ["\($0.method)"]
      }
      throw APIError(
        .methodNotAllowed, code: "method_not_allowed",
        "Use \(allowed.joined(separator: ", ")) here."
      ).with(.allow, allowed.joined(separator: ", "))
    }
    return endpoint
  }

  /// Returns a request's metric labels; unknown methods and paths all become `other`.
  static func labels(of request: Request) -> (method: String, route: String) {
    let route = routes.first { matches($0.path, request.path) }?.path ?? "other"
    let isFolder = route.hasSuffix("/") && route != "/"
    let methods: [HTTPRequest.Method] = [
      .get, .head, .post, .put, .patch, .delete, .options,
    ]
    return (
      methods.contains(request.method) ? request.method.rawValue : "other",
      isFolder
        ? route + "{name}"
        : route.split(separator: "*", omittingEmptySubsequences: false).joined(separator: "{name}")
    )
  }

  /// What follows the folder in a path such as `/api/submissions/<id>`.
  static func lastSegment(of request: Request) -> String {
    String(
      request.path[(request.path.lastIndex(of: "/") ?? request.path.startIndex)...].dropFirst())
  }

  private static func matches(_ template: String, _ path: String) -> Bool {
    if template.contains("*") { return matches(starred: template, path) }
    guard template.hasSuffix("/"), template != "/" else { return template == path }
    let rest = path.dropFirst(template.count)
    return path.hasPrefix(template) && !rest.isEmpty && !rest.contains("/")
  }

  private static func matches(starred template: String, _ path: String) -> Bool {
    let (wanted, given) = (segments(of: template), segments(of: path))
    return wanted.count == given.count
      && zip(wanted, given).allSatisfy { $0 == "*" ? !$1.isEmpty : $0 == $1 }
  }

  private static func segments(of path: String) -> [Substring] {
    path.split(separator: "/", omittingEmptySubsequences: false)
  }

  /// What the web server has as a file.
  private static let file: Endpoint = { (_, _) throws(APIError) in throw .notFound() }
}
