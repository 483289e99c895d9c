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
    let state = try wantedState(takenFrom: &members)
    let (id, rest) = (site.surroundings.identifier(), members)
    return try changeEvent(of: site, seenBy: request) { (event) throws(Refusal) in
      let changed = if let event { try event.changed(by: rest) } else { try Event(rest, id: id) }
      return state.map(changed.moved) ?? changed
    }
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
    let receipt = try site.commit(.start(event.moved(to: .live)))
    site.store.keepReserve()
    return .json([
      "success": true, "transactionId": .string(receipt.transactionID),
      "snapshot": .string(snapshot),
    ])
  }

  /// `POST /api/event/logo`: a form with `photo`, which the pages show beside the event's name.
  static let saveLogo: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let former = try site.contest().state.event
    guard let former else { throw APIError(.badState(nil) as Refusal) }
    let form = try SubmissionForm.read(request, site, storesPhoto: true)
    guard let photo = try form.keepPhoto(isHidden: false) else {
      throw .badRequest("no_photo", "Send the logo as the form's “photo”.")
    }
    // If this fails, the photo may be the logo nevertheless; gc removes one that nothing refers to.
    let response = try changeLogo(of: site, seenBy: request, to: photo.url)
    removeLogo(of: former, site)
    return response
  }

  /// `DELETE /api/event/logo`: takes the logo away.
  static let deleteLogo: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    guard let former = try site.contest().state.event, former.logo != nil else {
      throw .notFound("There is no logo.")
    }
    let response = try changeLogo(of: site, seenBy: request, to: nil)
    removeLogo(of: former, site)
    return response
  }

  private static func changeLogo(
    of site: Site, seenBy request: Request, to url: String?
  ) throws(APIError) -> Response {
    try changeEvent(of: site, seenBy: request) { (event) throws(Refusal) in
      guard let event else { throw .badState(nil) }
      return event.withLogo(url)
    }
  }

  private static func removeLogo(of event: Event, _ site: Site) {
    if let photo = event.logo.flatMap(StoredPhoto.init(url:)) { site.photos.remove(photo) }
  }

  /// Takes `state` out of the members; the contest decides whether it may be so.
  private static func wantedState(
    takenFrom members: inout JSONObject
  ) throws(APIError) -> Event.State? {
    guard let value = members["state"] else { return nil }
    members["state"] = nil
    guard let state = value.string.flatMap(Event.State.init), state != .finalized else {
      throw .badRequest("malformed", "The state is rehearsal or live.")
    }
    return state
  }

  /// Changes the event as it is, again if somebody else was quicker and the client did not say what it saw.
  private static func changeEvent(
    of site: Site, seenBy request: Request,
    _ change: (Event?) throws(Refusal) -> Event
  ) throws(APIError) -> Response {
    try basedOnLatest(request) { () throws(APIError) in
      let current = try site.contest().state.event
      // Errors of the request itself take precedence (RFC 9110, section 13.2.1).
      let event = try refusing { () throws(Refusal) in try change(current) }
      let mark = ListMark(of: current)
      _ = try request.seen(mark)
      return try commit(.setEvent(event, replacing: mark), site)
    }
  }
}
