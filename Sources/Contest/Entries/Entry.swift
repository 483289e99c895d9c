import ASCII
public import JSON

/// One tattoo in the contest.
///
/// ```json
/// {"id":"1731023456789-abc123","category":"sleeve","caption":"…","name":"…","phone":"…",
///  "imageUrl":"/uploads/1.jpg","storageMethod":"local-primary","createdAt":1731023456789,
///  "submissionId":"sub-…","transactionId":"txn-…"}
/// ```
///
/// An entry is immutable. It is kept as its JSON text and parsed on demand: few of ten thousand
/// entries are ever read, and every file stores the same text.
public struct Entry: Sendable, Equatable {
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
    /// Who made the tattoo, if that was said.
    public let artist: String
    /// Where it was made, if that was said.
    public let studio: String
    /// Identifies the submission: the client's key, or `sub-<ms>-<6 base36>`.
    public let submissionID: String

    /// Makes a submission.
    public init(
      category: String, caption: String, name: String, phone: String, artist: String = "",
      studio: String = "", submissionID: String
    ) {
      self.category = category
      self.caption = caption
      self.name = name
      self.phone = phone
      self.artist = artist
      self.studio = studio
      self.submissionID = submissionID
    }
  }

  /// The identifier of the category it stands in.
  public let category: String
  /// The entry as compact JSON, a line.
  public let text: ArraySlice<UInt8>

  /// Makes an entry of a submission.
  public init(
    _ submission: Submission, id: String, transactionID: String, createdAtMilliseconds: Int,
    imageURL: String?, storageMethod: StorageMethod, moderation: Moderation? = nil
  ) {
    category = submission.category
    let optional = [
      ("artist", submission.artist), ("studio", submission.studio),
      ("status", moderation?.rawValue ?? ""),
    ].filter { !$0.1.isEmpty }.map { JSONObject.Member(name: $0.0, value: .string($0.1)) }
    let members: [JSONObject.Member] = [
      .init(name: "id", value: .string(id)),
      .init(name: "category", value: .string(submission.category)),
      .init(name: "caption", value: .string(submission.caption)),
      .init(name: "name", value: .string(submission.name)),
      .init(name: "phone", value: .string(submission.phone)),
      .init(name: "imageUrl", value: imageURL.map(JSONValue.string) ?? .null),
      .init(name: "storageMethod", value: .string(storageMethod.rawValue)),
      .init(name: "createdAt", value: .int(createdAtMilliseconds)),
      .init(name: "submissionId", value: .string(submission.submissionID)),
      .init(name: "transactionId", value: .string(transactionID)),
    ]
    text = JSONValue.object(JSONObject(members + optional)).serialized[...]
  }

  /// Reads an entry from a data file; unknown members are kept.
  ///
  /// - Parameters:
  ///   - value: The entry.
  ///   - category: The entry's category.
  /// - Throws: `Refusal.malformed` when the value is not an object or has no identifier.
  public init(_ value: JSONValue, in category: String) throws(Refusal) {
    guard let object = value.object, let id = object["id"]?.string, !id.isEmpty else {
      throw .malformed("An entry has no id.")
    }
    self.category = category
    text = JSONValue.object(object).serialized[...]
  }

  /// Takes the compact text of an entry as written earlier.
  ///
  /// With a category, the text is taken unparsed. Without one, the initializer returns `nil` when the
  /// text has no identifier or names no category.
  /// - Parameters:
  ///   - text: The `text` of an entry; the caller vouches for it by checksum or origin.
  ///   - category: The entry's category; `nil` for the one that the text names.
  public init?(written text: ArraySlice<UInt8>, in category: String? = nil) {
    if let category {
      self.category = category
    } else {
      guard let members = JSONMembers(scanning: text), let id = members.string("id"), !id.isEmpty,
        let category = members.string("category")
      else { return nil }
      self.category = category
    }
    self.text = text
  }

  /// `<ms>-<6 base36>`.
  public var id: String { string("id") ?? "" }
  /// Identifies the submission; empty for an entry of the original application without one.
  public var submissionID: String { string("submissionId") ?? "" }
  /// The transaction that made it; empty for an entry of the original application.
  public var transactionID: String { string("transactionId") ?? "" }
  /// Who made the tattoo; empty where that was not said.
  public var artist: String { string("artist") ?? "" }
  /// Where the tattoo was made; empty where that was not said.
  public var studio: String { string("studio") ?? "" }
  /// The photo's URL, if there is one.
  public var imageURL: String? { string("imageUrl") }
  /// Where its photo is, as the data file says it.
  public var storageMethod: String { string("storageMethod") ?? "none" }

  /// When it was made, in milliseconds since 1970 UTC.
  public var createdAtMilliseconds: Int { JSONMembers(scanning: text)?.int("createdAt") ?? 0 }

  /// The entry with all its members.
  public var json: JSONValue {
    // The text was serialized from a value, so it parses.
    (try? JSONValue(parsing: Array(text))) ?? .null
  }

  /// Returns whether a key may occur in the text: `false` is certain, `true` is not.
  ///
  /// A key with characters that JSON may escape cannot be searched for, so the result is `true`.
  func mentions(_ key: [UInt8]) -> Bool {
    !key.allSatisfy(\.isIdentifierByte) || text.index(ofBytes: key) != nil
  }

  /// Returns a member that is a text.
  public func string(_ name: String) -> String? {
    JSONMembers(scanning: text)?.string(name)
  }
}
