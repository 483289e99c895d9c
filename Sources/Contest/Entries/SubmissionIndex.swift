import HashTreeCollections
import Synchronization

/// Where the entry of each submission is.
///
/// The first look-ups go through the entries one by one, which is all that a process needs that
/// answers one request; then an index is made. Copies share what they have in common. A key is a
/// hash: what is found is compared with the entry itself, and of two submissions with one hash the
/// later has the next free key.
final class SubmissionIndex: Sendable {
  /// An entry's place, which does not change when others are added.
  struct Place: Sendable {
    let section: Int32
    let age: Int32
  }

  private typealias Places = TreeDictionary<Int, Place>

  private struct Contents {
    /// `nil` until it is worth while.
    var places: Places?
    /// How many look-ups there were without.
    var lookUpCount = 0
  }

  /// After so many look-ups the index is made.
  private static let patience = 3

  private let contents: Mutex<Contents>

  /// An index that is made when it is worth while.
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

  /// A copy, which shares what it has in common with this one.
  func copy() -> SubmissionIndex { SubmissionIndex(contents.withLock { $0 }) }

  /// Takes in an entry that is about to be the newest of its section.
  func add(_ submissionID: String, section: Int, to sections: [Contest.Section]) {
    let place = Place(section: Int32(section), age: Int32(sections[section].entries.count))
    guard !submissionID.isEmpty else { return }
    contents.withLock { contents in
      guard var made = contents.places else { return }
      // While there are two of it nothing could be changed in place.
      contents.places = nil
      Self.add(submissionID, place, to: &made)
      contents.places = made
    }
  }

  /// Goes through all entries, the oldest of each section first, as the index would find them.
  private static func search(_ submissionID: String, in sections: [Contest.Section]) -> Entry? {
    let key = Array(submissionID.utf8)
    for section in sections {
      for age in 0..<section.entries.count {
        let entry = section.entries[age: age]
        // Most need not be taken apart to see that they are others.
        if entry.mentions(key), entry.submissionID == submissionID { return entry }
      }
    }
    return nil
  }

  /// Makes the index, if it is worth while by now.
  ///
  /// - Returns: Whether there is one.
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
