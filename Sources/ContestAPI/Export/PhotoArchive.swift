public import Contest
public import Photos

/// A ZIP of a contest: the table, the entries as JSON, and the photos that are stored here.
public struct PhotoArchive {
  private let contest: Contest
  private let photos: PhotoStore

  /// Takes what is to be in it.
  public init(of contest: Contest, _ photos: PhotoStore) {
    (self.contest, self.photos) = (contest, photos)
  }

  /// Writes it, one photo after the other: it may be longer than any memory.
  ///
  /// - Parameters:
  ///   - json: The entries as JSON.
  ///   - now: The time, in milliseconds since 1970 UTC.
  ///   - write: Takes its bytes, in order.
  /// - Returns: The names of the photos that are missing; the archive says them, too.
  /// - Throws: What writing throws.
  public func write(
    json: [UInt8], nowMilliseconds now: Int, to write: @escaping ([UInt8]) throws -> Void
  ) throws -> [String] {
    var archive = ZIPArchive(writingTo: write)
    let table = Spreadsheet.byteOrderMark + EntryTable(contest).text
    try archive.add("entries.csv", table, at: now)
    try archive.add("entries.json", json, at: now)
    var missing: [String] = []
    var added: Set<String> = []
    for (category, entries) in contest.allEntries {
      for entry in entries {
        guard let photo = entry.imageURL.flatMap(StoredPhoto.init(url:)) else { continue }
        // A category of the original application may have any identifier.
        let folder = Category.isIdentifier(category) ? category : "other"
        guard added.insert("\(folder)/\(photo.name)").inserted else { continue }
        guard let content = photos.contents(of: photo) else {
          missing.append(photo.name)
          continue
        }
        try archive.add(
          "photos/\(folder)/\(photo.name)", content, at: entry.createdAtMilliseconds)
      }
    }
    if !missing.isEmpty {
      try archive.add("missing.txt", Array((missing.joined(separator: "\n") + "\n").utf8), at: now)
    }
    try archive.finish()
    return missing
  }
}
