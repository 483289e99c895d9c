import ArgumentParser
import ContestAPI
import Photos

/// Checks the settings and prints them for a shell.
struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "Checks the settings and prints those that a start script needs, for a shell to read."
  )

  @OptionGroup var options: SiteOptions

  func run() throws {
    let settings = try options.settings()
    let values: [(String, String)] = [
      ("PORT", String(settings.port)), ("BIND", settings.bind),
      ("DATA_DIR", settings.dataDirectory), ("WORKERS", String(settings.workers)),
      ("THREADS", String(settings.threads)),
      ("MAX_UPLOAD_BYTES", String(settings.maxUploadBytes)),
      ("SUBMIT_RATE", String(settings.submitRate)),
      ("IMAGE_HOST", settings.cloudinary?.deliveryPrefix ?? ""),
    ]
    for (name, value) in values {
      print(
        "\(name)='\(value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
      )
    }
  }
}
