import ChildProcess
public import DurableStore
import JSON

/// Checks the web server as a visitor would see it, with requests sent by `curl`.
public struct WebServerExamination {
  /// Paths that the web server must not serve.
  private static let hidden = [
    "/data.json", "/data/data.json", "/var/data/data.json", "/.wal/", "/backups/", "/contest.env",
    "/.htaccess", "/.admin/password",
  ]

  private let curl: ChildProcess
  private let url: String
  /// Options of every call.
  private let options: [String]
  private let maxUploadBytes: Int

  /// Takes a site's address; `nil` when `curl` is not installed.
  ///
  /// - Parameters:
  ///   - url: Such as `https://contest.example.org`, with or without a slash at the end.
  ///   - address: The host to connect to instead of the one that the URL's name resolves to.
  ///   - settings: Those of the responders.
  public init?(url: String, at address: String? = nil, _ settings: Settings) {
    guard let curl = ChildProcess("curl") else { return nil }
    self.curl = curl
    let usual = [
      "-s", "-i", "-N", "-g", "--proto", "=http,https", "--max-time", "20", "-H", "Expect:",
    ]
    options = usual + (address.map { ["--connect-to", "::\($0):"] } ?? [])
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    maxUploadBytes = settings.maxUploadBytes
  }

  /// Runs all checks; takes several seconds and stores nothing.
  public func findings() -> [Finding] {
    let reached = reach()
    guard reached.verdict == .good else { return [reached] }
    return [
      reached, encryption(), bodyLimit(), requestBuffering(), events(), hiddenFiles(), fields(),
    ]
  }

  /// One answer: the status code, the header fields in lower case, and the content.
  private struct Answer {
    var status = 0
    var head = ""
    var content = ""
  }

  private func reach() -> Finding {
    let answer = send(["\(url)/ready"])
    switch answer?.status {
    case 200?: return Finding("web server", .good, detail: "\(url) answers")
    case let status?:
      return Finding(
        "web server", .bad, detail: "\(url)/ready answers \(status)",
        advice:
          "502 or 504: are the responders running? 503: contestctl verify; 404: is it this site?")
    case nil:
      return Finding(
        "web server", .bad, detail: "\(url) does not answer",
        advice: "is the web server running, and is that its address?")
    }
  }

  private func encryption() -> Finding {
    let host = url.dropFirst("http://".count)
    let isLocal = ["127.", "localhost", "[::1]"].contains { host.hasPrefix($0) }
    if url.hasPrefix("https://") {
      return Finding("https", .good, detail: "the site is reached by https")
    }
    return isLocal
      ? Finding("https", .unknown, detail: "this address is only for this machine")
      : Finding(
        "https", .warning, detail: "names, telephone numbers and the password are sent in clear",
        advice: "get a certificate, with certbot for example (docs/operations.md)")
  }

  /// Sends a file of the largest size allowed; it is not a picture, so the responder refuses it.
  private func bodyLimit() -> Finding {
    let check = "body limit"
    let bytes = [UInt8](repeating: 0, count: maxUploadBytes)
    guard
      let answer = send(
        ["-F", "category=doctor", "-F", "photo=@-;filename=doctor.jpg", "\(url)/api/submit"],
        input: bytes)
    else { return Finding(check, .bad, detail: "the connection broke", advice: limitAdvice) }
    switch answer.status {
    case 400, 415:
      return Finding(check, .good, detail: "photos of \(maxUploadBytes) bytes come through")
    case 429: return Finding(check, .unknown, detail: "too many submissions came from this address")
    case 413:
      return Finding(
        check, .bad, detail: "a photo of \(maxUploadBytes) bytes is refused", advice: limitAdvice)
    default:
      return Finding(
        check, .bad, detail: "a photo of \(maxUploadBytes) bytes is answered with \(answer.status)",
        advice: limitAdvice)
    }
  }

  private var limitAdvice: String {
    "nginx: client_max_body_size; Apache: the upload route has to be CGI, not mod_fcgid; or a smaller MAX_UPLOAD_BYTES"
  }

  /// Sends a message-body slowly: if the web server buffers requests, no responder waits for it.
  private func requestBuffering() -> Finding {
    let check = "request buffering"
    // curl sends 64 KB at a time, and pauses between.
    let slow = [
      "--limit-rate", "100K", "-F", "category=doctor", "-F", "photo=@-;filename=doctor.jpg",
      "\(url)/api/submit",
    ]
    guard let answer = send(slow, input: [UInt8](repeating: 0, count: 200_000)),
      answer.status == 400 || answer.status == 415
    else { return Finding(check, .unknown, detail: "it could not be determined") }
    return answer.head.contains("server-timing: body;dur=")
      ? Finding(
        check, .warning, detail: "a responder waits for each slow phone",
        advice: "nginx: fastcgi_request_buffering on; with plain CGI it cannot be helped")
      : Finding(check, .good, detail: "the web server takes slow bodies by itself")
  }

  /// Opens an event stream, whose first bytes have to arrive at once.
  private func events() -> Finding {
    let check = "events"
    guard let answer = send(["--max-time", "4", "\(url)/api/events?after=0"]) else {
      return Finding(check, .bad, detail: "the connection broke", advice: eventsAdvice)
    }
    switch answer.status {
    case 200 where answer.content.contains("retry:"):
      return Finding(check, .good, detail: "they come as they happen")
    case 200:
      return Finding(
        check, .bad, detail: "the web server or a proxy holds them back", advice: eventsAdvice)
    case 404, 501:
      return Finding(
        check, .good, detail: "not offered here; the pages ask again every few seconds")
    default:
      return Finding(
        check, .warning, detail: "answered with \(answer.status)",
        advice: "is tattoo-contest live running? the pages ask again instead")
    }
  }

  private var eventsAdvice: String {
    "switch off buffering for /api/events and /socket.io/: nginx fastcgi_buffering and proxy_buffering, at a CDN its cache"
  }

  private func hiddenFiles() -> Finding {
    guard send(["\(url)/there-is-no-such-file"])?.status != 200 else {
      return Finding("data", .unknown, detail: "the web server has an answer for every path")
    }
    let open = Self.hidden.filter { send(["\(url)\($0)"])?.status == 200 }
    return open.isEmpty
      ? Finding("data", .good, detail: "no file of the data directory is reachable")
      : Finding(
        "data", .bad, detail: "everybody can read \(open.joined(separator: ", "))",
        advice: "move DATA_DIR out of the document root, or make the web server deny access to it")
  }

  private func fields() -> Finding {
    let head = send(["\(url)/"])?.head ?? ""
    let missing = ["content-security-policy", "x-content-type-options"].filter {
      !head.contains("\n\($0):")
    }
    return missing.isEmpty
      ? Finding("header fields", .good, detail: "pages come with their security header fields")
      : Finding(
        "header fields", .warning,
        detail: "pages come without \(missing.joined(separator: " and "))",
        advice: "nginx: include policy/security.conf; Apache: mod_headers")
  }

  /// Sends a request; `nil` when there was no answer.
  private func send(_ arguments: [String], input: [UInt8] = []) -> Answer? {
    // curl fails when it hits its time limit; the output received by then still counts.
    guard let shell = ChildProcess("sh") else { return nil }
    let words = options + arguments
    let output = try? shell.run(
      ["-c", "\"$0\" \"$@\" || true", curl.path] + words, input: .bytes(input),
      limits: .init(seconds: 60, outputBytes: 4 << 20))
    guard let output, !output.isEmpty else { return nil }
    let text = String(decoding: output, as: UTF8.self)
    var answer = Answer()
    guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
    answer.head = text[..<end.lowerBound].lowercased().split(separator: "\r\n")
      .joined(separator: "\n")
    answer.content = String(text[end.upperBound...])
    answer.status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return answer
  }
}
