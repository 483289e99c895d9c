import HashTreeCollections
import Synchronization

/// Where the entry of each submission is; made when it is first asked for.
///
/// Copies share what they have in common. A key is a hash: what is found is compared with the entry
/// itself, and of two submissions with one hash the later has the next free key.
final class SubmissionIndex: Sendable {
  /// An entry's place, which does not change when others are added.
  struct Place: Sendable {
    let section: Int32
    let age: Int32
  }

  private typealias Places = TreeDictionary<Int, Place>

  private let places: Mutex<Places?>

  /// An index that is made when it is asked.
  convenience init() {
    self.init(nil)
  }

  private init(_ places: Places?) {
    self.places = Mutex(places)
  }

  /// The entry of a submission.
  func entry(of submissionID: String, in sections: [Contest.Section]) -> Entry? {
    guard !submissionID.isEmpty else { return nil }
    var key = submissionID.hashValue
    make(of: sections)
    return places.withLock { places in
      while let place = places?[key] {
        let entry = sections[Int(place.section)].entries[age: Int(place.age)]
        if entry.submissionID == submissionID { return entry }
        key &+= 1
      }
      return nil
    }
  }

  /// A copy, which shares what it has in common with this one.
  func copy() -> SubmissionIndex { SubmissionIndex(places.withLock { $0 }) }

  /// Takes in an entry that is about to be the newest of its section.
  func add(_ submissionID: String, section: Int, to sections: [Contest.Section]) {
    let place = Place(section: Int32(section), age: Int32(sections[section].entries.count))
    make(of: sections)
    guard !submissionID.isEmpty else { return }
    places.withLock { places in
      guard var made = places else { return }
      // While there are two of it nothing could be changed in place.
      places = nil
      Self.add(submissionID, place, to: &made)
      places = made
    }
  }

  private func make(of sections: [Contest.Section]) {
    places.withLock { places in
      guard places == nil else { return }
      var made = Places()
      for (number, section) in sections.enumerated() {
        for age in 0..<section.entries.count {
          let submissionID = section.entries[age: age].submissionID
          guard !submissionID.isEmpty else { continue }
          Self.add(submissionID, Place(section: Int32(number), age: Int32(age)), to: &made)
        }
      }
      places = made
    }
  }

  private static func add(_ submissionID: String, _ place: Place, to places: inout Places) {
    var key = submissionID.hashValue
    while places[key] != nil { key &+= 1 }
    places[key] = place
  }
}
