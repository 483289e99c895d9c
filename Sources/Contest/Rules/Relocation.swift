import JSON

/// A photo that has moved to another place.
public struct Relocation: Sendable, Equatable {
  /// The identifier of the entry whose photo it is.
  public let entryID: String
  /// The entry's category.
  public let category: String
  /// The URL before the move; an entry with any other URL has already been moved.
  public let formerURL: String
  /// The photo's new URL.
  public let imageURL: String
  /// Where the photo is stored after the move.
  public let storageMethod: Entry.StorageMethod

  /// Moves the photo of an entry.
  public init(_ entry: Entry, to imageURL: String, _ storageMethod: Entry.StorageMethod) {
    (entryID, category, formerURL) = (entry.id, entry.category, entry.imageURL ?? "")
    (self.imageURL, self.storageMethod) = (imageURL, storageMethod)
  }

  /// Reads `{"movedEntryId","category","formerUrl","imageUrl","storageMethod"}`; `nil` when it is none.
  init?(data: JSONObject) {
    guard let entryID = data["movedEntryId"]?.string, let category = data["category"]?.string,
      let formerURL = data["formerUrl"]?.string, let imageURL = data["imageUrl"]?.string,
      let method = (data["storageMethod"]?.string).flatMap(Entry.StorageMethod.init)
    else { return nil }
    (self.entryID, self.category, self.formerURL) = (entryID, category, formerURL)
    (self.imageURL, storageMethod) = (imageURL, method)
  }

  /// The change as the write-ahead log has it.
  var data: JSONObject {
    JSONObject([
      .init(name: "movedEntryId", value: .string(entryID)),
      .init(name: "category", value: .string(category)),
      .init(name: "formerUrl", value: .string(formerURL)),
      .init(name: "imageUrl", value: .string(imageURL)),
      .init(name: "storageMethod", value: .string(storageMethod.rawValue)),
    ])
  }
}

extension Entry {
  /// Returns the entry with its photo moved.
  func relocated(_ relocation: Relocation) -> Entry {
    var members: [(name: String, value: JSONValue)] = [
      ("imageUrl", .string(relocation.imageURL)),
      ("storageMethod", .string(relocation.storageMethod.rawValue)),
    ]
    if relocation.storageMethod != .cloudinary {
      // The copy at the former URL was public; it has to be removed there.
      members.append(("formerImageUrl", .string(relocation.formerURL)))
    } else if formerImageURL != nil {
      members.append(("formerImageUrl", .null))
    }
    return with(members)
  }

  /// The photo's former URL at Cloudinary; kept so that its removal there can be retried.
  public var formerImageURL: String? { string("formerImageUrl") }

  /// The same entry without a member.
  func without(_ name: String) -> Entry {
    var object = json.object ?? JSONObject()
    object[name] = nil
    return Entry(written: JSONValue.object(object).serialized[...], in: category) ?? self
  }

  /// The same entry with other members.
  func with(_ members: [(name: String, value: JSONValue)]) -> Entry {
    var object = json.object ?? JSONObject()
    for (name, value) in members { object[name] = value }
    return Entry(written: JSONValue.object(object).serialized[...], in: category) ?? self
  }
}
