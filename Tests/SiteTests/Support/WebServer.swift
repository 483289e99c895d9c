import Foundation
import TestSupport

/// nginx with a configuration of its own, at a port of this machine.
final class WebServer {
  private let process: Program
  /// Holds nginx's temporary files; must exist as long as it runs.
  private let home: TemporaryDirectory

  /// Starts nginx; `configuration` goes into the `http` block.
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
    process = Program(
      "/usr/sbin/nginx",
      ["-p", home.path, "-c", home.file("nginx.conf"), "-e", home.file("nginx.log")])
    try process.start()
    try eventually("nginx answers") {
      (try? HTTPClient.send("GET", "/", port: port))?.status == 200
    }
  }

  deinit {
    process.send(SIGTERM)
    process.wait()
  }
}
