import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Photos

/// Entering a tattoo, and the receipt of it.
extension Router {
  /// `POST /api/submit`: enters a tattoo, once for each key.
  static let submit: Endpoint = { (site, request) throws(APIError) in
    guard wantsPage(request) else { return try enter(request, site) }
    return page(answering: request) { () throws(APIError) in try enter(request, site) }
  }

  private static func enter(_ request: Request, _ site: Site) throws(APIError) -> Response {
    let form: SubmissionForm
    do throws(APIError) {
      try site.admitSubmission(request)
      // A photo that is there already need not be stored again, for which there may be no space.
      let isKnown =
        try headerKey(request).map { key throws(APIError) in
          try site.contest().state.entry(ofSubmission: key) != nil
        } ?? false
      form = try SubmissionForm.read(request, site, storesPhoto: !isKnown)
    } catch {
      throw headerKey(request).map { error.with("submissionId", .string($0)) } ?? error
    }
    let key = try key(request, form)
    let submissionID = key ?? "sub-" + site.surroundings.identifier()
    do throws(APIError) {
      let submission = Entry.Submission(
        category: try form.text("category"), caption: try form.writing("caption"),
        name: try form.writing("name"), phone: try form.writing("phone"),
        artist: try form.writing("artist"), studio: try form.writing("studio"),
        submissionID: submissionID)
      return try enter(submission, from: form, mayBeRepeated: key != nil, in: site)
    } catch {
      throw error.with("submissionId", .string(submissionID))
    }
  }

  /// `GET /api/submissions/{submissionId}`: the receipt, which holds no personal data.
  static let receipt: Endpoint = { (site, request) throws(APIError) in
    let contest = try site.contest().state
    guard let entry = contest.entry(ofSubmission: lastSegment(of: request)) else {
      throw .notFound("There is no entry for this submission.")
    }
    if entry.isErased { throw APIError(.entryErased as Refusal) }
    let receipt: JSONValue = [
      "submissionId": .string(entry.submissionID), "transactionId": transactionID(entry),
      "category": .string(entry.category), "createdAt": .int(entry.createdAtMilliseconds),
      "persisted": true,
    ]
    var object = receipt.object ?? JSONObject()
    object["number"] = entry.number.map(JSONValue.int)
    object["code"] = entry.receiptCode.map(JSONValue.string)
    object["imageUrl"] = entry.isShown ? entry.imageURL.map(JSONValue.string) : nil
    object["place"] = contest.publishedPlace(of: entry).map { .int($0) }
    object["feedback"] = contest.feedback(on: entry)
    object["status"] = entry.moderation.map { .string($0.rawValue) }
    object.addWithdrawal(atMilliseconds: entry.withdrawnAtMilliseconds)
    return .json(.object(object))
  }

  private static func enter(
    _ submission: Entry.Submission, from form: SubmissionForm, mayBeRepeated: Bool, in site: Site
  ) throws(APIError) -> Response {
    let now = site.surroundings.nowMilliseconds()
    if mayBeRepeated {
      let snapshot = try site.contest()
      if let entry = snapshot.state.entry(ofSubmission: submission.submissionID) {
        return try replay(of: entry, in: snapshot, to: submission, site)
      }
    }
    // The transaction decides; this check only saves storing a photo that would be refused anyway. What is
    // known may be behind, so it is looked at again before anybody is refused.
    if try refusal(of: submission, by: site.knownContest().state, at: now) != nil,
      let refusal = try refusal(of: submission, by: site.contest().state, at: now)
    {
      throw refusal
    }
    let photo = try form.keepPhoto(isHidden: site.settings.isModerated)
    let placed = photo.map { site.outbox.place($0) }
    let transactionID = site.committer.newTransactionID()
    let entry = Entry(
      submission, id: site.surroundings.identifier(), transactionID: transactionID,
      createdAtMilliseconds: now, imageURL: placed?.url,
      storageMethod: placed?.method ?? .none,
      moderation: site.settings.isModerated ? .pending : nil)
    return try commit(entry, of: submission, with: photo, in: site)
  }

  /// Returns why a contest would not take a submission; `nil` if it would.
  private static func refusal(
    of submission: Entry.Submission, by contest: Contest, at now: Int
  ) -> APIError? {
    guard let category = contest.category(id: submission.category) else {
      let message =
        submission.category.isEmpty
        ? "Choose a category." : "There is no category “\(submission.category)”."
      return .badRequest("unknown_category", message)
    }
    return category.refusal(at: now).map { APIError($0) }
  }

  /// Commits an entry; its photo goes with it.
  private static func commit(
    _ entry: Entry, of submission: Entry.Submission, with photo: StoredPhoto?, in site: Site
  ) throws(APIError) -> Response {
    let receipt: CommitReceipt
    do throws(TransactionError) {
      receipt = try site.committer.commit(.submit(entry), transactionID: entry.transactionID)
    } catch {
      // With an unknown outcome the entry may still come, and needs its photo.
      if error.outcome == .notCommitted {
        if let photo { site.photos.remove(photo) }
        if let url = entry.imageURL, url != photo?.url { site.outbox.remove(at: url) }
      }
      throw APIError(error).with("transactionId", .string(entry.transactionID))
    }
    // Once the photo is at Cloudinary, the local file is not needed.
    if let photo, entry.imageURL != photo.url { site.photos.remove(photo) }
    guard receipt.isReplayed else {
      return confirmation(of: try committed(entry, by: receipt, in: site), receipt, to: submission)
    }
    // Another process was quicker with the same key.
    if let url = entry.imageURL { site.outbox.remove(at: url) }
    let snapshot = try site.contest()
    guard let earlier = snapshot.state.entry(ofSubmission: entry.submissionID) else {
      throw .removed
    }
    return try replay(of: earlier, in: snapshot, to: submission, site)
  }

  /// Returns the entry as committed; the commit may have changed its time.
  private static func committed(
    _ entry: Entry, by receipt: CommitReceipt, in site: Site
  ) throws(APIError) -> Entry {
    guard let transaction = receipt.committed else {
      return try site.contest().state.entry(ofSubmission: entry.submissionID) ?? entry
    }
    return Change.submittedEntry(written: transaction.dataText) ?? entry
  }

  private static func replay(
    of entry: Entry, in snapshot: Snapshot<Contest>, to submission: Entry.Submission, _ site: Site
  ) throws(APIError) -> Response {
    if entry.isErased { throw APIError(.entryErased as Refusal) }
    do throws(TransactionError) {
      let receipt = try site.store.receipt(ofFound: entry.transactionID, in: snapshot)
      return confirmation(of: entry, receipt, to: submission)
    } catch {
      throw APIError(error)
    }
  }

  /// Returns the response of success, which requires a receipt (I2).
  ///
  /// A key may be guessed or used twice, so name and phone go only to a client that sent the same ones.
  private static func confirmation(
    of entry: Entry, _ receipt: CommitReceipt, to submission: Entry.Submission
  ) -> Response {
    var rest = JSONObject()
    rest["storageMethod"] = .string(entry.storageMethod)
    rest["submissionId"] = .string(entry.submissionID)
    rest["persistenceConfirmed"] = true
    rest["transactionId"] = transactionID(entry)
    if receipt.isReplayed { rest["replayed"] = true }
    // The entry's text is as it is stored; it need not be parsed to be shown.
    return .json(
      text: Array(#"{"success":true,"entry":"#.utf8) + shown(entry, to: submission)
        + [UInt8(ascii: ",")] + JSONValue.object(rest).serialized.dropFirst())
  }

  /// Returns the text of an entry as its submitter may see it.
  private static func shown(_ entry: Entry, to submission: Entry.Submission) -> ArraySlice<UInt8> {
    let sent = [
      ("name", submission.name), ("phone", submission.phone), ("artist", submission.artist),
      ("studio", submission.studio),
    ]
    if sent.allSatisfy({ (entry.string($0.0) ?? "") == $0.1 }) { return entry.text }
    var shown = entry.json.object ?? JSONObject()
    for (name, _) in sent { shown[name] = nil }
    return JSONValue.object(shown).serialized[...]
  }

  /// Returns the transaction's identifier; null for an entry of the original application.
  private static func transactionID(_ entry: Entry) -> JSONValue {
    entry.transactionID.isEmpty ? .null : .string(entry.transactionID)
  }

  private static func headerKey(_ request: Request) -> String? {
    HTTPField.Name("Idempotency-Key").flatMap { request.fields[$0] }
  }

  /// The client's key, from the header field or the form.
  private static func key(_ request: Request, _ form: SubmissionForm) throws(APIError) -> String? {
    let field = try form.text("submissionId")
    let keys = [headerKey(request), field.isEmpty ? nil : field].compactMap(\.self)
    guard let key = keys.first else { return nil }
    guard Set(keys).count == 1 else {
      throw .badRequest("bad_key", "Idempotency-Key and submissionId differ.")
    }
    guard (8...64).contains(key.utf8.count), Category.isIdentifier(key) else {
      throw .badRequest("bad_key", "The key is 8 to 64 letters, digits, - or _.")
    }
    return key
  }
}

extension Site {
  /// Applies the submission rate limit, unless the web server has already done so; requests from this
  /// machine are exempt.
  fileprivate func admitSubmission(_ request: Request) throws(APIError) {
    let address = request.metaVariables["REMOTE_ADDR"] ?? ""
    guard request.metaVariables["SUBMITS_LIMITED"] == nil, !address.isEmpty,
      !ClientNetwork.isLoopback(address)
    else { return }
    let throttle = SubmitThrottle(folder, ratePerMinute: settings.submitRate)
    let now = surroundings.nowMilliseconds()
    let key = HTTPField.Name("Idempotency-Key").flatMap { request.fields[$0] }
      .flatMap { Category.isIdentifier($0) ? $0 : nil }
    guard let seconds = throttle.admit(address, key: key, nowMilliseconds: now) else { return }
    throw APIError(
      .tooManyRequests, code: "too_often", "That was too often. Wait a moment and try again."
    ).with(.retryAfter, String(seconds))
  }
}
