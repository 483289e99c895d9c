import FoundationEssentials
import SystemPackage

/// Where an export goes: a new file, or standard output.
final class ExportFile {
  private let descriptor: FileDescriptor
  private let path: String?

  /// Opens it.
  ///
  /// - Parameter path: A file that does not exist yet; `nil` for standard output.
  /// - Throws: `Errno`, such as `fileExists`.
  init(_ path: String?) throws {
    self.path = path
    // It holds names and phone numbers: only its owner may read it.
    descriptor =
      try path.map { path in
        try FileDescriptor.open(
          FilePath(path), .writeOnly, options: [.create, .exclusiveCreate],
          permissions: [.ownerReadWrite])
      } ?? .standardOutput
  }

  /// Appends bytes.
  ///
  /// - Throws: `Errno`, such as `noSpace`.
  func write(_ bytes: [UInt8]) throws { try descriptor.writeAll(bytes) }

  /// Removes a file that could not be finished.
  func discard() {
    guard let path else { return }
    // If this fails, the next attempt reports it: the file exists.
    try? descriptor.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Closes the file; until then it may be incomplete.
  ///
  /// - Throws: `Errno` when not everything was written.
  func finish() throws {
    if path != nil { try descriptor.close() }
  }
}
