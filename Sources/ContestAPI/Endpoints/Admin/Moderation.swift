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
  static let moderate: Action = { (site, request) throws(APIError) in
    try site.requireAdministratorsWrite(request)
    let verdicts = try verdicts(of: try JSONBody.object(of: request), try site.contest().state)
    var transactionIDs: [JSONValue] = []
    for verdict in verdicts {
      do throws(APIError) {
        guard let transactionID = try decide(verdict, site) else { continue }
        transactionIDs.append(.string(transactionID))
      } catch {
        throw error.with("decided", .int(transactionIDs.count))
      }
    }
    return .json(["success": true, "transactionIds": .array(transactionIDs)])
  }

  private static func verdicts(
    of object: JSONObject, _ contest: Contest
  ) throws(APIError) -> [Verdict] {
    var verdicts: [Verdict] = []
    for (name, moderation) in [("approve", Moderation.approved), ("reject", .rejected)] {
      guard let value = object[name] else { continue }
      guard let ids = value.array?.map(\.string), !ids.contains(nil) else { throw .noDecisions }
      for id in ids.compactMap(\.self) {
        guard let entry = contest.entry(id: id) else {
          throw .notFound("There is no entry “\(id)”.")
        }
        verdicts.append(Verdict(entry, moderation))
      }
    }
    guard (1...maxDecisions).contains(verdicts.count) else { throw .noDecisions }
    return verdicts
  }

  /// Decides on one entry; gives the transaction's identifier, or `nil` when it was decided so before.
  private static func decide(_ verdict: Verdict, _ site: Site) throws(APIError) -> String? {
    // Who is told of it finds the photo there.
    if verdict.moderation == .approved,
      let photo = (verdict.shown["imageUrl"]?.string).flatMap(StoredPhoto.init(url:))
    {
      site.photos.show(photo)
    }
    // Whatever others have decided meanwhile: the photo is where the entry's state says.
    defer { site.settlePhoto(ofEntry: verdict.entryID) }
    let entry = try site.contest().state.entry(id: verdict.entryID)
    guard (entry?.moderation ?? .approved) != verdict.moderation else { return nil }
    let transactionID = site.newTransactionID()
    do throws(TransactionError) {
      return try site.commit(.moderate(verdict), transactionID: transactionID).transactionID
    } catch {
      throw APIError(error).with("transactionId", .string(transactionID))
    }
  }
}

extension APIError {
  fileprivate static var noDecisions: APIError {
    .badRequest(
      "malformed", "Send 1 to 200 decisions as {\"approve\":[entry ids],\"reject\":[entry ids]}.")
  }
}
