import CGI
import Contest
import DurableStore
import HTTPTypes
import JSON
import Photos

/// Which entries everybody sees.
extension Router {
  /// How many decisions one request may hold.
  private static let maxDecisions = 200

  /// `POST /api/moderation` with `{"approve":[ids],"reject":[ids]}`: decides on entries, each in a
  /// transaction of its own.
  static let moderate: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let decisions = try decisions(of: try JSONBody.object(of: request), try site.contest().state)
    var transactionIDs: [JSONValue] = []
    for decision in decisions {
      do throws(APIError) {
        guard let transactionID = try decide(decision, site) else { continue }
        transactionIDs.append(.string(transactionID))
      } catch {
        throw error.with("decided", .int(transactionIDs.count))
      }
    }
    return .json(["success": true, "transactionIds": .array(transactionIDs)])
  }

  private static func decisions(
    of object: JSONObject, _ contest: Contest
  ) throws(APIError) -> [ModerationDecision] {
    var decisions: [ModerationDecision] = []
    for (name, moderation) in [("approve", Moderation.approved), ("reject", .rejected)] {
      guard let value = object[name] else { continue }
      guard let ids = value.array?.map(\.string), !ids.contains(nil) else { throw .noDecisions }
      for id in ids.compactMap(\.self) {
        guard let entry = contest.entry(id: id) else {
          throw .notFound("There is no entry “\(id)”.")
        }
        // Its photo must not be shown for a decision that is then refused.
        if entry.isErased { throw APIError(.entryErased as Refusal) }
        guard entry.withdrawnAtMilliseconds == nil else {
          throw APIError(.entryWithdrawn as Refusal)
        }
        decisions.append(ModerationDecision(entry, moderation))
      }
    }
    guard (1...maxDecisions).contains(decisions.count) else { throw .noDecisions }
    return decisions
  }

  /// Decides on one entry; returns the transaction's identifier, or `nil` if the decision was not new.
  private static func decide(_ decision: ModerationDecision, _ site: Site) throws(APIError)
    -> String?
  {
    // Show the photo first, so that clients that receive the event can load it.
    if decision.moderation == .approved,
      let photo = (decision.shown["imageUrl"]?.string).flatMap(StoredPhoto.init(url:))
    {
      site.photos.show(photo)
    }
    // Others may decide meanwhile, so the photo finally follows the entry's state.
    defer { site.entryPhotos.settle(ofEntry: decision.entryID) }
    let entry = try site.contest().state.entry(id: decision.entryID)
    guard (entry?.moderation ?? .approved) != decision.moderation else { return nil }
    return try site.commit(.moderate(decision)).transactionID
  }
}

extension APIError {
  fileprivate static var noDecisions: APIError {
    .badRequest(
      "malformed", "Send 1 to 200 decisions as {\"approve\":[entry ids],\"reject\":[entry ids]}.")
  }
}
