import DirectoryStore
import DurableStore
import Foundation
import StoreProof
import TestSupport
import Testing

/// A way to damage a file of a store.
enum Damage: String, CaseIterable, Sendable {
  case truncated, flipped, emptied, directory, link, otherJSON

  /// Damages a file.
  ///
  /// - Returns: The bytes that must not get lost.
  func apply(to path: String, flipping offset: Int) throws -> [UInt8] {
    var text = try contents(of: path)
    // The file gets a new inode, so that a hard link to it, such as the checkpoint, stays good.
    try FileManager.default.removeItem(atPath: path)
    switch self {
    case .truncated: text = Array(text.prefix(text.count * 2 / 3))
    case .flipped: text[offset] ^= 0x04
    case .emptied: text = []
    case .directory:
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      return []
    case .link:
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nowhere")
      return []
    case .otherJSON: text = Array(#"{"something":["else"]}"#.utf8) + [0x0A]
    }
    try write(text, to: path)
    return text
  }
}

/// A file of a store, or several of a kind.
enum Target: String, CaseIterable, Sendable {
  case dataFile, meta, backups, log, pendingEntry

  func paths(in fixture: Fixture) throws -> [String] {
    switch self {
    case .dataFile, .meta: [fixture.path("data.json")]
    case .backups: try fixture.names("backups").map { fixture.path("backups/" + $0) }
    case .log: [fixture.path(".wal/completed-000000000001.jsonl")]
    case .pendingEntry: [fixture.path(".wal/wal-1-00000001.json")]
    }
  }

  /// Returns the offset of the byte to flip: within a row, or in the generation.
  func flippedOffset(_ path: String) throws -> Int {
    let text = try contents(of: path)
    let row = text.firstRange(of: Array("[\"k5\"".utf8))?.lowerBound
    return self == .meta ? 34 : (row.map { $0 + 2 } ?? text.count / 2)
  }
}

@Suite(.blocking) struct `Two damages at once` {
  struct Case: Sendable, CustomTestStringConvertible {
    let one: (target: Target, damage: Damage)
    let other: (target: Target, damage: Damage)?
    var testDescription: String {
      ([one] + (other.map { [$0] } ?? [])).map { "\($0.target) \($0.damage)" }
        .joined(separator: ", ")
    }
  }

  static let cases: [Case] = {
    let all = Target.allCases.flatMap { target in Damage.allCases.map { (target, $0) } }
    var cases = all.map { Case(one: $0, other: nil) }
    for (index, one) in all.enumerated() {
      for other in all[(index + 1)...] {
        // The meta is in the data file.
        let both = Set([one.0, other.0])
        if both.count == 1 || both == [.dataFile, .meta] { continue }
        cases.append(Case(one: one, other: other))
      }
    }
    return cases
  }()

  @Test(.timeLimit(.minutes(20)), arguments: cases)
  func `leave the latest state that can be proven, and are kept`(_ damaged: Case) throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    let rows = (0..<13).map { "k\($0)" }
    for key in rows { try store.commit(key) }
    try write(
      PendingEntry(.row("pending"), baseGeneration: 13).serialized,
      to: fixture.path(".wal/wal-1-00000001.json"))
    var evidence: [[UInt8]] = []
    var damages: [Target: Damage] = [:]
    for (target, damage) in [damaged.one] + (damaged.other.map { [$0] } ?? []) {
      damages[target] = damage
      for path in try target.paths(in: fixture) {
        let offset = try target.flippedOffset(path)
        let bytes = try damage.apply(to: path, flipping: offset)
        // Only whole lines: a process that dies while it writes also leaves a partial one.
        evidence.append(
          target == .log ? Array(bytes[..<((bytes.lastIndex(of: 0x0A) ?? -1) + 1)]) : bytes)
      }
    }
    try fixture.open().recover()
    try fixture.open().commit("next")
    let isDataLost = damages[.dataFile] != nil || damages[.meta] != nil
    let isLogLost = damages[.log] != nil
    // Without data file and log, only the newest backup can be proven; it has twelve rows.
    let count = isDataLost && isLogLost ? 12 : 13
    let keys = Set(try fixture.open().keys)
    // Without the log, a flipped byte in a file that is still valid cannot be told from an edit.
    let isEdit = isLogLost && [damages[.dataFile], damages[.meta]].contains(.flipped)
    let missing = Set(rows.prefix(count)).subtracting(keys)
    #expect(missing.isEmpty || (isEdit && missing == ["k5"]))
    #expect(keys.contains("next"))
    #expect(keys.contains("pending") == (damages[.pendingEntry] == nil))
    #expect(try fixture.pending.isEmpty)
    try check(evidence, areKeptIn: fixture)
  }

  /// Checks that the damaged bytes are still in some file of the store.
  private func check(_ evidence: [[UInt8]], areKeptIn fixture: Fixture) throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: fixture.directory.path)
      .map { fixture.path($0) }
      .filter {
        (try? FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType)
          == .typeRegular
      }
    let texts = try files.map { try contents(of: $0) }
    for bytes in evidence where bytes.count > 1 {
      let isKept = texts.contains { $0.starts(with: bytes) || $0.firstRange(of: bytes) != nil }
      #expect(isKept, "\(String(decoding: bytes.prefix(80), as: UTF8.self))… is gone")
    }
  }

  @Test func `of everything that leads to a state are refused, and nothing is touched`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    for index in 0..<13 { try store.commit("k\(index)") }
    for target in [Target.dataFile, .backups, .log] {
      for path in try target.paths(in: fixture) { try write("damage\n", to: path) }
    }
    try write("damage\n", to: fixture.path(".wal/checkpoint.json"))
    for _ in 0..<2 {
      let error = #expect(throws: TransactionError.self) { try fixture.open().recover() }
      #expect(error?.description.contains("no state to rebuild it from") == true)
    }
    #expect(try contents(of: fixture.path("data.json")) == Array("damage\n".utf8))
    #expect(
      try contents(of: fixture.path(".wal/completed-000000000001.jsonl")) == Array("damage\n".utf8))
  }
}
