import Glibc
import SystemPackage

/// How the responder ends when it cannot start.
enum Exit: Error, CustomStringConvertible {
  case usage

  /// How to start it.
  var description: String {
    """
    This is a FastCGI and CGI responder; a web server or a supervisor starts it.
    FastCGI: with a listening socket as standard input, as spawn-fcgi or systemd pass it.
    CGI: with the environment of RFC 3875; GATEWAY_INTERFACE must be set.
    To try the site out: scripts/serve
    """
  }

  /// Writes the reason to standard error and exits; see `sysexits.h(3head)`, EX_CONFIG.
  static func fail(_ error: any Error) -> Never {
    // There is nowhere else to say it.
    _ = try? FileDescriptor.standardError.writeAll("tattoo-contest: \(error)\n".utf8)
    exit(error is Exit ? EX_USAGE : EX_CONFIG)
  }
}
