import Foundation
import TestSupport

/// nginx with a configuration of its own, at a port of this machine.
final class WebServer {
  private let process = Process()
  /// Where it keeps what is on its way, as long as it runs.
  private let home: TemporaryDirectory

  /// Starts it; `configuration` stands in the `http` block.
  init(_ configuration: String, home: TemporaryDirectory, port: Int) throws {
    self.home = home
    let places = ["client_body", "proxy", "fastcgi", "scgi", "uwsgi"].map {
      "\($0)_temp_path \(home.file("nginx-" + $0));"
    }
    try write(
      """
      daemon off;
      \(geteuid() == 0 ? "user root;" : "")
      pid \(home.file("nginx.pid"));
      error_log \(home.file("nginx.log"));
      events {}
      http {
        access_log off;
        \(places.joined(separator: "\n  "))
        \(configuration)
      }
      """, to: home.file("nginx.conf"))
    process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
    process.arguments = [
      "-p", home.path, "-c", home.file("nginx.conf"), "-e", home.file("nginx.log"),
    ]
    try process.runWithSignals()
    try eventually("nginx answers", within: .seconds(20)) {
      (try? HTTPClient.send("GET", "/", port: port))?.status == 200
    }
  }

  deinit {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }
}
