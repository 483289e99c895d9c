import Foundation

/// A fresh directory that goes away with the value.
public final class TemporaryDirectory: Sendable {
  /// The absolute path.
  public let path: String

  /// Makes a directory below the system's place for temporary files, or below another one.
  public init(in parent: String? = nil) throws {
    path = ((parent ?? NSTemporaryDirectory()) as NSString).appendingPathComponent(
      "contest-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Makes a directory in memory, where there is room: making and removing files costs less there than on a disk.
  public static func inMemory() throws -> TemporaryDirectory {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: memory)
    let freeBytes = (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    return try TemporaryDirectory(in: freeBytes > 512 << 20 ? memory : nil)
  }

  private static let memory = "/dev/shm"

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Returns a path below the directory.
  public func file(_ name: String) -> String { path + "/" + name }
}

/// Returns the contents of a file.
public func contents(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The names in a directory, sorted.
public func names(in path: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: path).sorted()
}

/// Writes a file, replacing its contents.
public func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// Writes a file, replacing its contents.
public func write(_ text: String, to path: String) throws {
  try write(Array(text.utf8), to: path)
}

/// Copies the contents of a directory into an empty one, keeping times and hard links.
public func copyContents(of path: String, to target: String) throws {
  var copies: [UInt64: String] = [:]
  for name in try names(in: path) { try copy(path + "/" + name, to: target + "/" + name, &copies) }
}

private func copy(_ path: String, to target: String, _ copies: inout [UInt64: String]) throws {
  var status = stat()
  guard lstat(path, &status) == 0 else { throw CocoaError(.fileReadNoSuchFile) }
  if status.st_mode & S_IFMT == S_IFDIR {
    mkdir(target, 0o750)
    for name in try names(in: path) {
      try copy(path + "/" + name, to: target + "/" + name, &copies)
    }
  } else if let first = copies[UInt64(status.st_ino)] {
    link(first, target)
  } else {
    try write(contents(of: path), to: target)
    chmod(target, status.st_mode & 0o777)
    utimensat(AT_FDCWD, target, [status.st_atim, status.st_mtim], 0)
    copies[UInt64(status.st_ino)] = target
  }
}
