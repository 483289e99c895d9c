import CGI
import Contest
import DurableStore
import HTTPTypes
import JSON

/// Winners in steps: chosen, published, taken back.
extension Router {
  /// `POST /api/save-winners`: replaces the winners of the categories named, and publishes them.
  static let saveWinners: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    return try publish(try winnerLists(request, site), from: .given, site)
  }

  /// `GET /api/winners-draft`: what is chosen, what is published, and what an undo would publish:
  /// `{"draft":{…ids},"published":{…ids},"before":{…ids}}`.
  static let winnersDraft: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let contest = try site.contest().state
    return .json([
      "draft": Change.json(contest.winnersDraft), "published": Change.json(contest.winners),
      "before": Change.json(contest.winnersBefore),
    ])
  }

  /// `POST /api/winners-draft` with `{"winners":{"<category>":[ids]}}`: keeps a choice that nobody
  /// sees yet.
  static let saveWinnersDraft: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    return try commit(.draftWinners(try winnerLists(request, site)), site)
  }

  /// `POST /api/publish-winners`: publishes what is chosen, of all categories or of those that
  /// `{"categories":[ids]}` names.
  static let publishWinners: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let wanted = try JSONBody.object(of: request)["categories"]
    let draft = try site.contest().state.winnersDraft
    guard let wanted, wanted != .null else {
      guard !draft.isEmpty else { throw .nothingToPublish }
      return try publish(draft, from: .draft, site)
    }
    guard let categories = wanted.array?.map(\.string), !categories.contains(nil) else {
      throw .badRequest("malformed", "Send the categories as {\"categories\":[category ids]}.")
    }
    let lists = draft.filter { categories.contains($0.category) }
    guard !lists.isEmpty, lists.count == Set(categories).count else { throw .nothingToPublish }
    return try publish(lists, from: .draft, site)
  }

  /// `POST /api/undo-winners`: publishes the winners that the last publication replaced; a second call
  /// reverts the first.
  static let undoWinners: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let before = try site.contest().state.winnersBefore
    guard !before.isEmpty else {
      throw APIError(.conflict, code: "nothing_to_undo", "No winners have been published yet.")
    }
    return try publish(before, from: .before, site)
  }

  private static func publish(
    _ lists: [WinnerList], from source: WinnersSource, _ site: Site
  ) throws(APIError) -> Response {
    try commit(
      .setWinners(lists, from: source, revealsArtists: site.settings.revealsArtists), site)
  }

  private static func winnerLists(
    _ request: Request, _ site: Site
  ) throws(APIError) -> [WinnerList] {
    guard let object = try JSONBody.object(of: request)["winners"]?.object else {
      throw .badRequest("malformed", "Send the winners as {\"winners\":{\"<category>\":[ids]}}.")
    }
    let places = site.settings.placesPerCategory
    let known = try site.contest().state.knownCategories
    return try refusing { () throws(Refusal) in
      try Change.winnerLists(object, known: known)
    }.map { list in
      WinnerList(category: list.category, entryIDs: Array(list.entryIDs.prefix(places)))
    }
  }
}

extension APIError {
  fileprivate static var nothingToPublish: APIError {
    APIError(.conflict, code: "nothing_to_publish", "Choose winners first, then publish them.")
  }
}
