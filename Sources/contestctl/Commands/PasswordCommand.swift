import ArgumentParser
import ContestAPI
import FoundationEssentials

/// Sets the administrator's password.
struct PasswordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "password",
    abstract: "Sets the administrator's password, read from standard input.",
    discussion: "Only its scrypt hash is stored. All sessions end.")

  @OptionGroup var options: SiteOptions
  @Flag(help: "Generate a password and print it.") var generate = false
  @Flag(help: "Do nothing if a password is set.") var ifMissing = false
  @Flag(help: "Only print the hash, for ADMIN_PASSWORD_HASH.") var hashOnly = false

  func run() throws {
    if hashOnly { return print(try PasswordHash(of: try password()).text) }
    let settings = try options.settings()
    try FileManager.default.createDirectory(
      atPath: settings.dataDirectory, withIntermediateDirectories: true)
    let site = try options.site()
    if ifMissing, try site.password.isSet() { return }
    guard !site.password.isInSettings else {
      throw ValidationError(
        "ADMIN_PASSWORD or ADMIN_PASSWORD_HASH is set and takes precedence; change or unset it.")
    }
    let password = try password()
    try site.password.set(try PasswordHash(of: password))
    print(generate ? "Administrator's password: \(password)" : "The password is set.")
  }

  private func password() throws -> String {
    if generate { return Self.generated() }
    guard let password = HiddenInput.readLine(prompt: "New password: "), !password.isEmpty else {
      throw ValidationError("The password is empty.")
    }
    return password
  }

  /// 100 bits in groups that can be read aloud, without letters that look like digits.
  private static func generated() -> String {
    let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
    var generator = SystemRandomNumberGenerator()
    let groups = (0..<4).map { _ in
      String((0..<5).map { _ in letters.randomElement(using: &generator) ?? "x" })
    }
    return groups.joined(separator: "-")
  }
}
