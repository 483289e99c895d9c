import Crypto
import Files

/// The keys of the batches of codes, `.admin/vote-key-<batch>`, and that of the voters' browsers: 32 random bytes each.
///
/// They are not in the data file: whoever has a copy of that can make no code.
struct VotingKeys {
  /// What stands for a batch in the name of the key of the voters' browsers.
  static let device = "device"
  private static let keyBytes = 32

  let folder: Folder

  /// The key of a batch; `nil` if there is none.
  ///
  /// - Throws: `FileError` when it cannot be read.
  func key(ofBatch id: String) throws(FileError) -> SymmetricKey? {
    guard let bytes = try file(id).read(), bytes.count == Self.keyBytes else { return nil }
    return SymmetricKey(data: bytes)
  }

  /// Makes the key of a batch and synchronizes it to the device, unless it is there, even damaged: cards may have been
  /// printed with it.
  ///
  /// - Throws: `FileError` when it cannot be written.
  func makeKey(ofBatch id: String) throws(FileError) {
    try folder.sharedFile(".admin/vote-keys").whileLocked { () throws(FileError) in
      guard try file(id).read() == nil else { return }
      var generator = SystemRandomNumberGenerator()
      let key = (0..<Self.keyBytes).map { _ in
        UInt8.random(in: .min ... .max, using: &generator)
      }
      try folder.writeFile(key, as: ".admin/" + Self.name(id))
    }
  }

  private static func name(_ id: String) -> String { "vote-key-" + id }

  private func file(_ id: String) -> SharedFile { folder.sharedFile(".admin/" + Self.name(id)) }
}
