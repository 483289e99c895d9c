import Foundation
import TestSupport
import Testing

private let isLong = ProcessInfo.processInfo.environment["CONTEST_LONG_SWEEP"] != nil

/// The Debian package, of one revision or another.
func makePackage(revision: Int = 1) throws -> String {
  let result = try run(
    Checkout.top + "/scripts/package", ["--revision", String(revision)],
    environment: ProcessInfo.processInfo.environment)
  try #require(result.status == 0, "\(result.errors)")
  return String(decoding: result.output, as: UTF8.self).trimmingCharacters(in: .newlines)
}

/// What the disk of a Debian machine holds that the tests start: made once.
func machineRoot() throws -> String {
  let root = Checkout.top + "/.build/machine/root.tar"
  try FileManager.default.createDirectory(
    atPath: Checkout.top + "/.build/machine", withIntermediateDirectories: true)
  let made = try run(
    Checkout.top + "/Tests/Packages/machine",
    [
      "root", root, "systemd", "systemd-sysv", "dbus", "nginx-light", "curl", "ca-certificates",
      "procps", "logrotate", "libvips-tools", "adduser", "debconf", "iproute2", "restic", "openssl",
    ], environment: ProcessInfo.processInfo.environment)
  try #require(made.status == 0, "\(made.errors)")
  return root
}

@Suite(.serialized, .blocking)
struct `The Debian package` {
  @Test func `holds what a site needs, with scripts that parse and settings that are asked about`()
    throws
  {
    let package = try makePackage()
    let home = try TemporaryDirectory()
    #expect(try run("/usr/bin/dpkg-deb", ["-R", package, home.file("root")]).status == 0)
    let root = home.file("root")
    for name in [
      "usr/lib/tattoo-contest/tattoo-contest", "usr/lib/tattoo-contest/contestctl",
      "usr/sbin/tattoo-contest-setup", "lib/systemd/system/tattoo-contest@.service",
      "lib/systemd/system/tattoo-contest.socket", "usr/share/tattoo-contest/html/index.html",
      "usr/share/tattoo-contest/nginx/server.conf", "etc/tattoo-contest/contest.env",
      "etc/nginx/sites-available/tattoo-contest", "etc/logrotate.d/tattoo-contest",
      "etc/fail2ban/filter.d/tattoo-contest.conf", "usr/share/man/man1/contestctl.1.gz",
      "usr/share/bash-completion/completions/contestctl", "usr/share/doc/tattoo-contest/copyright",
    ] {
      let attributes = try FileManager.default.attributesOfItem(atPath: root + "/" + name)
      #expect((attributes[.size] as? Int ?? 0) > 0, "\(name)")
    }
    let kept = String(decoding: try contents(of: root + "/DEBIAN/conffiles"), as: UTF8.self)
    #expect(kept.contains("/etc/tattoo-contest/contest.env\n"))
    for script in ["config", "postinst", "prerm", "postrm"] {
      #expect(try run("/bin/sh", ["-n", root + "/DEBIAN/" + script]).status == 0, "\(script)")
    }
    for script in ["usr/sbin/tattoo-contest-setup", "usr/lib/tattoo-contest/pool"] {
      #expect(try run("/bin/bash", ["-n", root + "/" + script]).status == 0, "\(script)")
    }
    try hasDocuments(root)
  }

  private func hasDocuments(_ root: String) throws {
    // The settings that it ships are settings.
    let settings = try run(
      root + "/usr/lib/tattoo-contest/contestctl", ["settings"],
      environment: ["CONTEST_ENV": root + "/etc/tattoo-contest/contest.env"])
    #expect(String(decoding: settings.output, as: UTF8.self).contains("WORKERS='2'"))
    // Each is explained in the manual.
    let manual = try run(
      "/bin/gzip", ["-dc", root + "/usr/share/man/man5/contest.env.5.gz"])
    let explained = String(decoding: manual.output, as: UTF8.self)
    for name in try settingNames() { #expect(explained.contains(name), "\(name)") }
    // Each command is in the other.
    let help = try run("/bin/gzip", ["-dc", root + "/usr/share/man/man1/contestctl.1.gz"])
    for command in ["doctor", "restore", "password", "photos", "bench commit"] {
      #expect(String(decoding: help.output, as: UTF8.self).contains(".SS \(command)\n"))
    }
  }

  private func settingNames() throws -> [String] {
    let source = try String(
      contentsOfFile: Checkout.top + "/Sources/ContestAPI/Settings/Settings.swift",
      encoding: .utf8)
    let list = try #require(source.firstMatch(of: /names = \[([^\]]*)\]/))
    return list.output.1.matches(of: /"([A-Z_]+)"/).map { String($0.output.1) }
  }

  @Test(.enabled(if: isLong), .timeLimit(.minutes(5)))
  func `has no errors for Debian's own checker`() throws {
    let result = try run(
      "/usr/bin/lintian", ["--fail-on", "error", try makePackage()],
      environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"])
    #expect(result.status == 0, "\(String(decoding: result.output, as: UTF8.self))")
  }

  @Test(.enabled(if: isLong), .timeLimit(.minutes(20)))
  func `is installed, served, upgraded without a failed request, removed and purged`() throws {
    let result = try run(
      Checkout.top + "/Tests/Packages/debian",
      [try makePackage(), try makePackage(revision: 2), try machineRoot()],
      environment: ProcessInfo.processInfo.environment)
    let said = String(decoding: result.output, as: UTF8.self)
    #expect(result.status == 0, "\(said)\(result.errors)")
    print(said)
  }

  @Test(.enabled(if: isLong))
  func `comes with a filter that finds wrong passwords, and nothing else, in the log`() throws {
    let home = try TemporaryDirectory()
    try write(
      """
      warning login failed client=203.0.113.7 request=0123
      warning login failed client=2001:db8::7 request=0123
      info login client=203.0.113.7 request=0123
      warning login failed elsewhere client=203.0.113.7
      error x warning login failed client=203.0.113.7 request=0123

      """, to: home.file("log"))
    let result = try run(
      "/usr/bin/fail2ban-regex",
      [home.file("log"), Checkout.top + "/scripts/packaging/debian/fail2ban-filter"],
      environment: ["PATH": "/usr/bin:/bin"])
    let said = String(decoding: result.output, as: UTF8.self)
    #expect(said.contains("Lines: 5 lines, 0 ignored, 2 matched, 3 missed"), "\(said)")
  }
}
