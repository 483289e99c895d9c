import CGI
import Contest
import DurableStore
import HTTPTypes
import JSON
import Logging
import Photos

/// What only an administrator may do.
extension Router {
  private static let maxNewest = 200

  /// `GET /api/submissions`: every entry with all its members.
  ///
  /// `?ids=a,b` selects those entries, `?newest=20` that many of each category; the response then has
  /// `counts`, the number of entries by category.
  static let submissions: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    let contest = try site.contest().state
    let listed = contest.categories.map(\.id)
    let others = contest.allEntries.map(\.category).filter { !listed.contains($0) }
    let wanted = (request.query["ids"]?.split(separator: ",")).map { Set($0.map(String.init)) }
    let newest = request.query["newest"].map { Int($0) ?? -1 }
    guard (newest.map { (0...maxNewest).contains($0) }) ?? true else {
      throw .badRequest("bad_number", "newest is a number from 0 to \(maxNewest).")
    }
    // Nothing is left to see of what was erased.
    func entries(in category: String) -> [Entry] {
      contest.entries(in: category).filter { !$0.isErased }
    }
    let lists = (listed + others).map { category in
      let all = entries(in: category)
      let entries =
        wanted.map { wanted in all.filter { wanted.contains($0.id) } }
        ?? Array(newest.map { all.prefix($0) } ?? all[...])
      return JSONObject.Member(name: category, value: .array(entries.map(\.json)))
    }
    if wanted != nil || newest != nil {
      let counts = (listed + others).map { category in
        JSONObject.Member(name: category, value: .int(entries(in: category).count))
      }
      return .json([
        "submissions": .object(JSONObject(lists)), "counts": .object(JSONObject(counts)),
      ])
    }
    return .json([
      "submissions": .object(JSONObject(lists)),
      "placesPerCategory": .int(site.settings.placesPerCategory),
    ])
  }

  /// `POST /api/categories`: replaces the list; with `If-Match` only if it is unchanged since
  /// `/categories.json` had that entity tag.
  static let saveCategories: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    guard let values = try JSONBody.object(of: request)["categories"]?.array else {
      throw .badRequest("malformed", "Send the list as {\"categories\":[{\"id\",\"name\"}]}.")
    }
    let known = try site.contest().state.knownCategories
    let categories = try refusing { () throws(Refusal) in try Category.list(values, known: known) }
    // Errors of the request itself take precedence (RFC 9110, section 13.2.1).
    let mark = try site.markOfSeenCategories(request)
    return try commit(.setCategories(categories, replacing: mark), site)
  }

  /// `DELETE /api/submissions/{id}`: removes an entry and its photo.
  static let removeSubmission: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let id = lastSegment(of: request)
    let contest = try site.contest().state
    guard let entry = contest.entry(id: id) else {
      throw .notFound("There is no entry “\(id)”.")
    }
    let response = try commit(.remove(entryID: id, category: entry.category), site)
    // Without its entry nothing links to the photo; gc removes it if this fails.
    let isShared = contest.entries(withImage: entry.imageURL).count > 1
    if !isShared, let url = entry.imageURL {
      site.outbox.remove(at: url, mayBeMoving: entry.storageMethod == "local-fallback")
    }
    // Refill the reserve before new submissions take the space just freed.
    site.store.keepReserve()
    return response
  }

  /// Runs what the contest's rules may refuse.
  static func refusing<Result>(
    _ body: () throws(Refusal) -> Result
  ) throws(APIError) -> Result {
    do throws(Refusal) {
      return try body()
    } catch {
      throw APIError(error)
    }
  }

  /// How often a change is tried again when somebody else was quicker.
  private static let maxAttempts = 50

  /// Runs a read and the change that is based on it, again when somebody else was quicker.
  ///
  /// - Parameters:
  ///   - request: The request; with `If-Match` it is about one version, and nothing is tried again.
  ///   - body: Reads the contest, and commits.
  /// - Returns: What the body returns.
  /// - Throws: `APIError`; 412 `changed_meanwhile` when others were quicker each time.
  static func basedOnLatest<Result>(
    _ request: Request, _ body: () throws(APIError) -> Result
  ) throws(APIError) -> Result {
    var attempt = 1
    while true {
      do throws(APIError) {
        return try body()
      } catch {
        let isRepeated = error.code == "changed_meanwhile" && request.fields[.ifMatch] == nil
        guard isRepeated, attempt < maxAttempts else { throw error }
      }
      attempt += 1
    }
  }

  /// Commits a change, and answers with its transaction.
  static func commit(_ change: Change, _ site: Site) throws(APIError) -> Response {
    let receipt = try site.commit(change)
    return .json(["success": true, "transactionId": .string(receipt.transactionID)])
  }
}

extension Site {
  /// Commits a change.
  ///
  /// - Parameters:
  ///   - change: The change.
  ///   - transactionID: The transaction's identifier; `nil` for a new one.
  /// - Returns: The receipt.
  /// - Throws: `APIError` with the transaction's identifier.
  func commit(
    _ change: Change, transactionID: String? = nil
  ) throws(APIError) -> CommitReceipt {
    let transactionID = transactionID ?? committer.newTransactionID()
    do throws(TransactionError) {
      return try committer.commit(change, transactionID: transactionID)
    } catch {
      throw APIError(error).with("transactionId", .string(transactionID))
    }
  }

  /// Returns the mark of the categories that a request's `If-Match` refers to; `nil` without that field.
  ///
  /// An entity tag of `/categories.json` begins with a generation that the list has been at. So the tag matches if no transaction since then has changed the categories.
  /// - Throws: `APIError` with 412 when the categories have changed.
  fileprivate func markOfSeenCategories(_ request: Request) throws(APIError) -> ListMark? {
    guard let field = request.fields[.ifMatch] else { return nil }
    let snapshot = try contest()
    let mark = ListMark(of: snapshot.state.categories)
    if field == "*" { return mark }
    let tags = field.split(separator: ",").compactMap { Router.generation(ofTag: $0) }
    for generation in tags where (0...snapshot.generation).contains(generation) {
      let since = try attempt { () throws(TransactionError) in
        try store.completedTransactions(after: generation)
      }
      let isWhole = since.count >= snapshot.generation - generation
      if isWhole, !since.contains(where: \.transaction.changesCategories) { return mark }
    }
    throw APIError(.changedMeanwhile as Refusal)
  }

  /// Refuses a write that is not an administrator's own.
  func requireAdministratorsWrite(_ request: Request) throws(APIError) {
    try requireSameOrigin(request)
    try requireAdministrator(request)
  }
}

extension Transaction {
  fileprivate var changesCategories: Bool {
    isReplacement || operation.hasPrefix("categories-update-")
  }
}
