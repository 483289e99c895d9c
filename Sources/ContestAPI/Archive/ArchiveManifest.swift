import Contest
import JSON

/// What an archived event consists of: `manifest.json`.
///
/// ```json
/// {"format":1,"event":{"id":"…","name":"Ink Days"},"archivedAt":1793000000000,"mark":"…",
///  "endsAt":1792900000000,"contacts":117,"entries":120,"missing":[],"files":[{"name":"data.json","bytes":48211,"sha256":"…"},{"name":"uploads/…"}]}
/// ```
public struct ArchiveManifest: Sendable, Equatable {
  /// A file of the archive.
  public struct File: Sendable, Equatable {
    /// The file's name, relative to the archive.
    public let name: String
    /// Its length.
    public let bytes: Int
    /// The SHA-256 of its content, in hexadecimal digits (FIPS 180-4).
    public let sha256: String

    var json: JSONValue {
      ["name": .string(name), "bytes": .int(bytes), "sha256": .string(sha256)]
    }

    init(name: String, bytes: Int, sha256: String) {
      (self.name, self.bytes, self.sha256) = (name, bytes, sha256)
    }

    init?(_ value: JSONValue) {
      guard let object = value.object, let name = object["name"]?.string,
        let bytes = object["bytes"]?.int, let sha256 = object["sha256"]?.string,
        Self.isInside(name)
      else { return nil }
      self.init(name: name, bytes: bytes, sha256: sha256)
    }

    /// Whether a name leads to a file of the archive and nowhere else.
    private static func isInside(_ name: String) -> Bool {
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      return (1...2).contains(parts.count) && parts.allSatisfy { !["", ".", ".."].contains($0) }
    }
  }

  /// The event's identifier, which is the folder's name, too.
  public let eventID: String
  /// What the event was called.
  public let eventName: String
  /// When it was archived, in milliseconds since 1970 UTC.
  public let archivedAtMilliseconds: Int
  /// The mark of the contest that was archived.
  public let mark: String
  /// When the event ended, in milliseconds since 1970 UTC, or its newest entry was made if that is later; `nil` if
  /// nobody has said when it ends.
  let endsAtMilliseconds: Int?
  /// How many entries that did not win have names or telephone numbers.
  let contactCount: Int
  /// How many entries it has.
  public let entryCount: Int
  /// The photos that entries refer to and that were not there.
  public let missing: [String]
  /// The erasure that is rewriting the archive; `nil` while none is.
  private(set) var erasing: String?
  /// All files but the manifest itself.
  public let files: [File]

  /// How many photos it has.
  public var photoCount: Int { files.count { $0.name.hasPrefix(EventArchive.photos + "/") } }
  /// How long all files are together.
  public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

  /// Returns the manifest of an archive that an erasure is rewriting.
  func erasing(_ id: String) -> ArchiveManifest {
    var manifest = self
    manifest.erasing = id
    return manifest
  }

  /// The manifest as its file has it.
  var json: JSONValue {
    var object = members
    object["erasing"] = erasing.map(JSONValue.string)
    return .object(object)
  }

  private var members: JSONObject {
    let value: JSONValue = [
      "format": 1, "event": ["id": .string(eventID), "name": .string(eventName)],
      "archivedAt": .int(archivedAtMilliseconds), "mark": .string(mark),
      "endsAt": endsAtMilliseconds.map(JSONValue.int) ?? .null, "contacts": .int(contactCount),
      "entries": .int(entryCount), "missing": .array(missing.map(JSONValue.string)),
      "files": .array(files.map(\.json)),
    ]
    return value.object ?? JSONObject()
  }

  init(
    of contest: Contest, _ event: Event, archivedAtMilliseconds: Int, files: [File],
    missing: [String]
  ) {
    (eventID, eventName) = (event.id, event.name)
    self.archivedAtMilliseconds = archivedAtMilliseconds
    mark = contest.mark.text
    (endsAtMilliseconds, contactCount) = (
      contest.endForContactsMilliseconds, contest.contactsOfOthers.count
    )
    entryCount = contest.remainingEntries.count
    (self.files, self.missing) = (files, missing)
  }

  /// Reads a manifest; `nil` when it is none.
  init?(_ text: [UInt8]) {
    guard let object = (try? JSONValue(parsing: text))?.object, object["format"] == 1,
      let event = object["event"]?.object, let id = event["id"]?.string,
      let name = event["name"]?.string, let time = object["archivedAt"]?.int,
      let mark = object["mark"]?.string, let entryCount = object["entries"]?.int,
      let values = object["files"]?.array
    else { return nil }
    files = values.compactMap(File.init)
    guard files.count == values.count else { return nil }
    (eventID, eventName, archivedAtMilliseconds) = (id, name, time)
    (self.mark, self.entryCount) = (mark, entryCount)
    (endsAtMilliseconds, contactCount) = (object["endsAt"]?.int, object["contacts"]?.int ?? 0)
    erasing = object["erasing"]?.string
    missing = object["missing"]?.array?.compactMap(\.string) ?? []
  }
}
