import CGI
import ContestAPI
import DirectorySite
import DirectoryStore
import DurableStore
import Glibc
import HTTPTypes
import JSON
import Logging
import Realtime
import StoreProof
import Synchronization

/// Requests, what live clients send, and settings.
extension FuzzTarget {
  static let live = FuzzTarget(name: "live") { bytes in
    let audience = Stage.shared
    let sid = audience.open()
    // A payload of one request, and the same as several.
    for payload in [bytes] + bytes.split(separator: 0x0A).map(Array.init).prefix(8) {
      audience.post(payload, sid)
    }
    audience.leave(sid)
  }

  static let settings = FuzzTarget(name: "settings") { bytes in
    let path = Home.path + "/contest.env"
    guard let file = fopen(path, "w") else { fatalError("\(path): \(errno)") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    do {
      let settings = try Settings(environment: ["CONTEST_ENV": path], executable: "/bin/contest")
      require(settings.threads > 0 && settings.port > 0, "settings out of their range")
    } catch {
      require("\(error)".contains("for example") || "\(error)".contains("CONTEST_ENV"), "\(error)")
    }
  }

  /// Lines `METHOD target`, `Name: value` …, an empty line and a body.
  static let request = FuzzTarget(name: "request") { bytes in
    let halves = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let heads = halves.prefix { !$0.isEmpty }
    let body = Array(halves.dropFirst(heads.count + 1).joined(separator: [0x0A]))
    guard let request = request(heads.map { String(decoding: $0, as: UTF8.self) }, body) else {
      return
    }
    let response = Desk.shared.site.respond(to: request)
    let status = response.status.code
    require((200..<500).contains(status), "\(request.method) \(request.path): \(status)")
    let type = response.fields[.contentType] ?? ""
    if type.hasPrefix("application/json"), !response.body.isEmpty {
      require((try? JSONValue(parsing: response.body)) != nil, "an answer that is not JSON")
    }
    if status >= 400, request.method != .head, type.hasPrefix("application/json") {
      let object = (try? JSONValue(parsing: response.body))?.object
      require(object?["error"]?.string?.isEmpty == false, "an error without a sentence")
      require(object?["code"]?.string?.isEmpty == false, "an error without a code")
    }
  }

  private static func request(_ lines: [String], _ body: [UInt8]) -> Request? {
    let words = (lines.first ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2 else { return nil }
    let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var variables = [
      "REQUEST_METHOD": String(words[0]), "PATH_INFO": String(target.first ?? ""),
      "QUERY_STRING": target.count > 1 ? String(target[1]) : "",
      "CONTENT_LENGTH": String(body.count), "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "x",
      "HTTP_COOKIE": Desk.shared.cookie, "CONTENT_TYPE": "application/json",
    ]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let name = parts[0].uppercased().split(separator: "-").joined(separator: "_")
      let value = parts[1].drop { $0 == " " }
      // A second cookie stands beside the session's.
      if name == "COOKIE" {
        variables["HTTP_COOKIE"] = value + "; " + Desk.shared.cookie
      } else if name == "CONTENT_TYPE" {
        variables[name] = String(value)
      } else {
        variables["HTTP_" + name] = String(value)
      }
    }
    return try? Request(metaVariables: MetaVariables(variables), body: Array(body))
  }
}

/// A site with an administrator's session.
private final class Desk: Sendable {
  static let shared = Desk()

  let site: Site
  let cookie: String

  private init() {
    let path = Home.path + "/site"
    let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    do {
      site = try DirectorySite(
        try Settings(values: ["DATA_DIR": path, "ADMIN_PASSWORD": "a password of ours"]),
        logger: logger
      ).site
      let body = Array(#"{"password":"a password of ours"}"#.utf8)
      let request = try Request(
        metaVariables: MetaVariables([
          "REQUEST_METHOD": "POST", "PATH_INFO": "/api/login",
          "CONTENT_LENGTH": String(body.count),
        ]), body: body)
      let field = site.respond(to: request).fields[.setCookie] ?? ""
      cookie = String(field.prefix { $0 != ";" })
    } catch {
      fatalError("\(error)")
    }
  }
}

/// An audience of a store in memory.
private final class Stage: Sendable {
  static let shared = Stage()

  private let audience: Mutex<Audience>
  private let store: DirectoryStore<Ledger>

  private init() {
    do {
      let directory = DataDirectory(Home.path + "/live")
      store = try DirectoryStore(directory)
      try store.recover()
      for key in ["a", "b", "c"] { try store.commit(key) }
      audience = Mutex(
        Audience(try LogFollower(directory)) { completed in
          LiveEvent(sequence: completed.sequence, name: "row", data: Array("{}".utf8))
        })
    } catch {
      fatalError("\(error)")
    }
  }

  func open() -> String {
    let answer = exchange(nil, nil)
    return String(answer.split(separator: "\"").dropFirst(3).first ?? "")
  }

  func post(_ payload: [UInt8], _ sid: String) {
    let answer = exchange(payload, sid)
    require(
      answer.hasSuffix("ok") || answer.contains("Bad request") || answer.contains("Session ID"),
      "an answer that is none: \(answer)")
  }

  func leave(_ sid: String) { _ = exchange(Array("1".utf8), sid) }

  private func exchange(_ content: [UInt8]?, _ sid: String?) -> String {
    let connection = Connection()
    audience.withLock { audience in
      audience.take(
        Audience.Exchange(
          isPoll: content == nil, version: "4", transport: "polling", sessionID: sid,
          content: content ?? [], takesOffsets: true, fields: ""), connection)
    }
    return String(decoding: connection.sent.withLock { $0 }, as: UTF8.self)
  }

  private final class Connection: LiveConnection {
    private static let lastNumber = Atomic<UInt64>(0)
    let number = Connection.lastNumber.add(1, ordering: .relaxed).newValue
    let sent = Mutex<[UInt8]>([])

    func send(_ content: [UInt8]) -> Delivery {
      sent.withLock { $0 += content }
      return .sent
    }

    func finish() {}
    func drop() {}
  }
}
