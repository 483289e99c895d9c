import DirectoryStore
import Files
import Foundation
import StoreProof
import TestSupport

/// The stores that scenarios begin with; each is made once, then copied.
private let templates = Monitor<[Scenario: (fixture: Fixture, required: [String])]>([:])

extension Scenario {
  private static let rows = (0..<13).map { "k\($0)" }

  /// Makes a fresh store in the state that the scenario begins with.
  ///
  /// - Returns: The store, and the keys that must be there afterwards, whatever happens.
  func prepared() throws -> (fixture: Fixture, required: [String]) {
    let template = try templates.withLock { templates in
      if let template = templates[self] { return template }
      let fixture = try Fixture()
      let template = (fixture, try prepare(fixture))
      templates[self] = template
      return template
    }
    let fixture = try Fixture()
    try copyContents(of: template.fixture.home.path, to: fixture.home.path)
    return (fixture, template.required)
  }

  /// Puts a store into the state that it begins with.
  private func prepare(_ fixture: Fixture) throws -> [String] {
    if self == .firstCommit { return [] }
    let store = try DirectoryStore<Ledger>(fixture.directory, options: options(SystemCalls()))
    for key in Self.rows { try store.commit(key) }
    switch self {
    case .batch:
      for index in 0..<7 { try fixture.plant("p\(index)", after: 13) }
      return Self.rows + (0..<7).map { "p\($0)" }
    case .rejectedEntry:
      for key in ["p0", "refused", "p1"] { try fixture.plant(key, after: 13) }
      return Self.rows + ["p0", "p1"]
    case .recovery:
      try fixture.damage()
      return Self.rows + ["logged", "pending"]
    case .pruning:
      // A second name for each backup: none of their inodes can be reused.
      for name in try fixture.names("backups") {
        try FileManager.default.linkItem(
          atPath: fixture.path("backups/" + name), toPath: fixture.home.file(name))
      }
    case .acceptedEdit:
      let text = String(decoding: try contents(of: fixture.path("data.json")), as: UTF8.self)
      try write(
        text.replacingOccurrences(of: "[\"k0\"", with: "[\"a key that somebody wrote by hand\""),
        to: fixture.path("data.json"))
      return Array(Self.rows.dropFirst())
    case .restore: return []
    default: break
    }
    return Self.rows
  }

  /// Further keys that may be there afterwards.
  var allowed: [String] {
    switch self {
    case .restore: Self.rows + ["restored"]
    case .handedIn: ["first", "new"]
    case .acceptedEdit: ["k0", "a key that somebody wrote by hand"]
    default: key.map { [$0] } ?? []
    }
  }

  /// Returns how many system calls the scenario makes.
  func callCount() throws -> Int {
    let (fixture, _) = try prepared()
    let counter = CallCounter()
    try act(
      on: fixture.directory,
      { _, moment in
        if moment == .before { _ = counter.next() }
        return .proceed
      })
    return counter.value
  }
}

extension Fixture {
  /// Leaves an entry as a process that has died does.
  func plant(_ key: String, after generation: Int) throws {
    let stem = Surroundings.machine.fileStem()
    try write(
      PendingEntry(.row(key), baseGeneration: generation).serialized,
      to: path(".wal/wal-\(stem).json"))
  }

  /// Leaves everything at once that a recovery may find, besides thirteen rows: a line beyond the data file,
  /// a torn line, a pending entry, and a damaged data file.
  func damage() throws {
    let line = CompletedLine(sequence: 14, .row("logged"), status: .completed, completedAt: 1)
    let log = path(".wal/completed-000000000001.jsonl")
    try write(try contents(of: log) + line.text + Array("torn".utf8), to: log)
    try plant("pending", after: 13)
    try write("damage", to: path("data.json"))
  }
}
