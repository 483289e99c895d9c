import ASCII
import FoundationEssentials
public import Photos

/// Why the program does not start with its settings.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
  /// The variable's name, the value's problem and an example.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// The settings, from environment variables and from lines of `contest.env`.
public struct Settings: Sendable, Equatable {
  /// How much is logged.
  public enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, warning, error
  }

  /// The port of the web server.
  public var port = 3000
  /// The address of the web server.
  public var bind = "127.0.0.1"
  /// The data directory.
  public var dataDirectory = "var/data"
  /// How many API responder processes there are.
  public var workers = 2
  /// How many threads each of them has.
  public var threads = 64
  /// The administrator's password, if it is set in clear.
  public var adminPassword: String?
  /// The hash of the administrator's password, as `contestctl password` makes it.
  public var adminPasswordHash: String?
  /// How long a photo may be, in bytes.
  public var maxUploadBytes = 10_485_760
  /// How many winners a category may have.
  public var placesPerCategory = 2
  /// How many submissions a minute one address may send.
  public var submitRate = 30
  /// The bearer token for `/metrics` and `/api/metrics`.
  public var metricsToken: String?
  /// The origins of other sites whose pages may be live clients, such as `https://example.org`.
  public var corsOrigins: [String] = []
  /// Whether an administrator has to approve each entry before it is public.
  public var isModerated = false
  /// Whether the pages name artist and studio of published winners.
  public var revealsArtists = false
  /// Whether a vote opens only when its ballots are sealed.
  public var sealsVotes = false
  /// The terms that entrants agree to, if any.
  public var consent: String?
  /// The rules of the contest to show, if any.
  public var rules: String?
  /// The Cloudinary account for photos; without one they stay in the data directory.
  public var cloudinary: CloudinaryAccount?
  /// How many days after the event's end the contacts of entries that did not win are erased; 0 for never.
  public var personalDataDays = 60
  /// For how many days parts of the completed log are kept after no backup needs them.
  public var logRetentionDays = 30
  /// How much is logged.
  public var logLevel = LogLevel.info

  /// The names, in the order of the documentation.
  public static let names = [
    "PORT", "BIND", "DATA_DIR", "WORKERS", "THREADS", "ADMIN_PASSWORD", "ADMIN_PASSWORD_HASH",
    "MAX_UPLOAD_BYTES", "PLACES_PER_CATEGORY", "SUBMIT_RATE", "METRICS_TOKEN", "CLOUDINARY_URL",
    "CLOUDINARY_CLOUD_NAME", "CLOUDINARY_API_KEY", "CLOUDINARY_API_SECRET", "LOG_LEVEL",
    "LOG_RETENTION_DAYS", "PERSONAL_DATA_DAYS", "CORS_ORIGINS", "MODERATION", "CONSENT", "RULES",
    "REVEAL_ARTISTS", "VOTE_SEAL",
    "CLOUDINARY_SIGNATURE_ALGORITHM", "CLOUDINARY_UPLOAD_PREFIX", "CLOUDINARY_DELIVERY_PREFIX",
  ]

  /// The usual settings.
  public init() {}

  /// The running program's file; see `proc(5)`, `/proc/<pid>/exe`.
  public static var executablePath: String {
    let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    // Without /proc, the name it was started by is the best guess.
    return link ?? ProcessInfo.processInfo.arguments.first ?? ""
  }

  /// Reads the environment and, for variables not set there, `contest.env`.
  ///
  /// The file is the one that `CONTEST_ENV` names, or the one beside the executable. A relative
  /// `DATA_DIR` in the file is relative to the file's folder.
  /// - Parameters:
  ///   - environment: The environment variables.
  ///   - executable: The path of the program.
  /// - Throws: `SettingsError` for a file that cannot be read, an unknown name, or a malformed
  ///   value.
  public init(environment: [String: String], executable: String) throws(SettingsError) {
    let folder = Self.folder(of: executable)
    let path = environment["CONTEST_ENV"] ?? folder + "contest.env"
    var values = try Self.file(at: path, isNamed: environment["CONTEST_ENV"] != nil)
    if let directory = values["DATA_DIR"], !directory.isEmpty, !directory.hasPrefix("/") {
      values["DATA_DIR"] = Self.folder(of: path) + directory
    }
    for name in Self.names {
      if let value = environment[name] { values[name] = value }
    }
    if values["DATA_DIR", default: ""].isEmpty, executable.hasSuffix("cgi") {
      // Web servers start scripts in different folders: a relative path could yield several contests.
      values["DATA_DIR"] = folder + Settings().dataDirectory
    }
    try self.init(values: values)
  }

  /// Reads settings by name; an empty value counts as not set.
  ///
  /// - Throws: `SettingsError` for a value that is malformed.
  public init(values: [String: String]) throws(SettingsError) {
    let values = values.filter { !$0.value.isEmpty }
    port = try Self.number(values, named: "PORT", in: 1...65_535) ?? port
    workers = try Self.number(values, named: "WORKERS", in: 1...64) ?? workers
    threads = try Self.number(values, named: "THREADS", in: 1...256) ?? threads
    maxUploadBytes =
      try Self.number(values, named: "MAX_UPLOAD_BYTES", in: 1024...1_073_741_824) ?? maxUploadBytes
    placesPerCategory =
      try Self.number(values, named: "PLACES_PER_CATEGORY", in: 1...10) ?? placesPerCategory
    personalDataDays =
      try Self.number(values, named: "PERSONAL_DATA_DAYS", in: 0...36_500) ?? personalDataDays
    logRetentionDays =
      try Self.number(values, named: "LOG_RETENTION_DAYS", in: 1...36_500) ?? logRetentionDays
    submitRate = try Self.number(values, named: "SUBMIT_RATE", in: 1...100_000) ?? submitRate
    bind = try Self.address(values) ?? bind
    dataDirectory = try Self.path(values) ?? dataDirectory
    adminPassword = values["ADMIN_PASSWORD"]
    adminPasswordHash = try Self.hash(values)
    metricsToken = values["METRICS_TOKEN"]
    corsOrigins = try Self.origins(values)
    isModerated = try Self.flag(values, "MODERATION") ?? isModerated
    revealsArtists = try Self.flag(values, "REVEAL_ARTISTS") ?? revealsArtists
    sealsVotes = try Self.flag(values, "VOTE_SEAL") ?? sealsVotes
    consent = values["CONSENT"]
    rules = values["RULES"]
    cloudinary = try CloudinaryAccount(values: values)
    logLevel = try Self.level(values) ?? logLevel
  }

  // MARK: Values

  private static func number(
    _ values: [String: String], named name: String, in range: ClosedRange<Int>
  ) throws(SettingsError) -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw SettingsError(
        "\(name)=\(text) is not a whole number from \(range.lowerBound) to \(range.upperBound); "
          + "for example \(name)=\(max(range.lowerBound, min(range.upperBound, example(name))))")
    }
    return number
  }

  private static func flag(
    _ values: [String: String], _ name: String
  ) throws(SettingsError) -> Bool? {
    switch values[name]?.lowercased() {
    case nil: return nil
    case "on", "true", "yes", "1": return true
    case "off", "false", "no", "0": return false
    case let text?:
      throw SettingsError("\(name)=\(text) is neither on nor off; for example \(name)=on")
    }
  }

  private static func example(_ name: String) -> Int {
    let usual = Settings()
    return switch name {
    case "PORT": usual.port
    case "WORKERS": usual.workers
    case "THREADS": usual.threads
    case "MAX_UPLOAD_BYTES": usual.maxUploadBytes
    case "SUBMIT_RATE": usual.submitRate
    case "LOG_RETENTION_DAYS": usual.logRetentionDays
    case "PERSONAL_DATA_DAYS": usual.personalDataDays
    default: usual.placesPerCategory
    }
  }

  private static func address(_ values: [String: String]) throws(SettingsError) -> String? {
    guard let text = values["BIND"] else { return nil }
    let isAddress = text.utf8.allSatisfy { byte in
      byte.isLetterOrDigit || ".:-".utf8.contains(byte)
    }
    guard isAddress else {
      throw SettingsError("BIND=\(text) is not an address; for example BIND=127.0.0.1")
    }
    return text
  }

  private static func path(_ values: [String: String]) throws(SettingsError) -> String? {
    guard let text = values["DATA_DIR"] else { return nil }
    // The web server's configuration holds the path in quotes.
    guard !text.contains(where: { "\"\\${};&|\n\r".contains($0) }) else {
      throw SettingsError(
        "DATA_DIR=\(text) holds a character that a path in the web server's configuration cannot; "
          + "for example DATA_DIR=/var/lib/tattoo-contest")
    }
    return text
  }

  private static func origins(_ values: [String: String]) throws(SettingsError) -> [String] {
    let origins = (values["CORS_ORIGINS"] ?? "").split(separator: ",").map {
      String(trimmed($0))
    }
    for origin in origins {
      let host = ["https://", "http://"].first(where: origin.hasPrefix).map {
        origin.dropFirst($0.count)
      }
      guard let host, !host.isEmpty, !host.contains(where: { "/?#*\r\n ".contains($0) }) else {
        throw SettingsError(
          "CORS_ORIGINS holds “\(origin)”, which is not an origin; "
            + "for example CORS_ORIGINS=https://example.org,https://www.example.org")
      }
    }
    return origins
  }

  private static func hash(_ values: [String: String]) throws(SettingsError) -> String? {
    guard let text = values["ADMIN_PASSWORD_HASH"] else { return nil }
    guard PasswordHash(text) != nil else {
      throw SettingsError(
        "ADMIN_PASSWORD_HASH is not a hash of contestctl password; "
          + "for example ADMIN_PASSWORD_HASH='$scrypt$ln=14,r=8,p=5$<salt>$<hash>'")
    }
    return text
  }

  private static func level(_ values: [String: String]) throws(SettingsError) -> LogLevel? {
    guard let text = values["LOG_LEVEL"] else { return nil }
    guard let level = LogLevel(rawValue: text.lowercased()) else {
      let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
      throw SettingsError("LOG_LEVEL=\(text) is none of \(levels); for example LOG_LEVEL=info")
    }
    return level
  }

  // MARK: contest.env

  /// The folder that a file is in, with its slash; empty for a bare name.
  private static func folder(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)])
  }

  private static func file(
    at path: String, isNamed: Bool
  ) throws(SettingsError) -> [String: String] {
    guard let data = FileManager.default.contents(atPath: path) else {
      guard isNamed else { return [:] }
      throw SettingsError(
        "CONTEST_ENV=\(path) cannot be read; for example CONTEST_ENV=/etc/contest.env")
    }
    var values: [String: String] = [:]
    let lines = String(decoding: data, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let line = trimmed(line)
      if line.isEmpty || line.hasPrefix("#") { continue }
      let halves = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(trimmed(halves[0]))
      guard halves.count == 2, names.contains(name) else {
        throw SettingsError(
          "\(path), line \(index + 1): \(name) is not a setting; for example PORT=3000")
      }
      values[name] = unquoted(trimmed(halves[1]))
    }
    return values
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop(while: \.isWhitespace)
    return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
  }

  private static func unquoted(_ text: Substring) -> String {
    for quote in ["\"", "'"] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote)
    {
      return String(text.dropFirst().dropLast())
    }
    return String(text)
  }
}
