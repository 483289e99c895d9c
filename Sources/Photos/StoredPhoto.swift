import ASCII

/// A photo below `uploads/`.
public struct StoredPhoto: Sendable, Hashable {
  /// `<ms>-<6 base36><look>.<ext>`; older ones have no look.
  public let name: String

  /// The path of its URL.
  public var url: String { "/uploads/" + name }

  /// When it was stored, in milliseconds since 1970 UTC; 0 for a name the server did not make.
  public var storedAtMilliseconds: Int { Int(name.prefix { $0 != "-" }) ?? 0 }

  /// The file's name while its entry is pending or rejected; the web server never serves such a name.
  var hiddenName: String { name + Self.hiddenEnding }
  private static let hiddenEnding = ".rejected"

  /// Takes the name of a file below `uploads/`, also of one that is hidden.
  public init?(fileName: String) {
    guard let photo = StoredPhoto(name: fileName) ?? StoredPhoto(hiddenName: fileName) else {
      return nil
    }
    self = photo
  }

  init?(hiddenName: String) {
    guard hiddenName.hasSuffix(Self.hiddenEnding) else { return nil }
    self.init(name: String(hiddenName.dropLast(Self.hiddenEnding.count)))
  }

  /// The media type by the name's extension, which was chosen from the content when it was stored.
  public var mediaType: String? {
    switch name.split(separator: ".").last?.lowercased() {
    case "jpg", "jpeg": "image/jpeg"
    case "png": "image/png"
    case "webp": "image/webp"
    case "gif": "image/gif"
    default: nil
    }
  }

  /// Takes a file's name; `nil` for one that is not `<ms>-<random>.<ext>`.
  public init?(name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, ["jpg", "jpeg", "png", "webp", "gif"].contains(parts[1].lowercased())
    else { return nil }
    let stem = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard stem.count == 2, let milliseconds = Int(stem[0]), milliseconds > 0, !stem[1].isEmpty,
      stem[1].utf8.allSatisfy(\.isLetterOrDigit)
    else { return nil }
    self.name = name
  }

  init(made name: String) {
    self.name = name
  }

  /// Takes the path of a URL; `nil` for a photo that is somewhere else.
  public init?(url: String) {
    guard url.hasPrefix("/uploads/") else { return nil }
    self.init(name: String(url.dropFirst("/uploads/".count)))
  }
}
