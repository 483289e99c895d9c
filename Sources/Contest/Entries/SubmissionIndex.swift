import HashTreeCollections
import Synchronization

/// Maps each submission identifier to the place of its entry.
///
/// The first look-ups scan the entries; a process that answers a single request never needs more.
/// After that the index is built. Copies share structure. Keys are hashes: a match is confirmed
/// against the entry itself, and on a collision the later submission takes the next free key.
final class SubmissionIndex: Sendable {
  /// An entry's place; it does not change when entries are added.
  struct Place: Sendable {
    let section: Int32
    let age: Int32
  }

  private typealias Places = TreeDictionary<Int, Place>

  private struct Contents {
    /// `nil` until the index is built.
    var places: Places?
    /// The number of look-ups made without the index.
    var lookUpCount = 0
  }

  /// The number of look-ups after which the index is built.
  private static let patience = 3

  private let contents: Mutex<Contents>

  /// Creates an index that is built only once enough look-ups ask for it.
  convenience init() {
    self.init(Contents())
  }

  private init(_ contents: Contents) {
    self.contents = Mutex(contents)
  }

  /// The entry of a submission.
  func entry(of submissionID: String, in sections: [Contest.Section]) -> Entry? {
    guard !submissionID.isEmpty else { return nil }
    guard isMade(of: sections) else { return Self.search(submissionID, in: sections) }
    var key = submissionID.hashValue
    return contents.withLock { contents in
      while let place = contents.places?[key] {
        let entry = sections[Int(place.section)].entries[age: Int(place.age)]
        if entry.submissionID == submissionID { return entry }
        key &+= 1
      }
      return nil
    }
  }

  /// Returns a copy that shares structure with this index.
  func copy() -> SubmissionIndex { SubmissionIndex(contents.withLock { $0 }) }

  /// Adds an entry that is about to become the newest of its section.
  func add(_ submissionID: String, section: Int, to sections: [Contest.Section]) {
    let place = Place(section: Int32(section), age: Int32(sections[section].entries.count))
    guard !submissionID.isEmpty else { return }
    contents.withLock { contents in
      guard var made = contents.places else { return }
      // A second reference would force a copy on write.
      contents.places = nil
      Self.add(submissionID, place, to: &made)
      contents.places = made
    }
  }

  /// Scans all entries, oldest first in each section, and so finds the same entry as the index.
  private static func search(_ submissionID: String, in sections: [Contest.Section]) -> Entry? {
    let key = Array(submissionID.utf8)
    for section in sections {
      for age in 0..<section.entries.count {
        let entry = section.entries[age: age]
        // A byte search rules out most entries without parsing them.
        if entry.mentions(key), entry.submissionID == submissionID { return entry }
      }
    }
    return nil
  }

  /// Builds the index once enough look-ups were made without it.
  ///
  /// - Returns: Whether the index exists.
  private func isMade(of sections: [Contest.Section]) -> Bool {
    contents.withLock { contents in
      guard contents.places == nil else { return true }
      guard contents.lookUpCount >= Self.patience else {
        contents.lookUpCount += 1
        return false
      }
      var made = Places()
      for (number, section) in sections.enumerated() {
        for age in 0..<section.entries.count {
          let submissionID = section.entries[age: age].submissionID
          guard !submissionID.isEmpty else { continue }
          Self.add(submissionID, Place(section: Int32(number), age: Int32(age)), to: &made)
        }
      }
      contents.places = made
      return true
    }
  }

  private static func add(_ submissionID: String, _ place: Place, to places: inout Places) {
    var key = submissionID.hashValue
    while places[key] != nil { key &+= 1 }
    places[key] = place
  }
}
