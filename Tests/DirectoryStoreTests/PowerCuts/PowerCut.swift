import DirectoryStore
import Foundation
import StoreProof
import TestSupport

/// What a disk may hold when power is lost after a given number of steps of a recording.
///
/// Synchronized data is there. About the rest POSIX promises nothing: bytes may be missing or torn at
/// any sector, and each name may stand for anything it stood for since its directory was synchronized.
struct PowerCut {
  /// Which of the possible states to build.
  enum Choice: Equatable {
    /// Only what was synchronized.
    case nothing
    case everything
    /// At random, as POSIX allows.
    case posix(seed: UInt64)
    /// At random, as ext4 behaves: changes of names become durable in order, and with any
    /// synchronization; if a file's new length is there, so are its new blocks.
    case ext4(seed: UInt64)
  }

  /// The unit that a device writes as a whole; see `open(2)`, O_DIRECT.
  private static let sectorBytes = 512

  private struct File {
    var durable: [UInt8] = []
    var durableTime: timespec?
    /// The steps since it was synchronized.
    var volatile: [Recording.Step] = []
  }

  private struct Name {
    var durable: Int?
    /// The inodes it has stood for since then, and from which step on.
    var volatile: [(step: Int, inode: Int?)] = []
  }

  private var files: [Int: File] = [:]
  private var names: [String: Name] = [:]
  private var directories: [String: Bool] = ["": true]
  private var lastSynchronization = 0
  private let cut: Int
  /// The keys that were acknowledged to callers as committed.
  private(set) var acknowledged: [String] = []

  /// Follows a recording up to a step.
  init(_ recording: Recording, after cut: Int) {
    self.cut = cut
    for (index, step) in recording.steps.prefix(cut).enumerated() { take(step, index) }
  }

  private mutating func take(_ step: Recording.Step, _ index: Int) {
    switch step {
    case .create(let inode, let name):
      files[inode] = File()
      names[name, default: Name()].volatile.append((index, inode))
    case .makeDirectory(let name): directories[name] = directories[name] ?? false
    case .write(let inode, _, _), .truncate(let inode, _), .setTimes(let inode, _):
      files[inode]?.volatile.append(step)
    case .synchronize(let inode):
      guard var file = files[inode] else { return }
      for step in file.volatile { Self.apply(step, to: &file.durable, &file.durableTime) }
      file.volatile = []
      files[inode] = file
      lastSynchronization = index
    case .synchronizeDirectory(let directory):
      for (name, value) in names where Self.parent(of: name) == directory {
        guard let last = value.volatile.last else { continue }
        names[name] = Name(durable: last.inode)
      }
      for name in directories.keys where Self.parent(of: name) == directory || name == directory {
        directories[name] = true
      }
      lastSynchronization = index
    case .names(let changes):
      for (name, inode) in changes { names[name, default: Name()].volatile.append((index, inode)) }
    case .acknowledge(let key): acknowledged.append(key)
    }
  }

  // MARK: States

  /// Builds one of the states in a directory that does not exist yet.
  ///
  /// - Returns: A hash that identifies the state.
  func build(_ choice: Choice, in root: String) throws -> Int {
    var generator = SeededGenerator(seed: choice.seed &* 1_000_003 &+ UInt64(cut))
    let limit = Int.random(in: min(lastSynchronization, cut)...cut, using: &generator)
    var hasher = Hasher()
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let present = try buildDirectories(choice, in: root, &generator)
    var built: [Int: String] = [:]
    for (name, value) in names.sorted(by: { $0.key < $1.key }) {
      guard let inode = inode(value, choice, limit, &generator), let file = files[inode],
        present.contains(Self.parent(of: name))
      else { continue }
      hasher.combine(name)
      hasher.combine(inode)
      if let other = built[inode] {
        try FileManager.default.linkItem(atPath: other, toPath: root + name)
        continue
      }
      built[inode] = root + name
      let (bytes, time) = content(file, choice, &generator)
      hasher.combine(bytes)
      try write(bytes, to: root + name)
      if let time { _ = utimensat(AT_FDCWD, root + name, [time, time], 0) }
    }
    // The machine has rebooted.
    if FileManager.default.fileExists(atPath: root + "/.lock") {
      try write("another boot", to: root + "/.lock")
    }
    return hasher.finalize()
  }

  /// Makes the directories that exist in the state, and returns their names.
  private func buildDirectories(
    _ choice: Choice, in root: String, _ generator: inout SeededGenerator
  ) throws -> Set<String> {
    var present: Set<String> = [""]
    for (name, isDurable) in directories.sorted(by: { $0.key < $1.key }) where !name.isEmpty {
      let isThere =
        switch choice {
        case .nothing: isDurable
        case .everything, .ext4: true
        case .posix: isDurable || Bool.random(using: &generator)
        }
      guard isThere else { continue }
      present.insert(name)
      try FileManager.default.createDirectory(
        atPath: root + name, withIntermediateDirectories: true)
    }
    return present
  }

  private func inode(
    _ name: Name, _ choice: Choice, _ limit: Int, _ generator: inout SeededGenerator
  ) -> Int? {
    let values = [name.durable] + name.volatile.map(\.inode)
    return switch choice {
    case .nothing: name.durable
    case .everything: values.last ?? nil
    case .posix: values.randomElement(using: &generator) ?? nil
    case .ext4: name.volatile.last { $0.step <= limit }.map(\.inode) ?? name.durable
    }
  }

  private func content(
    _ file: File, _ choice: Choice, _ generator: inout SeededGenerator
  ) -> (bytes: [UInt8], time: timespec?) {
    var (bytes, time) = (file.durable, file.durableTime)
    switch choice {
    case .nothing: return (bytes, time)
    case .everything: for step in file.volatile { Self.apply(step, to: &bytes, &time) }
    case .posix, .ext4:
      let isExt4 = if case .ext4 = choice { true } else { false }
      let count = Int.random(in: 0...file.volatile.count, using: &generator)
      let isTorn = Int.random(in: 0..<3, using: &generator) > 0
      for step in file.volatile.prefix(count) {
        let before = bytes
        Self.apply(step, to: &bytes, &time)
        if isTorn { tear(&bytes, from: before, keepsNewBlocks: isExt4, &generator) }
      }
      // A file's new length may be durable without its bytes.
      if !isExt4, Int.random(in: 0..<4, using: &generator) == 0 {
        let length = file.volatile.reduce(bytes.count) { max($0, $1.endOffset ?? 0) }
        bytes += [UInt8](repeating: 0, count: length - bytes.count)
      }
    }
    return (bytes, time)
  }

  /// Reverts random sectors to what they were before.
  private func tear(
    _ bytes: inout [UInt8], from before: [UInt8], keepsNewBlocks: Bool,
    _ generator: inout SeededGenerator
  ) {
    for start in stride(from: 0, to: bytes.count, by: Self.sectorBytes) {
      let end = min(bytes.count, start + Self.sectorBytes)
      if keepsNewBlocks, end > before.count { continue }
      guard Bool.random(using: &generator) else { continue }
      for index in start..<end { bytes[index] = index < before.count ? before[index] : 0 }
    }
  }

  private static func apply(
    _ step: Recording.Step, to bytes: inout [UInt8], _ time: inout timespec?
  ) {
    switch step {
    case .write(_, let offset, let written):
      let end = offset + written.count
      if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
      bytes.replaceSubrange(offset..<end, with: written)
    case .truncate(_, let length):
      bytes = Array(bytes.prefix(length))
      bytes += [UInt8](repeating: 0, count: length - bytes.count)
    case .setTimes(_, let new): time = new
    default: break
    }
  }

  private static func parent(of name: String) -> String {
    String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)])
  }
}

extension PowerCut.Choice {
  fileprivate var seed: UInt64 {
    switch self {
    case .nothing, .everything: 0
    case .posix(let seed), .ext4(let seed): seed
    }
  }
}

extension Recording.Step {
  fileprivate var endOffset: Int? {
    if case .write(_, let offset, let bytes) = self { offset + bytes.count } else { nil }
  }
}
