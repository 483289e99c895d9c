import Crypto
import Files

/// A code that proves access to the site's files: `DATA_DIR/setup-code.txt`.
struct SetupCode {
  private static let letters = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)

  private let file: SharedFile

  init(_ site: Site) {
    file = site.folder.sharedFile("setup-code.txt")
  }

  /// The last two components of the file's path: enough for the owner to find it.
  var place: String { file.path.split(separator: "/").suffix(2).joined(separator: "/") }

  /// The code; it is made when it is asked for first.
  ///
  /// - Throws: `FileError` when it cannot be read or written.
  func value() throws(FileError) -> [UInt8] {
    var code: [UInt8] = []
    try file.update { old in
      code = Self.trimmed(old)
      guard code.isEmpty else { return old }
      var generator = SystemRandomNumberGenerator()
      // 80 bits in groups that can be read aloud.
      let groups = (0..<4).map { _ in
        (0..<4).map { _ in Self.letters[Int.random(in: Self.letters.indices, using: &generator)] }
      }
      code = Array(groups.joined(separator: [UInt8(ascii: "-")]))
      return code + [0x0A]
    }
    return code
  }

  /// Whether somebody knows it; compared in constant time.
  ///
  /// - Throws: `FileError` when it cannot be read.
  func matches(_ text: String) throws(FileError) -> Bool {
    let code = try value()
    let key = SymmetricKey(size: .bits256)
    let expected = HMAC<SHA256>.authenticationCode(for: code, using: key)
    return HMAC<SHA256>.isValidAuthenticationCode(
      Array(expected), authenticating: Self.trimmed(Array(text.utf8)), using: key)
  }

  /// Runs `body` while holding the lock on the file.
  ///
  /// - Throws: `FileError` of the file or of what is run.
  func whileLocked<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(FileError) -> Result {
    try file.whileLocked(body)
  }

  func remove() { file.remove() }

  private static func trimmed(_ text: [UInt8]) -> [UInt8] {
    Array(text.filter { $0 > 0x20 && $0 < 0x7F })
  }
}
