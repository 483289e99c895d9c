import Photos

extension CloudinaryAccount {
  /// Reads the settings of Cloudinary; `nil` when there are none.
  ///
  /// - Parameter values: The settings by name.
  /// - Throws: `SettingsError` for one that is malformed or missing.
  init?(values: [String: String]) throws(SettingsError) {
    guard var account = try Self.named(values) else { return nil }
    if let text = values["CLOUDINARY_SIGNATURE_ALGORITHM"] {
      guard let algorithm = SignatureAlgorithm(rawValue: text.lowercased()) else {
        throw SettingsError(
          "CLOUDINARY_SIGNATURE_ALGORITHM=\(text) is neither sha1 nor sha256; "
            + "for example CLOUDINARY_SIGNATURE_ALGORITHM=sha256")
      }
      account.algorithm = algorithm
    }
    account.uploadPrefix = try Self.prefix(values, "UPLOAD") ?? account.uploadPrefix
    account.deliveryPrefix = try Self.prefix(values, "DELIVERY") ?? account.deliveryPrefix
    self = account
  }

  private static func named(_ values: [String: String]) throws(SettingsError) -> CloudinaryAccount?
  {
    if let url = values["CLOUDINARY_URL"] { return try parsed(url) }
    let names = ["CLOUDINARY_CLOUD_NAME", "CLOUDINARY_API_KEY", "CLOUDINARY_API_SECRET"]
    let given = names.filter { values[$0] != nil }
    guard !given.isEmpty else { return nil }
    let parts = names.compactMap { values[$0] }
    guard parts.count == names.count else {
      let missing = names.first { values[$0] == nil } ?? ""
      throw SettingsError(
        "\(missing) is missing although \(given[0]) is set; set all three of Cloudinary, or none; "
          + "for example CLOUDINARY_URL=cloudinary://123456789012345:secret@my-cloud has all of them"
      )
    }
    guard let account = CloudinaryAccount(parts[0], apiKey: parts[1], apiSecret: parts[2]) else {
      throw SettingsError(
        "CLOUDINARY_CLOUD_NAME, CLOUDINARY_API_KEY or CLOUDINARY_API_SECRET holds a character that "
          + "Cloudinary does not use; for example CLOUDINARY_CLOUD_NAME=demo")
    }
    return account
  }

  private static func parsed(_ url: String) throws(SettingsError) -> CloudinaryAccount {
    let halves = url.dropFirst("cloudinary://".count).split(separator: "@")
    let key = halves.first?.split(separator: ":") ?? []
    guard url.hasPrefix("cloudinary://"), halves.count == 2, key.count == 2,
      let account = CloudinaryAccount(
        String(halves[1]), apiKey: String(key[0]), apiSecret: String(key[1]))
    else {
      // The value holds a secret, so the message must not quote it.
      throw SettingsError(
        "CLOUDINARY_URL is malformed; for example CLOUDINARY_URL=cloudinary://<key>:<secret>@<cloud>"
      )
    }
    return account
  }

  private init?(_ cloudName: String, apiKey: String, apiSecret: String) {
    let isPlain = [cloudName, apiKey, apiSecret].allSatisfy { text in
      text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"\\/?#&".utf8.contains($0) }
    }
    guard isPlain else { return nil }
    self.init(cloudName: cloudName, apiKey: apiKey, apiSecret: apiSecret)
  }

  private static func prefix(
    _ values: [String: String], _ kind: String
  ) throws(SettingsError) -> String? {
    guard let text = values["CLOUDINARY_\(kind)_PREFIX"] else { return nil }
    let host = ["https://", "http://"].first(where: text.hasPrefix).map { text.dropFirst($0.count) }
    let isOrigin = host.map { host in
      !host.isEmpty
        && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"\\/?#;,'|&$".utf8.contains($0) }
    }
    guard isOrigin == true else {
      throw SettingsError(
        "CLOUDINARY_\(kind)_PREFIX=\(text) is not an origin; "
          + "for example CLOUDINARY_\(kind)_PREFIX=https://pictures.example.org")
    }
    return text
  }
}
