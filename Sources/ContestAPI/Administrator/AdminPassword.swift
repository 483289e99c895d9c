import Crypto
public import Files
import FoundationEssentials
import Synchronization

/// The administrator's password: from the settings, or from the file `contestctl password` writes.
public struct AdminPassword: Sendable {
  private enum Source {
    case clear(String)
    case hash(PasswordHash, text: String)
  }

  private static let folder = ".admin"
  private static let passwordName = "password"
  private static let keyName = "session-key"

  private let settings: Settings
  private let folder: Folder
  /// Serializes hashing: each hash takes 16 MiB of memory.
  private let turn = Turn()

  /// Takes the password of a site.
  public init(_ settings: Settings, _ folder: Folder) {
    self.settings = settings
    self.folder = folder
  }

  /// Whether the settings have a password, which then takes precedence over the file.
  public var isInSettings: Bool {
    settings.adminPassword != nil || settings.adminPasswordHash != nil
  }

  /// Whether there is one at all.
  ///
  /// - Throws: `FileError` when the file cannot be read.
  public func isSet() throws(FileError) -> Bool { try source() != nil }

  /// Keeps a new password's hash in the data directory; every session then ends.
  ///
  /// - Throws: `FileError` when it cannot be written; the old password then still counts.
  public func set(_ hash: PasswordHash) throws(FileError) {
    // The update makes the folder; an empty file is no password.
    try SharedFile(path(Self.passwordName)).update { $0 }
    try write(Array((hash.text + "\n").utf8), as: Self.passwordName)
  }

  /// Whether a password is the administrator's; takes about a tenth of a second.
  ///
  /// - Returns: `nil` when none is set.
  /// - Throws: An error of the file or of the cryptographic library.
  func matches(_ password: String) throws -> Bool? {
    switch try source() {
    case .clear(let text):
      // The codes are compared in constant time, and tell nothing about the text's length.
      let key = SymmetricKey(size: .bits256)
      let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
      return HMAC<SHA256>.isValidAuthenticationCode(
        Array(code), authenticating: Array(password.utf8), using: key)
    case .hash(let hash, _): return try turn.take { try hash.matches(password) }
    case nil: return nil
    }
  }

  /// Returns the key that signs sessions, derived from the site's secret and the password: when the
  /// password changes, every session ends.
  ///
  /// - Returns: `nil` when no password is set.
  func sessionKey() throws(FileError) -> SymmetricKey? {
    let text: String
    switch try source() {
    case .clear(let password): text = password
    case .hash(_, let hash): text = hash
    case nil: return nil
    }
    let secret = SymmetricKey(data: try siteSecret() ?? Array("no secret".utf8))
    return SymmetricKey(
      data: Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: secret)))
  }

  /// Returns the site's secret, created on first use; `nil` when the disk is too full to create it.
  ///
  /// An administrator must be able to log in even then; sessions then depend on the password alone.
  private func siteSecret() throws(FileError) -> [UInt8]? {
    do throws(FileError) {
      return try storedSecret()
    } catch {
      guard error.isOfFullDisk else { throw error }
      return nil
    }
  }

  private func storedSecret() throws(FileError) -> [UInt8] {
    let file = SharedFile(path(Self.keyName))
    if let secret = try file.read(), secret.count == 32 { return secret }
    var secret: [UInt8] = []
    try file.update { old in
      var generator = SystemRandomNumberGenerator()
      secret =
        old.count == 32
        ? old : (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      return secret
    }
    return secret
  }

  private func source() throws(FileError) -> Source? {
    if let hash = settings.adminPasswordHash {
      return PasswordHash(hash).map { .hash($0, text: hash) }
    }
    if let password = settings.adminPassword { return .clear(password) }
    guard let bytes = try SharedFile(path(Self.passwordName)).read() else { return nil }
    let text = String(String(decoding: bytes, as: UTF8.self).prefix { !$0.isWhitespace })
    return PasswordHash(text).map { .hash($0, text: text) }
  }

  private func write(_ bytes: [UInt8], as name: String) throws(FileError) {
    try folder.makeMissing([Self.folder])
    try folder.writeFile(bytes, as: Self.folder + "/" + name)
  }

  private func path(_ name: String) -> String { "\(folder.path)/\(Self.folder)/\(name)" }
}

/// Lets one thread in at a time.
private final class Turn: Sendable {
  private let mutex = Mutex(())

  func take<Result>(_ body: () throws -> Result) rethrows -> Result {
    try mutex.withLock { _ in try body() }
  }
}
