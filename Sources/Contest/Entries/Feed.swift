public import JSON

/// An entry in its public form; the type has no room for a name or a phone number.
public struct FeedEntry: Sendable, Equatable {
  /// The entry's identifier.
  public let id: String
  /// Free text.
  public let caption: String
  /// The photo's URL, if there is one.
  public let imageURL: String?
  /// When it was made, in milliseconds since 1970 UTC.
  public let createdAtMilliseconds: Int
  /// The contestant's number, if it has one.
  public let number: Int?

  /// The name shown in place of every artist's own.
  public static let artist = "Anonymous Artist"

  /// `{"id","caption","imageUrl","artist","createdAt","number"}`.
  public var json: JSONValue {
    .object(
      JSONObject(
        [
          .init(name: "id", value: .string(id)), .init(name: "caption", value: .string(caption)),
          .init(name: "imageUrl", value: image), .init(name: "artist", value: .string(Self.artist)),
          .init(name: "createdAt", value: .int(createdAtMilliseconds)),
        ] + numberMember))
  }

  /// `{"id","caption","imageUrl","number"}`.
  var winnerJSON: JSONObject {
    JSONObject(
      [
        .init(name: "id", value: .string(id)), .init(name: "caption", value: .string(caption)),
        .init(name: "imageUrl", value: image),
      ] + numberMember)
  }

  private var numberMember: [JSONObject.Member] {
    number.map { [.init(name: "number", value: .int($0))] } ?? []
  }

  private var image: JSONValue { imageURL.map(JSONValue.string) ?? .null }
}

/// One page of a category's feed.
public struct FeedPage: Sendable {
  /// The entries, newest first.
  public let entries: [FeedEntry]
  /// The `before` parameter for the next page; `nil` on the last page.
  public let next: String?

  /// `{"entries","next"}`.
  public var json: JSONValue {
    [
      "entries": .array(entries.map(\.json)),
      "next": next.map(JSONValue.string) ?? .null,
    ]
  }
}

extension Entry {
  /// The entry in its public form.
  public var feedEntry: FeedEntry {
    FeedEntry(
      id: id, caption: json.object?["caption"]?.string ?? "", imageURL: imageURL,
      createdAtMilliseconds: createdAtMilliseconds, number: number)
  }
}

/// The feed's text, copied from the entries' own texts without decoding and re-encoding them.
enum Feed {
  /// Returns the feed text of entries, in the order given, separated by commas.
  static func text(of entries: some Sequence<Entry>) -> [UInt8] {
    var text: [UInt8] = []
    for entry in entries {
      guard let members = JSONMembers(scanning: entry.text), isShown(members) else { continue }
      if !text.isEmpty { text.append(UInt8(ascii: ",")) }
      text += Array(#"{"id":"#.utf8)
      text += string(members["id"]) ?? Array(#""""#.utf8)[...]
      text += Array(#","caption":"#.utf8)
      text += string(members["caption"]) ?? Array(#""""#.utf8)[...]
      text += Array(#","imageUrl":"#.utf8)
      text += string(members["imageUrl"]) ?? Array("null".utf8)[...]
      text += Array(",\"artist\":\"\(FeedEntry.artist)\",\"createdAt\":".utf8)
      text += Array(String(members.int("createdAt") ?? 0).utf8)
      if let number = members.int("number"), Entry.numbers.contains(number) {
        text += Array(",\"number\":\(number)".utf8)
      }
      text.append(UInt8(ascii: "}"))
    }
    return text
  }

  /// Returns whether the entry with this text is public.
  static func isShown(_ text: ArraySlice<UInt8>) -> Bool {
    JSONMembers(scanning: text).map(isShown) ?? false
  }

  private static func isShown(_ members: JSONMembers) -> Bool {
    guard members["withdrawnAt"] == nil, members["erasedAt"] == nil else { return false }
    guard let status = members["status"] else { return true }
    return !["\"pending\"", "\"rejected\""].contains { status.elementsEqual($0.utf8) }
  }

  /// Returns a member's text if it is a string; other programs' data may hold any type.
  private static func string(_ value: ArraySlice<UInt8>?) -> ArraySlice<UInt8>? {
    value?.first == UInt8(ascii: "\"") ? value : nil
  }
}

extension Contest {
  /// The listed categories' entries, newest first:
  /// `{"feed":{"<category id>":[…]},"winnersAvailable":…}`.
  public var feedJSON: [UInt8] {
    var text = Array(#"{"feed":{"#.utf8)
    for (index, category) in categories.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      JSONValue.string(category.id).append(to: &text)
      text += Array(":[".utf8)
      entries(in: category.id).appendFeedText(to: &text)
      text.append(UInt8(ascii: "]"))
    }
    text += Array("},\"winnersAvailable\":\(hasWinners)}\n".utf8)
    return text
  }

  /// The winners of every listed category, then of those no longer listed, each in order of place:
  /// `{"winners":{"<category id>":[{"id","caption","imageUrl","number"}]}}`, with `artist` and `studio`
  /// where they are revealed, and the audience's award as `audience`.
  public var winnersJSON: [UInt8] {
    let listed = categories.map { category in
      winners.first { $0.category == category.id }
        ?? WinnerList(category: category.id, entryIDs: [])
    }
    let others = winners.filter { list in category(id: list.category) == nil }
    let lists = (listed + others).map { list in
      JSONObject.Member(
        name: list.category,
        value: .array(winningEntries(list).map { winner($0, in: list.category) }))
    }
    var document = JSONObject([.init(name: "winners", value: .object(JSONObject(lists)))])
    document["audience"] = audienceAward
    return JSONValue.object(document).serialized + [0x0A]
  }

  /// How many places the audience's award has.
  private static var audiencePlaces: Int { 3 }

  /// The places that the audience's award has, once it is published.
  private var awardedByAudience: [JSONObject]? {
    voting.result.map { result in
      Tally.places(in: result).filter { place in
        (place["place"]?.int ?? .max) <= Self.audiencePlaces
      }
    }
  }

  /// The identifiers of the entries that have one of them.
  var audienceWinners: Set<String> { Set((awardedByAudience ?? []).flatMap(Tally.entries(of:))) }

  /// The audience's award, once it is published: `[{"place","votes","entries":[…]}]`; entries that were removed since
  /// are left out.
  private var audienceAward: JSONValue? {
    guard let awarded = awardedByAudience else { return nil }
    let wanted = Set(awarded.flatMap(Tally.entries(of:)))
    let shown = allEntries.flatMap { section in
      section.entries.filter { wanted.contains($0.id) && $0.isShown }
    }
    let known = Dictionary(shown.map { ($0.id, $0) }) { $1 }
    return .array(
      awarded.map { group in
        let entries = Tally.entries(of: group).compactMap { known[$0] }
        return [
          "place": group["place"] ?? .null, "votes": group["votes"] ?? .null,
          "entries": .array(entries.map { winner($0, in: $0.category) }),
        ]
      })
  }

  private func winner(_ entry: Entry, in category: String) -> JSONValue {
    var shown = entry.feedEntry.winnerJSON
    guard revealedCategories.contains(category) else { return .object(shown) }
    for (name, text) in [("artist", entry.artist), ("studio", entry.studio)] where !text.isEmpty {
      shown[name] = .string(text)
    }
    return .object(shown)
  }

  /// `[{"id","name"}]`.
  public var categoriesJSON: [UInt8] {
    JSONValue.array(categories.map(\.publicJSON)).serialized + [0x0A]
  }

  /// Returns a page of a listed category's entries, newest first, starting after a given entry.
  ///
  /// - Parameters:
  ///   - category: The category's identifier.
  ///   - before: The entry that the page follows; `nil` for the first page.
  ///   - limit: How many entries at most, at least 1.
  /// - Returns: The page.
  /// - Throws: `Refusal` when there is no such category, or no such entry in it.
  public func feedPage(
    of category: String, before: String?, limit: Int
  ) throws(Refusal) -> FeedPage {
    guard categories.contains(where: { $0.id == category }) else {
      throw .unknownCategory(category)
    }
    var entries = entries(in: category)[...]
    if let before {
      guard let index = entries.firstIndex(where: { $0.id == before }) else {
        throw .unknownEntry(before)
      }
      entries = entries[(index + 1)...]
    }
    // One entry more than requested shows whether there is a next page.
    let shown = Array(entries.lazy.filter(\.isShown).prefix(limit + 1))
    let page = shown.prefix(limit)
    return FeedPage(
      entries: page.map(\.feedEntry), next: page.count < shown.count ? page.last?.id : nil)
  }

  private var hasWinners: Bool { winners.contains { !winningEntries($0).isEmpty } }

  private func winningEntries(_ list: WinnerList) -> [Entry] {
    guard !list.entryIDs.isEmpty else { return [] }
    let entries = entries(in: list.category)
    let found = list.entryIDs.map { id in entries.first { $0.id == id } }
    guard found.contains(nil) else { return found.compactMap(\.self).filter(\.isShown) }
    // An award across categories, such as best of show, has entries that stand in others.
    let others = self.entries(ids: zip(list.entryIDs, found).compactMap { $1 == nil ? $0 : nil })
    return zip(list.entryIDs, found).compactMap { $1 ?? others[$0] }.filter(\.isShown)
  }
}
