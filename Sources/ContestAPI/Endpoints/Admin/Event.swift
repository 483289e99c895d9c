import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Photos

/// What the contest is called, and when it is.
extension Router {
  /// `POST /api/event`: changes the members of the event that are named, or makes one; with `If-Match` only
  /// if it is unchanged since `/api/site` had that entity tag.
  static let saveEvent: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    var members = try JSONBody.object(of: request)
    let contest = try site.contest().state
    let state = try wantedState(takenFrom: &members, contest)
    let id = site.surroundings.identifier()
    let event = try refusing { () throws(Refusal) in
      guard let event = contest.event else { return try Event(members, id: id) }
      return try event.changed(by: members)
    }
    let mark = try site.markOfSeenEvent(request, contest)
    return try commit(.setEvent(state.map(event.moved) ?? event, replacing: mark), site)
  }

  /// `POST /api/event/start`: ends the rehearsal.
  ///
  /// A snapshot is made, the rehearsal's entries are removed, and the event is live.
  static let startEvent: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let contest = try site.contest().state
    guard let event = contest.event, event.state == .rehearsal else {
      throw APIError(.badState(contest.event?.state) as Refusal)
    }
    let snapshot = try site.attempt { () throws(TransactionError) in try site.store.makeSnapshot() }
    let transactionID = site.committer.newTransactionID()
    do throws(TransactionError) {
      let receipt = try site.committer.commit(
        .start(event.moved(to: .live)), transactionID: transactionID)
      site.store.keepReserve()
      return .json([
        "success": true, "transactionId": .string(receipt.transactionID),
        "snapshot": .string(snapshot),
      ])
    } catch {
      throw APIError(error).with("transactionId", .string(transactionID))
    }
  }

  /// `POST /api/event/logo`: a form with `photo`, which the pages show beside the event's name.
  static let saveLogo: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    guard let event = try site.contest().state.event else {
      throw APIError(.badState(nil) as Refusal)
    }
    let form = try SubmissionForm.read(request, site, storesPhoto: true)
    guard let photo = try form.keepPhoto(isHidden: false) else {
      throw .badRequest("no_photo", "Send the logo as the form's “photo”.")
    }
    do throws(APIError) {
      let response = try commit(.setEvent(event.withLogo(photo.url)), site)
      removeLogo(of: event, site)
      return response
    } catch {
      // With an unknown outcome gc removes it, if nothing refers to it.
      if error.status != .serviceUnavailable { site.photos.remove(photo) }
      throw error
    }
  }

  /// `DELETE /api/event/logo`: takes the logo away.
  static let deleteLogo: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    guard let event = try site.contest().state.event, event.logo != nil else {
      throw .notFound("There is no logo.")
    }
    let response = try commit(.setEvent(event.withLogo(nil)), site)
    removeLogo(of: event, site)
    return response
  }

  private static func removeLogo(of event: Event, _ site: Site) {
    if let photo = event.logo.flatMap(StoredPhoto.init(url:)) { site.photos.remove(photo) }
  }

  /// Takes `state` out of the members: an event without entries may be rehearsed first, or not.
  private static func wantedState(
    takenFrom members: inout JSONObject, _ contest: Contest
  ) throws(APIError) -> Event.State? {
    guard let value = members["state"] else { return nil }
    members["state"] = nil
    guard let state = value.string.flatMap(Event.State.init), state != .finalized else {
      throw .badRequest("malformed", "The state is rehearsal or live.")
    }
    guard state != contest.event?.state ?? .live else { return nil }
    guard contest.allEntries.allSatisfy({ $0.entries.isEmpty }) else {
      throw APIError(
        .conflict, code: "has_entries",
        state == .live
          ? "The rehearsal has entries. Start the event, which removes them."
          : "There are entries, which a rehearsal would remove. Archive or remove them first.")
    }
    return state
  }
}

extension Site {
  /// Returns the mark of the event that a request's `If-Match` refers to; `nil` without that field.
  ///
  /// - Throws: `APIError` with 412 when the event has changed.
  fileprivate func markOfSeenEvent(
    _ request: Request, _ contest: Contest
  ) throws(APIError) -> ListMark? {
    guard let field = request.fields[.ifMatch] else { return nil }
    let mark = ListMark(of: contest.event)
    // A web server that compresses makes a strong tag weak; what it names is the same.
    let isSeen = field.split(separator: ",").contains { element in
      let tag = element.drop { $0 == " " }.prefix { $0 != " " }
      return tag == "*" || tag == "\"\(mark.text)\"" || tag == "W/\"\(mark.text)\""
    }
    guard isSeen else { throw APIError(.changedMeanwhile as Refusal) }
    return mark
  }
}
