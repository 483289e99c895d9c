import Contest
import ContestAPI
import DirectoryStore
import DurableStore
import Files
import Glibc
import JSON

/// The files of a data directory.
extension FuzzTarget {
  static let dataFile = FuzzTarget(name: "data-file") { bytes in
    let version: Version<Contest>
    switch DataFile.reading(bytes) as DataFile.Reading<Contest> {
    case .intact(let found), .edited(let found, _): version = found
    case .damaged, .newerFormat: return
    }
    // What is public is text whatever the entries are.
    for name in Contest.publicFileNames {
      require(
        (try? JSONValue(parsing: version.state.publicFile(name))) != nil, "\(name) is not JSON")
    }
    // Whatever the ballots are, they can be counted.
    let places = version.state.votingResult["places"]?.array ?? []
    require(places.allSatisfy { $0.object?["place"]?.int != nil }, "a place has no number")
    _ = (version.state.turnout, OddBallots(version.state.ballotsInOrder).groups)
    let text = FileImage.layingOut(version).text
    guard case .intact(let again) = DataFile.reading(text) as DataFile.Reading<Contest> else {
      // It is refused before it is published.
      return
    }
    require(FileImage.layingOut(again).text == text, "it is another file the second time")
    require(again.generation == version.generation, "its generation is another")
  }

  static let log = FuzzTarget(name: "log") { bytes in
    for text in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let line = text + [0x0A]
      _ = CompletedLine.sequence(of: line)
      guard let parsed = CompletedLine(parsing: line) else { continue }
      let again = CompletedLine(
        sequence: parsed.sequence, parsed.transaction, status: parsed.status,
        completedAt: parsed.completedAtMilliseconds)
      guard let reparsed = CompletedLine(parsing: again.text) else {
        fatalError("what was written does not parse")
      }
      require(reparsed.transaction == parsed.transaction, "it is another transaction")
      require(reparsed.sequence == parsed.sequence, "it is another line")
    }
    // As a segment of its own, also as if it were a later one.
    for (name, generation) in [
      ("completed-000000000001.jsonl", 0), ("completed-000000000007.jsonl", 3),
    ] {
      let folder = Folder.shared
      folder.write(bytes, to: ".wal/" + name)
      defer { folder.remove(".wal/" + name) }
      let log = CompletedLog(directory: folder.directory, system: SystemCalls())
      guard let tail = try? log.tail(after: generation) else { continue }
      let sequences = tail.lines.map(\.sequence)
      require(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 }, "lines out of order")
      require(sequences.allSatisfy { $0 > generation }, "a line that is not asked for")
      require(tail.validBytes <= tail.segmentBytes, "more is good than there is")
    }
  }

  static let pendingEntry = FuzzTarget(name: "pending") { bytes in
    if let rejection = PendingEntry.rejection(parsing: bytes) { _ = rejection.reason }
    guard let entry = PendingEntry(parsing: bytes) else { return }
    let text = entry.serialized
    guard let again = PendingEntry(parsing: text) else { fatalError("it does not parse again") }
    require(again.transaction == entry.transaction, "it is another transaction")
    require(again.baseGeneration == entry.baseGeneration, "it comes after another generation")
    var contest = Contest.initial
    _ = try? contest.apply(contest.settled(entry.transaction))
  }

  /// A whole directory: the first two bytes say where the data file ends and the log begins.
  static let store = FuzzTarget(name: "store") { bytes in
    guard bytes.count > 2 else { return }
    let rest = bytes.dropFirst(2)
    let first = rest.count * Int(bytes[0]) / 256
    let second = first + (rest.count - first) * Int(bytes[1]) / 256
    let folder = Folder.emptied
    folder.write(Array(rest.prefix(first)), to: "data.json")
    folder.write(
      Array(rest.dropFirst(first).prefix(second - first)), to: ".wal/completed-000000000001.jsonl")
    folder.write(Array(rest.dropFirst(second)), to: ".wal/wal-1-00000001.json")
    guard let store = try? DirectoryStore<Contest>(folder.directory) else { fatalError("no store") }
    guard (try? store.recover()) != nil, let snapshot = try? store.read() else { return }
    // Recovery is idempotent (I10), and another process sees the same.
    guard let other = try? DirectoryStore<Contest>(folder.directory) else {
      fatalError("no second store")
    }
    guard (try? other.recover()) != nil, let again = try? other.read() else {
      fatalError("a recovered store cannot be recovered again")
    }
    require(again.generation == snapshot.generation, "recovering it again changes the generation")
    require(again.state == snapshot.state, "recovering it again changes the state")
    require((try? other.findProblems()) != nil, "it cannot be verified")
  }
}

/// A data directory in memory, used again for each input.
private struct Folder {
  let directory: DataDirectory

  /// Whose files each input removes itself.
  static let shared = Folder("shared")
  /// One in which nothing is.
  static var emptied: Folder {
    let folder = Folder("store")
    for name in ["", "/.wal", "/backups", "/.temp", "/quarantine", "/public", "/uploads"] {
      folder.removeFiles(in: name)
    }
    return folder
  }

  private init(_ name: String) {
    let path = Home.path + "/" + name
    directory = DataDirectory(path)
    for name in ["", "/.wal", "/backups", "/.temp", "/quarantine", "/public", "/uploads"] {
      mkdir(path + name, 0o750)
    }
  }

  func write(_ bytes: [UInt8], to name: String) {
    guard let file = fopen(directory.path + "/" + name, "w") else {
      fatalError("\(name): \(errno)")
    }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  func remove(_ name: String) { unlink(directory.path + "/" + name) }

  private func removeFiles(in folder: String) {
    guard let stream = opendir(directory.path + folder) else { return }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { name in
          String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    for name in names { unlink(directory.path + folder + "/" + name) }
  }
}
