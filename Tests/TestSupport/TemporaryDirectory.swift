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

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// A path below it.
  public func file(_ name: String) -> String { path + "/" + name }
}

/// The content of a file.
public func contents(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The names in a directory, sorted.
public func names(in path: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: path).sorted()
}

/// Writes a file anew.
public func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// Writes a file anew.
public func write(_ text: String, to path: String) throws {
  try write(Array(text.utf8), to: path)
}
