import ContestAPI
import DirectorySite
import Foundation
import JSON
import Logging
import Photos
import TestSupport
import Testing

/// A server that checks signatures as Cloudinary documents them, and fails when it is told to.
private final class CloudinaryServer {
  let home: TemporaryDirectory
  let port: Int
  private let process: Program
  /// Kept open: a server that writes to nobody ends.
  private let pipe = Pipe()

  init(algorithm: String = "sha1") throws {
    home = try TemporaryDirectory()
    try write(algorithm, to: home.file("algorithm"))
    try write("ok", to: home.file("mode"))
    process = Program(
      "/usr/bin/python3", [Checkout.top + "/Tests/Clients/cloudinary.py", home.path])
    process.connect(1, to: pipe.fileHandleForWriting)
    try process.start()
    let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  deinit {
    process.send(SIGKILL)
    process.wait()
  }

  func setMode(_ mode: String) throws { try write(mode, to: home.file("mode")) }

  var settings: [String: String] {
    [
      "CLOUDINARY_URL": "cloudinary://12345:very-Secret_1@demo",
      "CLOUDINARY_UPLOAD_PREFIX": "http://127.0.0.1:\(port)",
      "CLOUDINARY_DELIVERY_PREFIX": "http://127.0.0.1:\(port)",
    ]
  }

  var calls: [String] {
    ((try? String(contentsOfFile: home.file("calls"), encoding: .utf8)) ?? "")
      .split(separator: "\n").map(String.init)
  }
  var pictures: [String] { (try? names(in: home.file("pictures"))) ?? [] }
}

private func entry(_ answer: Answer) throws -> JSONObject {
  try #require(answer.json["entry"]?.object, "\(answer.text)")
}

private func uploads(_ site: Contestant) throws -> [String] {
  try names(in: site.dataDirectory + "/uploads")
}

@Suite(.blocking) struct `Photos at Cloudinary` {
  @Test(arguments: ["sha1", "sha256"])
  func `are sent there signed, and removed there`(_ algorithm: String) throws {
    let cloud = try CloudinaryServer(algorithm: algorithm)
    let settings = cloud.settings.merging(["CLOUDINARY_SIGNATURE_ALGORITHM": algorithm]) { $1 }
    let site = try Contestant(.cgi, settings)
    let answer = try site.submit(Form(photo: png()))
    #expect(answer.json["storageMethod"] == "cloudinary")
    let made = try entry(answer)
    let url = made["imageUrl"]?.string ?? ""
    #expect(url.hasPrefix("http://127.0.0.1:\(cloud.port)/demo/image/upload/v1/tattoo-contest/"))
    #expect(cloud.pictures.count == 1 && url.hasSuffix(cloud.pictures.first ?? "-"))
    #expect(try uploads(site).isEmpty)
    #expect(try site.send("GET", "/api/feed").text.contains(url))
    #expect(!cloud.calls.joined().contains("Secret"))
    let removed = try site.send(
      "DELETE", "/api/submissions/\(made["id"]?.string ?? "")", fields: [try site.logIn()])
    #expect(removed.status == 200 && cloud.pictures.isEmpty)
  }

  @Test func `are erased there, as soon as it answers again`() throws {
    let cloud = try CloudinaryServer()
    let site = try Contestant(.direct, cloud.settings)
    let cookie = try site.logIn()
    let form = Form(
      fields: [("category", "best"), ("name", "Zoe"), ("phone", "0170 1234567")], photo: png())
    let made = try entry(try site.submit(form))
    #expect(made["storageMethod"] == "cloudinary" && cloud.pictures.count == 1)
    let planned = try site.expect(
      cookie, "POST", "/api/erasures", #"{"phone":"0170 1234567","scope":"entry"}"#)
    let token = try #require(planned.json["token"]?.string)
    try cloud.setMode("400")
    let failed = try site.ask(cookie, "POST", "/api/erasures/\(token)")
    #expect(failed.status == 503 && failed.json["code"] == "photos_unreachable")
    // The words are gone meanwhile.
    #expect(!(try site.send("GET", "/api/submissions", fields: [cookie]).text.contains("Zoe")))
    let listed = try site.expect(cookie, "GET", "/api/erasures").json["erasures"]?.array
    #expect(listed?.first?.object?["isDone"] == false && cloud.pictures.count == 1)
    try cloud.setMode("ok")
    let done = try site.expect(cookie, "POST", "/api/erasures/\(token)")
    #expect(done.json["certificate"]?.object?["toLookAt"] == [] && cloud.pictures.isEmpty)
  }

  @Test func `are fetched into the archive of an event, or it is not made`() throws {
    let cloud = try CloudinaryServer()
    let site = try Contestant(.direct, cloud.settings)
    let cookie = try site.logIn()
    try site.expect(cookie, "POST", "/api/event", #"{"name":"Ink Days"}"#)
    let id = try site.eventID()
    _ = try site.submit(Form(photo: png()))
    try site.expect(cookie, "POST", "/api/event/finalize")
    try cloud.setMode("blind")
    let failed = try site.ask(cookie, "POST", "/api/event/archive", #"{"confirm":"\#(id)"}"#)
    #expect(failed.status == 503 && failed.json["code"] == "photos_unreachable")
    #expect(try site.eventID() == id)
    try cloud.setMode("ok")
    _ = try site.archive(cookie, id)
    #expect(try names(in: site.dataDirectory + "/archive/\(id)/uploads").count == 1)
    #expect(cloud.pictures.isEmpty)
  }

  @Test(
    .timeLimit(.minutes(20)),
    arguments: [
      ("500", 3, "status 500, as you wish"), ("503", 3, "status 503"), ("429", 3, "status 429"),
      ("400", 1, "status 400, as you wish"), ("401", 1, "status 401"),
      ("hang", 1, "Operation timed out"), ("cut", 3, "curl"), ("garbage", 3, "status 200"),
    ])
  func `that cannot be sent are served from here`(
    _ mode: String, _ attempts: Int, _ reason: String
  ) throws {
    let cloud = try CloudinaryServer()
    try cloud.setMode(mode)
    let site = try Contestant(.cgi, cloud.settings)
    let start = Date()
    let (answer, errors) = try site.submitReadingErrors(Form(photo: png()))
    #expect(Date().timeIntervalSince(start) < 15)
    let made = try entry(answer)
    #expect(answer.status == 200 && made["storageMethod"] == "local-fallback")
    #expect(made["imageUrl"]?.string?.hasPrefix("/uploads/") == true)
    #expect(try uploads(site).count == 1)
    #expect(cloud.calls.count == attempts)
    #expect(errors.contains(reason) && !errors.contains("very-Secret"), "\(errors)")
  }

  @Test(.timeLimit(.minutes(20)))
  func `wait in the outbox until they can be moved, and everybody is told`() throws {
    let cloud = try CloudinaryServer()
    try cloud.setMode("400")
    let site = try RunningSite(cloud.settings)
    let made = try entry(try site.submit(Form(photo: png())))
    #expect(made["storageMethod"] == "local-fallback")
    try cloud.setMode("ok")
    let text = try events(
      site.port, "/api/events?after=0", seconds: 60, until: "event: photoMoved")
    #expect(text.contains("\"imageUrl\":\"http://127.0.0.1:\(cloud.port)/demo/"))
    let feed = try site.send("GET", "/api/feed").text
    #expect(feed.contains("http://127.0.0.1:\(cloud.port)/demo/"))
    let fields = try site.logIn()
    let all = try site.send("GET", "/api/submissions", fields: fields).text
    #expect(all.contains("\"storageMethod\":\"cloudinary\""))
    #expect(cloud.pictures.count == 1)
    let log = try String(
      contentsOfFile: site.dataDirectory + "/.wal/completed-000000000001.jsonl", encoding: .utf8)
    #expect(log.contains("\"operation\":\"photo-moved-\(made["id"]?.string ?? "")\""))
    // The page may show it.
    let policy = try site.send("GET", "/").fields["content-security-policy"] ?? ""
    #expect(policy.contains("img-src 'self' blob: http://127.0.0.1:\(cloud.port);"))
    try eventually("its file is gone") {
      try names(in: site.dataDirectory + "/uploads").isEmpty
    }
  }

  @Test func `are listed, retried and moved by the operator`() throws {
    let cloud = try CloudinaryServer()
    let plain = try Contestant(.direct)
    for caption in ["a", "b"] {
      _ = try plain.submit(
        Form(fields: [("category", "best"), ("caption", caption)], photo: png()))
    }
    func control(_ arguments: String...) throws -> (status: Int32, output: String) {
      let result = try run(
        Checkout.top + "/.build/release/contestctl",
        ["photos", "--data-dir", plain.dataDirectory] + arguments, environment: cloud.settings)
      return (result.status, String(decoding: result.output, as: UTF8.self) + result.errors)
    }
    #expect(try control().output == "cloudinary 0\nlocal-primary 2\nlocal-fallback 0\nnone 0\n")
    #expect(try control("--retry").output == "0 of 0 photos done.\n")
    try cloud.setMode("400")
    let failed = try control("--move", "cloudinary")
    #expect(failed.status == 1 && failed.output.hasSuffix("0 of 2 photos done.\n"))
    try cloud.setMode("ok")
    #expect(try control("--move", "cloudinary").output.hasSuffix("2 of 2 photos done.\n"))
    #expect(cloud.pictures.count == 2)
    #expect(try control().output == "cloudinary 2\nlocal-primary 0\nlocal-fallback 0\nnone 0\n")
    // One is rejected: it comes home, and is hidden.
    let list = try plain.send("GET", "/api/feed").json["feed"]?.object?["best"]?.array
    let id = list?.first?.object?["id"]?.string ?? ""
    let decision = try plain.send(
      "POST", "/api/moderation", fields: [try plain.logIn()],
      body: Array(#"{"reject":["\#(id)"]}"#.utf8))
    #expect(decision.status == 200)
    #expect(try control("--retry").output == "0 of 0 photos done.\n")
    #expect(cloud.pictures.count == 1)
    #expect(try uploads(plain).contains { $0.hasSuffix(".rejected") })
    #expect(try control("--move", "local").output.hasSuffix("1 of 1 photos done.\n"))
    #expect(cloud.pictures.isEmpty)
    #expect(try plain.send("GET", "/api/feed").text.contains("\"imageUrl\":\"/uploads/"))
  }

  @Test func `stay there though two processes move the same one`() throws {
    let cloud = try CloudinaryServer()
    try cloud.setMode("400")
    let home = try TemporaryDirectory()
    let settings = cloud.settings.merging(["DATA_DIR": home.file("data")]) { $1 }
    let sites = try (0..<2).map { _ in
      try DirectorySite(
        try Settings(values: settings),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ).site
    }
    let plain = try Contestant(.cgi, settings)
    #expect(try entry(try plain.submit(Form(photo: png())))["storageMethod"] == "local-fallback")
    try cloud.setMode("ok")
    let waiting = try #require(try sites[0].outbox.waiting().first)
    let cloudinary = try #require(sites[0].cloudinary)
    #expect(try sites[0].outbox.moveToCloudinary(waiting, cloudinary))
    // The other has read its list before.
    #expect(try !sites[1].outbox.moveToCloudinary(waiting, cloudinary))
    #expect(cloud.pictures.count == 1)
    #expect(try sites[1].outbox.waiting().isEmpty)
  }

  @Test(.timeLimit(.minutes(20)))
  func `come home when their entry is rejected, and nobody can see them`() throws {
    let cloud = try CloudinaryServer()
    let site = try RunningSite(cloud.settings)
    let made = try entry(try site.submit(Form(photo: png())))
    #expect(made["storageMethod"] == "cloudinary" && cloud.pictures.count == 1)
    let fields = try site.logIn()
    let id = made["id"]?.string ?? ""
    func decide(_ decision: String) throws {
      let answer = try site.send(
        "POST", "/api/moderation", fields: fields, body: Array(#"{"\#(decision)":["\#(id)"]}"#.utf8)
      )
      #expect(answer.status == 200, "\(answer.text)")
    }
    try decide("reject")
    try eventually("it is hidden here") {
      try names(in: site.dataDirectory + "/uploads").first?.hasSuffix(".rejected") ?? false
    }
    try eventually("it is gone there") { cloud.pictures.isEmpty }
    try decide("approve")
    let feed = try site.send("GET", "/api/feed").json["feed"]?.object?["best"]?.array
    let url = feed?.first?.object?["imageUrl"]?.string ?? ""
    #expect(try site.send("GET", url).status == 200)
  }
}
