import CGI
import ContestAPI
import DirectorySite
import Files
import Foundation
import JSON
import Logging
import TestSupport
import Testing

/// What organizers do at the end of an event.
extension Contestant {
  /// Sends JSON as an organizer.
  func ask(
    _ cookie: (String, String), _ method: String, _ path: String, _ json: String = "{}"
  ) throws -> Answer {
    try send(
      method, path, fields: [("Content-Type", "application/json"), cookie],
      body: method == "GET" ? [] : Array(json.utf8))
  }

  /// Sends JSON as an organizer, and expects that it is done.
  @discardableResult
  func expect(
    _ cookie: (String, String), _ method: String, _ path: String, _ json: String = "{}",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Answer {
    let answer = try ask(cookie, method, path, json)
    #expect(answer.status == 200, "\(path): \(answer.text)", sourceLocation: sourceLocation)
    return answer
  }

  /// Archives the event, as often as the site wants to be asked; returns its last answer.
  func archive(
    _ cookie: (String, String), _ id: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> JSONObject {
    while true {
      let answer = try ask(cookie, "POST", "/api/event/archive", #"{"confirm":"\#(id)"}"#)
      if answer.status == 202 { continue }
      #expect(answer.status == 200, "\(answer.text)", sourceLocation: sourceLocation)
      return answer.json
    }
  }

  func eventID() throws -> String {
    try #require(try send("GET", "/api/site").json["event"]?.object?["id"]?.string)
  }

  /// The members of the data file, but for what the store writes about itself.
  func members() throws -> JSONObject { try members(of: dataDirectory) }

  /// The same of another directory.
  func members(of directory: String) throws -> JSONObject {
    var members = try #require(
      try JSONValue(parsing: try contents(of: directory + "/data.json")).object)
    members["meta"] = nil
    return members
  }

  /// Returns the same site with a copy of its data directory.
  func copied(to directory: String) throws -> Contestant {
    try FileManager.default.copyItem(atPath: dataDirectory, toPath: directory)
    return try Contestant(.direct, ["DATA_DIR": directory])
  }

  /// Has an event archived by a process whose system calls are intercepted; whatever comes of it.
  static func archive(
    in directory: String, _ system: SystemCalls, _ cookie: (String, String), _ id: String
  ) throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let settings = try Settings(values: [
      "DATA_DIR": directory, "ADMIN_PASSWORD": RunningSite.password,
    ])
    guard
      let opened = try? DirectorySite(settings, logger: logger, answersOnce: true, system: system)
    else { return }
    let body = Array(#"{"confirm":"\#(id)"}"#.utf8)
    let variables = [
      "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/api/event/archive",
      "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1",
      "CONTENT_LENGTH": String(body.count), "HTTP_COOKIE": cookie.1,
    ]
    let request = try Request(metaVariables: MetaVariables(variables), body: body)
    _ = opened.site.respond(to: request)
  }
}
