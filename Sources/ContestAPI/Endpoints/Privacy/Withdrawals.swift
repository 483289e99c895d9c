import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON

/// Entrants who take their entry back.
extension Router {
  /// `POST /api/submissions/{submissionId}/withdraw {"confirm":true}`: by whoever has the receipt.
  ///
  /// The entry is out of everybody's sight at once, and erased after an hour; until then `{"confirm":false}`
  /// takes the withdrawal back.
  static let withdraw: Endpoint = { (site, request) throws(APIError) in
    try site.requireSameOrigin(request)
    guard let isWithdrawn = try JSONBody.object(of: request)["confirm"]?.bool else {
      throw .badRequest(
        "not_confirmed", "Confirm it with {\"confirm\":true}; {\"confirm\":false} takes it back.")
    }
    let submissionID = request.pathSegments[2]
    guard let entry = try site.contest().state.entry(ofSubmission: submissionID) else {
      throw .notFound("There is no entry for this submission.")
    }
    if entry.isErased { throw APIError(.entryErased as Refusal) }
    let withdrawal = Withdrawal(
      entry, atMilliseconds: site.surroundings.nowMilliseconds(), isTakenBack: !isWithdrawn)
    var answer = JSONObject([.init(name: "success", value: true)])
    if withdrawal.changes(entry) {
      let receipt = try site.commit(.withdraw(withdrawal))
      answer["transactionId"] = .string(receipt.transactionID)
    }
    site.entryPhotos.settle(ofEntry: entry.id)
    answer.addWithdrawal(
      atMilliseconds: try site.contest().state.entry(ofSubmission: submissionID)?
        .withdrawnAtMilliseconds)
    return .json(.object(answer))
  }
}

extension JSONObject {
  /// Adds when an entry was withdrawn, and when it is erased for good.
  mutating func addWithdrawal(atMilliseconds time: Int?) {
    guard let time else { return }
    self["withdrawnAt"] = .int(time)
    self["erasedAt"] = .int(time + Withdrawal.graceMilliseconds)
  }
}
