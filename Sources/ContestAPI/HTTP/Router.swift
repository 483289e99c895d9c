import CGI
import HTTPTypes

/// Which endpoint answers which request.
enum Router {
  typealias Action = @Sendable (Site, Request) throws(APIError) -> Response

  private struct Route {
    /// A path that ends with a slash stands for each name below it, and one with a star for each name
    /// in its place.
    let path: String
    let actions: [(method: HTTPRequest.Method, action: Action)]
  }

  private static let routes: [Route] =
    [
      Route(path: "/health", actions: [(.get, health)]),
      Route(path: "/ready", actions: [(.get, ready)]),
      Route(path: "/categories.json", actions: [(.get, categories)]),
      Route(path: "/api/site", actions: [(.get, facts)]),
      Route(path: "/enter", actions: [(.get, entryPage)]),
      Route(path: "/api/submit", actions: [(.post, submit)]),
      Route(path: "/api/feed", actions: [(.get, feed)]),
      Route(path: "/api/winners", actions: [(.get, winners)]),
      Route(path: "/api/login", actions: [(.post, logIn)]),
      Route(path: "/api/logout", actions: [(.post, logOut)]),
      Route(path: "/api/session", actions: [(.get, session)]),
      Route(path: "/api/submissions", actions: [(.get, submissions)]),
      Route(path: "/api/submissions/", actions: [(.get, receipt), (.delete, removeSubmission)]),
      Route(path: "/api/submissions/*/photo", actions: [(.get, entrantsPhoto)]),
      Route(path: "/api/photos/", actions: [(.get, organizersPhoto)]),
      Route(path: "/api/save-winners", actions: [(.post, saveWinners)]),
      Route(
        path: "/api/winners-draft", actions: [(.get, winnersDraft), (.post, saveWinnersDraft)]),
      Route(path: "/api/publish-winners", actions: [(.post, publishWinners)]),
      Route(path: "/api/undo-winners", actions: [(.post, undoWinners)]),
      Route(path: "/api/moderation", actions: [(.post, moderate)]),
      Route(path: "/api/categories", actions: [(.post, saveCategories)]),
      Route(path: "/api/metrics", actions: [(.get, metrics)]),
      Route(path: "/api/doctor", actions: [(.get, doctor)]),
      Route(path: "/api/setup", actions: [(.get, setupState), (.post, setUp)]),
      Route(path: "/metrics", actions: [(.get, prometheusMetrics)]),
      // The web server has these as files; a request for one with another method comes here.
      Route(path: "/", actions: [(.get, file)]),
      // The live process has these.
      Route(path: "/api/events", actions: [(.get, file)]),
      Route(path: "/api/realtime-health", actions: [(.get, file)]),
      Route(path: "/api/realtime-metrics", actions: [(.get, file)]),
      Route(path: "/index.html", actions: [(.get, file)]),
      Route(path: "/winners.html", actions: [(.get, file)]),
      Route(path: "/receipt.html", actions: [(.get, file)]),
      Route(path: "/show", actions: [(.get, file)]),
      Route(path: "/setup", actions: [(.get, file)]),
      Route(path: "/admin", actions: [(.get, file)]),
      Route(path: "/admin.html", actions: [(.get, file)]),
      Route(path: "/assets/*/*", actions: [(.get, file)]),
      Route(path: "/uploads/", actions: [(.get, photo)]),
    ] + renditionPaths.map { Route(path: $0, actions: [(.get, rendition)]) }

  /// Finds the endpoint; `HEAD` is `GET` without the content (RFC 9110, section 9.3.2).
  ///
  /// - Throws: `APIError` with 404 for an unknown path, 405 and `Allow` for another method.
  static func endpoint(for request: Request) throws(APIError) -> Action {
    guard let route = routes.first(where: { matches($0.path, request.path) }) else {
      throw .notFound()
    }
    let method = request.method == .head ? .get : request.method
    guard let action = route.actions.first(where: { $0.method == method })?.action else {
      let allowed = route.actions.flatMap {
        $0.method == .get ? ["GET", "HEAD"] : ["\($0.method)"]
      }
      throw APIError(
        .methodNotAllowed, "method_not_allowed", "Use \(allowed.joined(separator: ", ")) here."
      ).with(.allow, allowed.joined(separator: ", "))
    }
    return action
  }

  /// What a request is counted as; what a client makes up is not told apart.
  static func labels(of request: Request) -> (method: String, route: String) {
    let route = routes.first { matches($0.path, request.path) }?.path ?? "other"
    let isFolder = route.hasSuffix("/") && route != "/"
    let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .options]
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

  private static let file: Action = { (_, _) throws(APIError) in throw .notFound() }
}
