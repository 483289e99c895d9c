import Foundation
import JSON
import Synchronization
import TestSupport

/// The site has ended instead of answering.
struct NoSite: Error {
  let output: String
}

/// The site as `scripts/serve` starts it: nginx and several responder processes.
final class RunningSite {
  static let password = "correct horse"

  let port: Int
  let dataDirectory: String
  private let home: TemporaryDirectory
  private let environment: [String: String]
  private var process: Program

  /// Starts a site of its own, at a free port.
  init(_ settings: [String: String] = [:], dataDirectory: String? = nil) throws {
    home = try TemporaryDirectory()
    self.dataDirectory = dataDirectory ?? home.file("data")
    port = Self.freePort()
    var environment = ProcessInfo.processInfo.environment
    environment["PORT"] = String(port)
    environment["DATA_DIR"] = self.dataDirectory
    environment["WORKERS"] = "3"
    environment["ADMIN_PASSWORD"] = Self.password
    environment.merge(settings) { $1 }
    self.environment = environment
    process = Program(Checkout.top + "/scripts/serve", environment: environment)
    try start()
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: Checkout.top + "/var/run/\(port)")
  }

  var output: String { (try? String(contentsOfFile: home.file("output"), encoding: .utf8)) ?? "" }
  var accessLog: [String] {
    let path = Checkout.top + "/var/run/\(port)/access.log"
    return ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").map(
      String.init)
  }

  /// Starts it, and waits until it answers.
  func start() throws {
    process = Program(Checkout.top + "/scripts/serve", environment: environment)
    try write([], to: home.file("output"))
    // Both at its end: what one stream has written must not be overwritten by the other.
    for stream: Int32 in [1, 2] {
      let descriptor = open(home.file("output"), O_WRONLY | O_APPEND)
      process.connect(stream, to: FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    }
    try process.start()
    do {
      try eventually("the site answers") {
        guard process.isRunning else { throw NoSite(output: output) }
        return self.output.contains("The site is at")
      }
    } catch let error as NeverHappened {
      throw NoSite(output: "\(error.description)\n\(output)\n\(processes)")
    }
  }

  /// What its processes are doing: command, state, and what each waits for in the kernel.
  private var processes: String {
    let numbers = ([process.identifier] + tree).map(String.init).joined(separator: ",")
    let listing = try? run(
      "/usr/bin/ps", ["-L", "-o", "pid,ppid,stat,wchan:24,etimes,args", "-p", numbers])
    return listing.map { String(decoding: $0.output, as: UTF8.self) } ?? ""
  }

  /// Stops the site in order and returns the exit status.
  @discardableResult
  func stop() -> Int32 {
    process.send(SIGTERM)
    let deadline = Date() + 40
    while process.isRunning, Date() < deadline { usleep(5000) }
    if process.isRunning { killAll() }
    process.wait()
    return process.status
  }

  /// Kills every process of it.
  func killAll() {
    let tree = descendants(of: process.identifier)
    for identifier in [process.identifier] + tree { kill(identifier, SIGKILL) }
    process.wait()
  }

  /// The identifiers of the responder processes.
  var responders: [pid_t] {
    programs.filter { argument(of: $0) == nil }
  }
  /// The identifier of the process that serves live clients.
  var liveProcess: pid_t? { programs.first { argument(of: $0) == "live" } }

  private var programs: [pid_t] {
    descendants(of: process.identifier).filter { name(of: $0) == "tattoo-contest" }
  }

  /// Returns the command in a process's arguments; a responder has none.
  private func argument(of identifier: pid_t) -> String? {
    let line = (try? contents(of: "/proc/\(identifier)/cmdline")) ?? []
    let arguments = line.split(separator: 0).dropFirst()
    return arguments.last.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The process of `scripts/serve`.
  var identifier: pid_t { process.identifier }

  var tree: [pid_t] { descendants(of: process.identifier) }

  func send(
    _ method: String, _ target: String, fields: [(String, String)] = [], body: [UInt8] = []
  ) throws -> Answer {
    try HTTPClient.send(method, target, fields: fields, body: body, port: port)
  }

  func submit(_ form: Form, fields: [(String, String)] = []) throws -> Answer {
    try Self.submit(form, fields: fields, port: port)
  }

  /// Logs in and returns the header fields of an administrator's request.
  func logIn() throws -> [(String, String)] {
    let answer = try send(
      "POST", "/api/login", fields: [("Content-Type", "application/json")],
      body: Array("{\"password\":\"\(Self.password)\"}".utf8))
    let cookie = answer.fields["set-cookie"]?.prefix { $0 != ";" } ?? ""
    return [("Cookie", String(cookie)), ("Content-Type", "application/json")]
  }

  static func submit(_ form: Form, fields: [(String, String)] = [], port: Int) throws -> Answer {
    try HTTPClient.send(
      "POST", "/api/submit", fields: [("Content-Type", Form.contentType)] + fields, body: form.body,
      port: port)
  }

  /// The identifiers of all entries in the feed.
  func feedIDs() throws -> [String] {
    let feed = try send("GET", "/api/feed").json["feed"]?.object
    return (feed?.members ?? []).flatMap { $0.value.array ?? [] }
      .compactMap { $0.object?["id"]?.string }
  }

  private static let givenPorts = Mutex<Set<Int>>([])

  /// A port that nobody listens at, and that is given once.
  ///
  /// It is below those that the system gives to outgoing connections (`ip_local_port_range`): one of them might take
  /// it before the site does.
  static func freePort() -> Int {
    givenPorts.withLock { given in
      while true {
        let port = Int.random(in: 10_000..<32_000)
        if isFree(port), given.insert(port).inserted { return port }
      }
    }
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

/// Returns all descendants of a process, from `/proc`.
func descendants(of parent: pid_t) -> [pid_t] {
  var children: [pid_t: [pid_t]] = [:]
  for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
    guard let identifier = pid_t(name),
      let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
      let end = stat.lastIndex(of: ")")
    else { continue }
    let words = stat[stat.index(after: end)...].split(separator: " ")
    if words.count > 1, let parent = pid_t(words[1]) {
      children[parent, default: []].append(identifier)
    }
  }
  var found: [pid_t] = []
  var next = [parent]
  while let identifier = next.popLast() {
    found += children[identifier] ?? []
    next += children[identifier] ?? []
  }
  return found
}

func name(of identifier: pid_t) -> String {
  let name = (try? String(contentsOfFile: "/proc/\(identifier)/comm", encoding: .utf8)) ?? ""
  return name.trimmingCharacters(in: .whitespacesAndNewlines)
}

/// Returns the resident set size of a process in kilobytes; see `proc(5)`, VmRSS.
func residentKilobytes(of identifier: pid_t) -> Int {
  let status = (try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
  return Int(line.filter(\.isNumber)) ?? 0
}
