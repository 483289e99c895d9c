import ChildProcess
public import Files
import Glibc
import JSON

/// Why a request to Cloudinary failed.
public struct CloudinaryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was attempted, on what, and why it failed; without secrets.
  public let description: String
  /// Whether a retry may succeed.
  public let isTransient: Bool
}

/// Uploads photos to Cloudinary with `curl`.
///
/// Every user of the machine can see a process's arguments, so `curl` reads its options from standard
/// input.
public struct Cloudinary: Sendable {
  private static let folder = "tattoo-contest"
  private static let attempts = 3
  /// How long all attempts may take together, in seconds.
  private static let limitSeconds = 10
  private static let maxDownloadBytes = 64 << 20

  private let account: CloudinaryAccount
  private let folder: Folder
  private let surroundings: Surroundings

  /// Creates a client for the photos of a data directory.
  public init(
    _ account: CloudinaryAccount, _ folder: Folder, surroundings: Surroundings = .machine
  ) {
    self.account = account
    self.folder = folder
    self.surroundings = surroundings
  }

  /// Uploads a photo, with at most three attempts in ten seconds; blocks meanwhile.
  ///
  /// Uploading is idempotent: a repeated upload replaces the first.
  /// - Returns: The photo's URL at Cloudinary.
  /// - Throws: `CloudinaryError`; the local photo is unchanged.
  public func upload(_ photo: StoredPhoto) throws(CloudinaryError) -> String {
    let path = folder.path + "/uploads/" + photo.name
    let start = ContinuousClock.now
    var attempt = 1
    while true {
      let rest = Self.limitSeconds - Int((ContinuousClock.now - start).components.seconds)
      do throws(CloudinaryError) {
        return try send(photo, path, seconds: max(1, rest))
      } catch {
        let pause = Duration.milliseconds(250 << attempt)
        let isOver = ContinuousClock.now + pause - start > .seconds(Self.limitSeconds - 1)
        guard error.isTransient, attempt < Self.attempts, !isOver else { throw error }
        usleep(UInt32(250_000 << attempt))
        attempt += 1
      }
    }
  }

  /// Removes the picture at a URL from Cloudinary.
  ///
  /// - Throws: `CloudinaryError` when it may still be there.
  public func remove(_ url: String) throws(CloudinaryError) {
    guard let publicID = publicID(of: url) else { return }
    try remove(publicID: publicID)
  }

  /// Removes a stored photo's picture from Cloudinary, by its name there.
  ///
  /// - Throws: `CloudinaryError` when it may still be there.
  public func remove(_ photo: StoredPhoto) throws(CloudinaryError) {
    try remove(publicID: "\(Self.folder)/\(photo.name.prefix { $0 != "." })")
  }

  private func remove(publicID: String) throws(CloudinaryError) {
    let answer = try request(
      "destroy", ["public_id": publicID, "invalidate": "true"], file: nil,
      seconds: Self.limitSeconds)
    guard ["ok", "not found"].contains(answer["result"]?.string) else {
      throw failure("remove \(publicID)", "the answer makes no sense", isTransient: true)
    }
  }

  /// Fetches a photo.
  ///
  /// - Returns: Its bytes.
  /// - Throws: `CloudinaryError`.
  public func download(_ url: String) throws(CloudinaryError) -> [UInt8] {
    guard holds(url) else { throw failure("fetch", "it is not there", isTransient: false) }
    let config = [option("url", url), "globoff", "fail", "silent", "show-error"]
    return try curl(config, "fetch", seconds: 60, outputBytes: Self.maxDownloadBytes)
  }

  /// Whether an address is one of this account's.
  public func holds(_ url: String) -> Bool { publicID(of: url) != nil }

  /// Returns whether two URLs are of the same picture; every upload gives it a new URL.
  public func isSamePicture(_ url: String, _ otherURL: String) -> Bool {
    publicID(of: url) != nil && publicID(of: url) == publicID(of: otherURL)
  }

  // MARK: Requests

  private func send(
    _ photo: StoredPhoto, _ path: String, seconds: Int
  ) throws(CloudinaryError) -> String {
    let stem = String(photo.name.prefix { $0 != "." })
    let answer = try request(
      "upload", ["folder": Self.folder, "public_id": stem], file: path, seconds: seconds)
    guard let url = answer["secure_url"]?.string, holds(url) else {
      throw failure("upload \(photo.name)", "the answer makes no sense", isTransient: true)
    }
    return url
  }

  private func request(
    _ action: String, _ fields: [String: String], file: String?, seconds: Int
  ) throws(CloudinaryError) -> JSONObject {
    let address = "\(account.uploadPrefix)/v1_1/\(account.cloudName)/image/\(action)"
    let now = surroundings.nowMilliseconds() / 1000
    var config = [
      option("url", address), "globoff", "silent", "show-error",
      option("write-out", "\\n%{http_code}"),
    ]
    config += account.signed(fields, at: now).map {
      option("form-string", "\($0.name)=\($0.value)")
    }
    if let file { config.append(option("form", "file=@\"\(file)\"")) }
    let text = try curl(config, action, seconds: seconds, outputBytes: 1 << 20)
    let lines = text.split(separator: 0x0A)
    let status = lines.last.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    let content = try? JSONValue(parsing: Array(lines.dropLast().joined(separator: [0x0A])))
    guard status == 200, let object = content?.object else {
      let reason = content?.object?["error"]?.object?["message"]?.string ?? "no reason"
      // A malformed request stays malformed; a timeout or a rate limit is transient.
      let isWrong = (400..<500).contains(status) && ![408, 420, 429].contains(status)
      throw failure(action, "status \(status), \(reason.prefix(200))", isTransient: !isWrong)
    }
    return object
  }

  private func curl(
    _ config: [String], _ action: String, seconds: Int, outputBytes: Int
  ) throws(CloudinaryError) -> [UInt8] {
    guard let program = ChildProcess("curl") else {
      throw failure(action, "curl is not installed", isTransient: false)
    }
    let limited = config + [option("max-time", String(seconds)), option("connect-timeout", "4")]
    do throws(ChildProcessError) {
      return try program.run(
        // The user's own configuration is not read.
        ["--disable", "--config", "-"], input: .bytes(Array(limited.joined(separator: "\n").utf8)),
        limits: ChildProcess.Limits(seconds: seconds + 2, outputBytes: outputBytes))
    } catch {
      throw failure(action, "\(error)", isTransient: true)
    }
  }

  /// A line of curl's configuration; see `curl(1)`, `--config`.
  private func option(_ name: String, _ value: String) -> String {
    let escaped = value.reduce(into: "") { text, character in
      if character == "\"" || character == "\\", name != "write-out" { text.append("\\") }
      text.append(character)
    }
    return "\(name) = \"\(escaped)\""
  }

  private func failure(_ attempted: String, _ reason: String, isTransient: Bool) -> CloudinaryError
  {
    CloudinaryError(description: "Cloudinary \(attempted): \(reason)", isTransient: isTransient)
  }

  /// Returns a picture's public ID: `tattoo-contest/1-a` for
  /// `…/image/upload/v1/tattoo-contest/1-a.jpg`; `nil` for a URL of another account or folder.
  private func publicID(of url: String) -> String? {
    guard url.hasPrefix("\(account.deliveryPrefix)/"),
      let name = url.split(separator: "/").last?.prefix(while: { $0 != "." }), !name.isEmpty,
      url.contains("/\(Self.folder)/"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    return "\(Self.folder)/\(name)"
  }
}
