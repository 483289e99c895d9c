public import Contest
public import JSON

/// An erasure that is planned: nobody has carried it out yet.
///
/// It has identifiers and URLs of photos, and none of the texts that are to be erased.
public struct ErasurePlan: Sendable {
  /// The erasure; its identifier is the token that carries it out.
  public let erasure: Erasure
  /// The URLs of photos that go with it.
  let photoURLs: [String]
  /// The entries that are in the contest, for a person to look at; they are not kept with the plan.
  let inContest: [Entry]
  /// How many are in the history only: removed entries, and those of earlier events.
  public let inHistory: Int
  /// How many each archive has, by the event's identifier.
  public let inArchives: [String: Int]

  /// Whether files in quarantine go that may hold something of it.
  let removesQuarantined: Bool

  /// What no erasure here reaches, with what to do about it.
  public static let unreachable: [(what: String, advice: String)] = [
    (
      "files in quarantine/, unless that is asked for (\"quarantine\":true)",
      "look at those that the certificate names, and remove them by hand"
    ),
    (
      "copies of the data directory, such as restic's or a provider's snapshots",
      "they hold it until they expire: prune those from before the erasure"
    ),
    ("exports and printed lists", "delete them wherever they were saved"),
    ("browsers and front ends that have shown a photo", "they keep it for a day at most"),
  ]

  /// `{"token","scope","entries","contest","history","archives","photos","found","unreachable"}`.
  public var json: JSONValue {
    [
      "token": .string(erasure.id), "scope": .string(erasure.scope.rawValue),
      "entries": .array(erasure.entryIDs.map(JSONValue.string)), "contest": .int(inContest.count),
      "history": .int(inHistory),
      "archives": .object(
        JSONObject(
          inArchives.sorted { $0.key < $1.key }.map {
            JSONObject.Member(name: $0.key, value: .int($0.value))
          })),
      "photos": .int(photoURLs.count), "found": .array(inContest.map(Self.found)),
      "unreachable": .array(
        Self.unreachable.map { ["what": .string($0.what), "advice": .string($0.advice)] }),
    ]
  }

  /// What tells an organizer whose entry it is.
  private static func found(_ entry: Entry) -> JSONValue {
    [
      "id": .string(entry.id), "number": entry.number.map(JSONValue.int) ?? .null,
      "name": .string(entry.string("name") ?? ""), "phone": .string(entry.string("phone") ?? ""),
      "caption": .string(entry.string("caption") ?? ""),
    ]
  }

  /// The plan as it is kept until it is carried out.
  var stored: JSONValue {
    [
      "erasure": erasure.json, "photos": .array(photoURLs.map(JSONValue.string)),
      "quarantine": .bool(removesQuarantined),
    ]
  }

  init(
    _ erasure: Erasure, photoURLs: [String], inContest: [Entry], inHistory: Int,
    inArchives: [String: Int], removesQuarantined: Bool
  ) {
    self.removesQuarantined = removesQuarantined
    (self.erasure, self.photoURLs) = (erasure, photoURLs)
    (self.inContest, self.inHistory, self.inArchives) = (inContest, inHistory, inArchives)
  }

  /// Takes an erasure that was begun, and whose plan may be lost.
  init(_ erasure: Erasure, stored: JSONValue?) {
    let urls = stored?.object?["photos"]?.array?.compactMap(\.string) ?? []
    self.init(
      erasure, photoURLs: urls, inContest: [], inHistory: 0, inArchives: [:],
      removesQuarantined: stored?.object?["quarantine"] == true)
  }
}
