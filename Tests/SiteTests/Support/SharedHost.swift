import Foundation
import TestSupport

/// A shared host's Apache with one tenant, unprivileged, at a free port.
///
/// The whole site comes from the package, unpacked into the tenant's folder.
final class SharedHost {
  /// The kinds of hosts.
  enum Kind: CaseIterable {
    case cgiAlone
    case withFastCGI
    /// Tenants may override less.
    case narrow
  }

  static let package = Result { try makePackage() }

  let port = RunningSite.freePort()
  let folder: String
  private let home: TemporaryDirectory
  private var process: Program?

  /// Unpacks the package and starts the web server.
  ///
  /// - Parameters:
  ///   - kind: The kind of host.
  ///   - settings: Lines of `contest.env`; if there are none, there is no such file.
  /// - Throws: The reason why the web server did not start.
  init(_ kind: Kind, settings: [String] = []) throws {
    home = try TemporaryDirectory()
    folder = home.file("public_html")
    try Self.check(try run("/usr/bin/unzip", ["-q", try Self.package.get(), "-d", folder]))
    if !settings.isEmpty {
      try write(settings.joined(separator: "\n") + "\n", to: folder + "/contest.env")
    }
    try FileManager.default.createDirectory(
      atPath: home.file("run"), withIntermediateDirectories: true)
    try write(configuration(kind), to: home.file("httpd.conf"))
    try start(["/usr/sbin/apache2", "-f", home.file("httpd.conf"), "-DFOREGROUND"])
  }

  deinit {
    process?.send(SIGTERM)
    process?.wait()
  }

  /// What the web server and the programs have logged.
  var log: String {
    (try? String(contentsOfFile: home.file("run/error.log"), encoding: .utf8)) ?? ""
  }

  /// Returns the path of a tenant's file outside the document root, in the folder above it.
  func outside(_ name: String) -> String { home.file(name) }

  func send(
    _ method: String, _ target: String, fields: [(String, String)] = [], body: [UInt8] = []
  ) throws -> Answer {
    try HTTPClient.send(method, target, fields: fields, body: body, port: port)
  }

  func submit(_ form: Form, fields: [(String, String)] = []) throws -> Answer {
    try RunningSite.submit(form, fields: fields, port: port)
  }

  /// Starts a command as an unprivileged user: root becomes nobody.
  private func start(_ command: [String]) throws {
    var words = command
    if geteuid() == 0 {
      try Self.check(
        try run("/usr/bin/chown", ["-R", "nobody:nogroup", home.path], environment: [:]))
      words =
        ["/usr/bin/setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"] + words
    }
    let process = Program(
      words[0], Array(words.dropFirst()), environment: ["PATH": "/usr/sbin:/usr/bin:/bin"])
    try process.start()
    self.process = process
    try eventually("the host answers") {
      (try? self.send("GET", "/").status) != nil
    }
  }

  private func configuration(_ kind: Kind) -> String {
    let modules =
      [
        "mpm_event", "authz_core", "authz_host", "dir", "mime", "negotiation", "autoindex", "alias",
        "env", "setenvif", "rewrite", "headers", "filter", "deflate", "cgid",
      ] + (kind == .cgiAlone ? [] : ["fcgid"])
    let fastCGI = """
      FcgidIPCDir \(home.file("run/sockets"))
      FcgidProcessTableFile \(home.file("run/table"))
      """
    return """
      ServerRoot \(home.path)
      ServerName localhost
      Listen 127.0.0.1:\(port)
      PidFile \(home.file("run/pid"))
      DefaultRuntimeDir \(home.file("run"))
      ErrorLog \(home.file("run/error.log"))
      \(modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }.joined(separator: "\n"))
      ScriptSock \(home.file("run/cgi"))
      \(kind == .cgiAlone ? "" : fastCGI)
      TypesConfig /etc/mime.types
      DocumentRoot \(folder)
      <Directory />
        AllowOverride None
        Require all denied
      </Directory>
      <Directory \(folder)>
        \(Self.options(kind))
        Require all granted
      </Directory>
      # What hosts say for everybody.
      AddHandler cgi-script .cgi .pl .py
      AddOutputFilterByType DEFLATE text/html text/css application/json
      ErrorDocument 404 "a page of the host"
      """
  }

  /// Returns what a tenant may override.
  private static func options(_ kind: Kind) -> String {
    kind == .narrow
      ? """
      AllowOverride FileInfo AuthConfig Indexes Limit Options=Indexes,MultiViews,ExecCGI,SymLinksIfOwnerMatch
      Options +ExecCGI +SymLinksIfOwnerMatch +Indexes +MultiViews
      """
      : """
      AllowOverride All
      Options +ExecCGI +FollowSymLinks +Indexes +MultiViews
      """
  }

  private static func makePackage() throws -> String {
    let result = try run(
      Checkout.top + "/scripts/package", ["--shared-hosting"],
      environment: ProcessInfo.processInfo.environment)
    try check(result)
    return String(decoding: result.output, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  private static func check(_ result: (status: Int32, output: [UInt8], errors: String)) throws {
    guard result.status == 0 else { throw Failed(description: result.errors) }
  }

  struct Failed: Error, CustomStringConvertible {
    let description: String
  }
}
