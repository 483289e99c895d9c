import Contest
import Files
import JSON

extension EventArchive {
  /// The entries of its data file, whatever the manifest says of it.
  var entries: [Entry] {
    guard let text = folder.contents(of: Self.data),
      let members = (try? JSONValue(parsing: text))?.object
    else { return [] }
    return Entry.all(in: members)
  }

  /// Whether its data file may hold something of an erasure.
  func mayConcern(_ redaction: ContestRedaction) -> Bool {
    redaction.mayConcern((folder.contents(of: Self.data) ?? [])[...])
  }
}
