import Contest
import DurableStore
import HTTPTypes
import JSON

/// Keeps cards, and says what became of each.
struct CardKeeper {
  /// A card that is kept.
  struct Kept {
    let card: Scorecard
    /// Whether it was kept before, when it was sent for the first time.
    let isReplayed: Bool
  }

  let site: Site

  /// Keeps a card, unless it was kept already.
  ///
  /// - Throws: `APIError`, with what the client needs to go on: the stored card, the criterion, the state.
  func keep(_ card: Scorecard, transactionID: String) throws(APIError) -> Kept {
    let place = card.place
    var contest = try site.contest().state
    let earlier: Scorecard?
    do throws(Refusal) {
      earlier = try contest.record(contest.settled(card))
    } catch {
      throw refusal(error, at: place, in: try site.contest().state)
    }
    if let earlier { return Kept(card: earlier, isReplayed: true) }
    do throws(APIError) {
      let receipt = try site.commit(.scorecard(card), transactionID: transactionID)
      let kept = try stored(at: place, receipt.transactionID)
      return Kept(card: kept ?? card, isReplayed: receipt.transactionID != transactionID)
    } catch {
      guard error.code == "revision_conflict" else { throw error }
      throw error.with("card", cardJSON(place, try site.contest().state))
    }
  }

  /// The card of a transaction: the leader may have made it late.
  private func stored(
    at place: Scorecard.Place, _ transactionID: String
  ) throws(APIError) -> Scorecard? {
    let jury = try site.contest().state.jury
    let newest = jury.card(at: place)
    return newest?.transactionID == transactionID
      ? newest : jury.cards.first { $0.transactionID == transactionID }
  }

  private func refusal(
    _ refusal: Refusal, at place: Scorecard.Place, in contest: Contest
  ) -> APIError {
    let error = APIError(refusal)
    return switch refusal {
    case .badScore(let criterion, _): error.with("criterion", .string(criterion))
    case .roundState(let state): error.with("state", .string(state.rawValue))
    case .revisionConflict, .notConfirmed: error.with("card", cardJSON(place, contest))
    default: error
    }
  }

  private func cardJSON(_ place: Scorecard.Place, _ contest: Contest) -> JSONValue {
    contest.jury.card(at: place)?.publicJSON ?? .null
  }
}

extension CardKeeper.Kept {
  /// `{"success":true,"transactionId","revision","state","at","late","card"}`.
  ///
  /// - Parameter isLate: Whether it came too late, and the round was not opened again since.
  /// - Returns: The receipt.
  func receipt(isLate: Bool) -> JSONValue {
    let members = card.json.object
    var receipt = JSONObject([
      .init(name: "success", value: true),
      .init(name: "transactionId", value: .string(card.transactionID)),
      .init(name: "round", value: .string(card.place.round)),
      .init(name: "entry", value: .string(card.place.entry)),
      .init(name: "revision", value: .int(card.revision)),
      .init(name: "state", value: .string(card.state.rawValue)),
      .init(name: "at", value: members?["at"] ?? .null),
      .init(name: "late", value: .bool(isLate)), .init(name: "card", value: card.publicJSON),
    ])
    receipt["replayed"] = isReplayed ? true : nil
    return .object(receipt)
  }
}

extension Scorecard {
  /// The card without the client's key and the transaction.
  var publicJSON: JSONValue {
    guard var object = json.object else { return .null }
    object["key"] = nil
    object["transactionId"] = nil
    return .object(object)
  }
}
