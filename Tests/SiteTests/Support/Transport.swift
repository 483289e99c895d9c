import CGI
import ContestAPI
import DirectorySite
import Foundation
import HTTPTypes
import Logging
import TestSupport

/// The ways in which a request reaches the same endpoints.
enum Transport: CaseIterable {
  /// A call in this process.
  case direct
  /// nginx and several responder processes.
  case fastCGI
  /// A process for each request.
  case cgi
}

/// A contest of its own, reached by one transport.
final class Contestant {
  private enum Way {
    case direct(Site)
    case fastCGI(RunningSite)
    case cgi(environment: [String: String])
  }

  private let way: Way
  /// The address that requests come from, except by FastCGI.
  private var address = "127.0.0.1"
  private let home: TemporaryDirectory
  let dataDirectory: String

  init(_ transport: Transport, _ settings: [String: String] = [:]) throws {
    home = try TemporaryDirectory()
    var values = ["DATA_DIR": home.file("data"), "ADMIN_PASSWORD": RunningSite.password]
    values.merge(settings) { $1 }
    dataDirectory = values["DATA_DIR"] ?? ""
    switch transport {
    case .direct:
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      way = .direct(try DirectorySite(try Settings(values: values), logger: logger).site)
    case .fastCGI:
      way = .fastCGI(try RunningSite(settings, dataDirectory: home.file("data")))
    case .cgi: way = .cgi(environment: values)
    }
  }

  /// The site of FastCGI, for its port and its processes.
  var running: RunningSite? {
    guard case .fastCGI(let site) = way else { return nil }
    return site
  }

  func send(
    _ method: String, _ target: String, fields: [(String, String)] = [], body: [UInt8] = []
  ) throws -> Answer {
    switch way {
    case .fastCGI(let site): return try site.send(method, target, fields: fields, body: body)
    case .direct(let site):
      let variables = MetaVariables(variables(method, target, fields, body.count))
      let request = try Request(metaVariables: variables, body: body)
      return try parse(site.respond(to: request).serialized(for: request.method))
    case .cgi(let environment):
      let variables = variables(method, target, fields, body.count).merging(environment) { $1 }
      let program = Checkout.top + "/.build/release/tattoo-contest"
      return try parse(try run(program, [], environment: variables, input: body).output)
    }
  }

  /// Submits an entry from another address; not possible by FastCGI.
  func submit(_ form: Form, fields: [(String, String)] = [], from address: String) throws -> Answer
  {
    self.address = address
    defer { self.address = "127.0.0.1" }
    return try submit(form, fields: fields)
  }

  func submit(_ form: Form, fields: [(String, String)] = []) throws -> Answer {
    try send(
      "POST", "/api/submit", fields: [("Content-Type", Form.contentType)] + fields, body: form.body)
  }

  /// Logs in and returns the header field of the session.
  func logIn() throws -> (String, String) {
    let answer = try send(
      "POST", "/api/login", body: Array("{\"password\":\"\(RunningSite.password)\"}".utf8))
    let cookie = answer.fields["set-cookie"]?.split(separator: ";").first.map(String.init) ?? ""
    return ("Cookie", cookie)
  }

  /// Sends a request by plain CGI and returns the answer and the program's standard error.
  func sendReadingErrors(_ method: String, _ target: String) throws -> (Answer, String) {
    let result = try command(method, target)()
    return (try parse(result.output), result.errors)
  }

  /// Submits an entry by plain CGI and returns the answer and the program's standard error.
  func submitReadingErrors(_ form: Form) throws -> (Answer, String) {
    guard case .cgi(let environment) = way else { preconditionFailure("by CGI alone") }
    let fields = [("Content-Type", Form.contentType)]
    let variables = variables("POST", "/api/submit", fields, form.body.count)
    let result = try run(
      Checkout.top + "/.build/release/tattoo-contest", [],
      environment: variables.merging(environment) { $1 }, input: form.body)
    return (try parse(result.output), result.errors)
  }

  /// Tries to log in by plain CGI, overriding some meta-variables, and returns the answer and the
  /// program's standard error.
  func logInReadingErrors(
    _ password: String, variables others: [String: String]
  ) throws -> (Answer, String) {
    guard case .cgi(let environment) = way else { preconditionFailure("by CGI alone") }
    let body = Array("{\"password\":\"\(password)\"}".utf8)
    let variables = variables("POST", "/api/login", [], body.count).merging(others) { $1 }
    let result = try run(
      Checkout.top + "/.build/release/tattoo-contest", [],
      environment: variables.merging(environment) { $1 }, input: body)
    return (try parse(result.output), result.errors)
  }

  /// Returns a function that answers a request by plain CGI; any thread may call it.
  func command(
    _ method: String, _ target: String, body: [UInt8] = []
  ) -> @Sendable () throws -> (status: Int32, output: [UInt8], errors: String) {
    guard case .cgi(let environment) = way else { preconditionFailure("by CGI alone") }
    let variables = variables(method, target, [], body.count).merging(environment) { $1 }
    let program = Checkout.top + "/.build/release/tattoo-contest"
    return { try run(program, [], environment: variables, input: body) }
  }

  private func parse(_ document: [UInt8]) throws -> Answer {
    let line = Array("HTTP/1.1".utf8) + document.dropFirst("Status:".utf8.count)
    guard let answer = Answer(line) else { throw ConnectionFailed() }
    return answer
  }

  private func variables(
    _ method: String, _ target: String, _ fields: [(String, String)], _ length: Int
  ) -> [String: String] {
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var variables = [
      "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method, "SCRIPT_NAME": "",
      "PATH_INFO": String(halves[0]), "QUERY_STRING": halves.count > 1 ? String(halves[1]) : "",
      "REMOTE_ADDR": address, "HTTP_HOST": "127.0.0.1", "CONTENT_LENGTH": String(length),
    ]
    for (name, value) in fields {
      let name = name.uppercased().replacingOccurrences(of: "-", with: "_")
      variables[name == "CONTENT_TYPE" ? name : "HTTP_" + name] = value
    }
    return variables
  }
}
