import Contest
import Files
import JSON
import SystemPackage

/// What was erased, without what it was: `.erasures.jsonl`, a line for each erasure and one for its end.
///
/// No restore replaces it: what a snapshot brings back is erased again.
struct ErasureLedger {
  static let fileName = ".erasures.jsonl"

  /// An erasure as the ledger has it.
  struct Entry {
    let erasure: Erasure
    /// What was done, once it was carried out to its end.
    let certificate: JSONObject?

    var isDone: Bool { certificate != nil }
  }

  let folder: Folder

  /// The erasures, the oldest first.
  ///
  /// A line that cannot be read is passed over: it is of a write that was interrupted, which is repeated.
  /// - Throws: `FileError` when the file is there and cannot be read.
  func entries() throws(FileError) -> [Entry] {
    let values = try text().split(separator: 0x0A).compactMap { try? JSONValue(parsing: Array($0)) }
    var done: [String: JSONObject] = [:]
    for object in values.compactMap(\.object) {
      if let id = object["done"]?.string { done[id] = object }
    }
    return values.compactMap(Erasure.init).map { erasure in
      var certificate = done[erasure.id]
      certificate?["done"] = nil
      certificate?["entries"] = .array(erasure.entryIDs.map(JSONValue.string))
      return Entry(erasure: erasure, certificate: certificate)
    }
  }

  /// Whether every line can be read.
  ///
  /// - Throws: `FileError` when the file is there and cannot be read.
  func isWhole() throws(FileError) -> Bool {
    try text().split(separator: 0x0A).allSatisfy { line in
      guard let value = try? JSONValue(parsing: Array(line)) else { return false }
      return Erasure(value) != nil || value.object?["done"]?.string != nil
    }
  }

  /// Notes that an erasure begins, before anything of it is done.
  ///
  /// - Throws: `FileError`; nothing is then to be erased yet.
  func begin(_ erasure: Erasure) throws(FileError) {
    guard !(try entries().contains { $0.erasure.id == erasure.id }) else { return }
    try append(erasure.json)
  }

  /// Notes that an erasure was carried out to its end.
  ///
  /// - Throws: `FileError`; it is then carried out again.
  func finish(_ erasure: Erasure, _ certificate: JSONObject) throws(FileError) {
    var line = JSONObject([.init(name: "done", value: .string(erasure.id))])
    for member in certificate.members where member.name != "entries" {
      line[member.name] = member.value
    }
    try append(.object(line))
  }

  private func text() throws(FileError) -> [UInt8] {
    var text: [UInt8] = []
    do throws(FileError) {
      try folder.readParts(of: Self.fileName) { text += $0 }
    } catch  where error.reason == .noSuchFileOrDirectory {
      return []
    }
    return text
  }

  /// Replaces the file with one that has a line more, durably; whoever calls it holds the claim on erasures.
  private func append(_ value: JSONValue) throws(FileError) {
    let former = try text()
    // What was cut off, or added by hand, must not swallow the new line.
    let end: [UInt8] = former.last.map { $0 == 0x0A } ?? true ? [] : [0x0A]
    try folder.writeFile(former + end + value.serialized + [0x0A], as: Self.fileName)
  }
}
