public import JSON

/// One tattoo in the contest.
///
/// ```json
/// {"id":"1731023456789-abc123","category":"sleeve","caption":"…","name":"…","phone":"…",
///  "imageUrl":"/uploads/1.jpg","storageMethod":"local-primary","createdAt":1731023456789,
///  "submissionId":"sub-…","transactionId":"txn-…"}
/// ```
///
/// It never changes, and is a reference: a contest of thousands is copied for every change.
public final class Entry: Sendable, Equatable {
  /// Where an entry's photo is.
  public enum StorageMethod: String, Sendable {
    case cloudinary
    case localPrimary = "local-primary"
    case localFallback = "local-fallback"
    case none
  }

  /// What somebody sent.
  public struct Submission: Sendable {
    /// The category's identifier.
    public let category: String
    /// Free text.
    public let caption: String
    /// Free text, not public.
    public let name: String
    /// Free text, not public.
    public let phone: String
    /// Identifies the submission: the client's key, or `sub-<ms>-<6 base36>`.
    public let submissionID: String

    /// Makes a submission.
    public init(
      category: String, caption: String, name: String, phone: String, submissionID: String
    ) {
      self.category = category
      self.caption = caption
      self.name = name
      self.phone = phone
      self.submissionID = submissionID
    }
  }

  /// `<ms>-<6 base36>`.
  public let id: String
  /// The category's identifier.
  public let category: String
  /// Identifies the submission; empty for an entry of the original application without one.
  public let submissionID: String
  /// The transaction that made it; empty for an entry of the original application.
  public let transactionID: String
  /// The photo's URL, if there is one.
  public let imageURL: String?
  /// The entry as JSON, a line.
  let serialized: [UInt8]
  /// The entry as everybody may see it.
  let feedEntry: FeedEntry
  /// The same as JSON.
  let serializedFeedEntry: [UInt8]

  /// Makes an entry of a submission.
  public convenience init(
    _ submission: Submission, id: String, transactionID: String, createdAtMilliseconds: Int,
    imageURL: String?, storageMethod: StorageMethod
  ) {
    var object = JSONObject()
    object["id"] = .string(id)
    object["category"] = .string(submission.category)
    object["caption"] = .string(submission.caption)
    object["name"] = .string(submission.name)
    object["phone"] = .string(submission.phone)
    object["imageUrl"] = imageURL.map(JSONValue.string) ?? .null
    object["storageMethod"] = .string(storageMethod.rawValue)
    object["createdAt"] = .int(createdAtMilliseconds)
    object["submissionId"] = .string(submission.submissionID)
    object["transactionId"] = .string(transactionID)
    self.init(object, id: id, category: submission.category)
  }

  /// Reads an entry of a data file; other members are kept.
  ///
  /// - Parameters:
  ///   - value: The entry.
  ///   - category: The category it stands in.
  /// - Throws: `Refusal.malformed` when it is no object or has no identifier.
  public convenience init(_ value: JSONValue, in category: String) throws(Refusal) {
    guard let object = value.object, let id = object["id"]?.string, !id.isEmpty else {
      throw .malformed("An entry has no id.")
    }
    self.init(object, id: id, category: category)
  }

  private init(_ object: JSONObject, id: String, category: String) {
    self.id = id
    self.category = category
    submissionID = object["submissionId"]?.string ?? ""
    transactionID = object["transactionId"]?.string ?? ""
    imageURL = object["imageUrl"]?.string
    serialized = JSONValue.object(object).serialized
    feedEntry = FeedEntry(
      id: id, caption: object["caption"]?.string ?? "", imageURL: imageURL,
      createdAtMilliseconds: object["createdAt"]?.int ?? 0)
    serializedFeedEntry = feedEntry.json.serialized
  }

  /// When it was made, in milliseconds since 1970 UTC.
  public var createdAtMilliseconds: Int { feedEntry.createdAtMilliseconds }

  /// The entry with all its members.
  public var json: JSONValue {
    // What was serialized from a value parses.
    (try? JSONValue(parsing: serialized)) ?? .null
  }

  /// Where its photo is, as the data file says it.
  public var storageMethod: String { json.object?["storageMethod"]?.string ?? "none" }

  /// Whether both have the same members with the same values.
  public static func == (one: Entry, other: Entry) -> Bool {
    one.category == other.category && one.serialized == other.serialized
  }
}
