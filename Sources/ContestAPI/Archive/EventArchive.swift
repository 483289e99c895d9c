public import Contest
import Crypto
public import Files
import JSON

/// An archived event: a folder that needs nothing else.
///
/// ```
/// archive/<event id>/
///   data.json       the contest as it was
///   uploads/        the photos of its entries
///   results.html    winners and entries, for any browser
///   manifest.json   every file's length and SHA-256
/// ```
public struct EventArchive: Sendable {
  /// The subfolder of the photos, named as in a data directory.
  static let photos = "uploads"
  static let (data, results, manifest) = ("data.json", "results.html", "manifest.json")

  /// The folder.
  public let folder: Folder
  /// What it consists of.
  public let manifest: ArchiveManifest

  /// Opens an archive; `nil` when the folder has no manifest that can be read.
  init?(_ folder: Folder) {
    guard let text = folder.contents(of: Self.manifest), let manifest = ArchiveManifest(text)
    else { return nil }
    (self.folder, self.manifest) = (folder, manifest)
  }

  /// What is not as the manifest says, a sentence each; reads every file.
  public func problems() -> [String] {
    manifest.files.compactMap { file in
      guard folder.holdsFile(file.name) else { return "\(file.name) is missing" }
      guard let found = try? Self.examine(file.name, in: folder) else {
        return "\(file.name) cannot be read"
      }
      return found == file ? nil : "\(file.name) was changed: its SHA-256 or length is another"
    } + (contest() == nil ? ["data.json is not the contest that was archived"] : [])
  }

  /// Whether every file is there in its length; whether each is as it was, `problems` tells.
  var hasAllFiles: Bool {
    manifest.files.allSatisfy { file in
      (try? folder.system.status(at: folder.path + "/" + file.name))?.size == file.bytes
    }
  }

  /// The contest that was archived, with the members of its file; `nil` when it is another, or cannot be read.
  func contents() -> JSONObject? {
    guard let text = folder.contents(of: Self.data),
      var members = (try? JSONValue(parsing: text))?.object
    else { return nil }
    members["meta"] = nil
    guard let contest = try? Contest(members: members), contest.mark.text == manifest.mark else {
      return nil
    }
    return members
  }

  /// The contest that was archived; `nil` when it is another, or cannot be read.
  public func contest() -> Contest? { contents().flatMap { try? Contest(members: $0) } }

  /// The text of a contest as an archive's data file has it.
  static func dataText(of contest: Contest) -> [UInt8] {
    var text = Array("{\"meta\":{\"format\":1},\n".utf8)
    contest.appendSerialized(to: &text)
    return text + Array("}\n".utf8)
  }

  /// Reads a file for the manifest.
  static func examine(_ name: String, in folder: Folder) throws(FileError) -> ArchiveManifest.File {
    var (hash, length) = (SHA256(), 0)
    try folder.readParts(of: name) { part throws(FileError) in
      hash.update(data: part)
      length += part.count
    }
    return ArchiveManifest.File(
      name: name, bytes: length, sha256: hash.finalize().hexadecimalDigits)
  }
}
