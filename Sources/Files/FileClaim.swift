import Glibc
import SystemPackage

/// The exclusive right of one thread to produce what is derived from a file; see `flock(2)`.
///
/// The claim ends with this value or with its process. The file itself is only read.
public final class FileClaim: Sendable {
  private let file: OpenFile

  /// Claims a file; `nil` while somebody else holds the claim.
  ///
  /// - Parameters:
  ///   - name: The file's name, relative to the folder.
  ///   - folder: The folder.
  /// - Throws: `FileError` when the file cannot be opened.
  public init?(_ name: String, in folder: Folder) throws(FileError) {
    let path = folder.path + "/" + name
    let system = folder.system
    let claimed = try attempting(.lock, on: path) { () throws(Errno) -> OpenFile? in
      let file = try system.open(path, O_RDONLY)
      return try system.lockExclusively(file) ? file : nil
    }
    guard let claimed else { return nil }
    file = claimed
  }
}
