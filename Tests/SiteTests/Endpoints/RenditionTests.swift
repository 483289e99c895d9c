import Foundation
import JSON
import TestSupport
import Testing
import Threads

/// A folder with a program that stands in for libvips' tool, and a path that leads to it first.
private struct StandIn {
  let home: TemporaryDirectory

  // In the script `real` runs the true one, and `calls` is a file.
  init(_ script: String) throws {
    home = try TemporaryDirectory()
    let text = """
      #!/bin/sh
      calls=\(home.file("calls"))
      real() { exec /usr/bin/vipsthumbnail "$@"; }
      \(script)
      """
    try write(text, to: home.file("vipsthumbnail"))
    chmod(home.file("vipsthumbnail"), 0o755)
  }

  var path: String { "\(home.path):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/opt/swift/usr/bin" }
  /// How often it was asked for a width.
  func calls(width: Int) -> Int {
    let text = (try? String(contentsOfFile: home.file("calls"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").count { $0.contains("--size \(width)x") }
  }
}

private func photo(_ width: Int = 2000, _ height: Int = 1500, _ ending: String = "jpg") throws
  -> [UInt8]
{
  let home = try TemporaryDirectory()
  return try makePicture(home.file("picture." + ending), width: width, height: height)
}

extension Contestant {
  /// Enters a tattoo; gives the photo's name and the entry's identifier.
  fileprivate func enter(_ photo: [UInt8]) throws -> (name: String, id: String) {
    let answer = try submit(Form(photo: photo))
    let entry = answer.json["entry"]?.object
    let url = try #require(entry?["imageUrl"]?.string, "\(answer.text)")
    return (String(url.dropFirst("/uploads/".count)), entry?["id"]?.string ?? "")
  }
}

@Suite(.blocking) struct `A photo in another width` {
  @Test(.timeLimit(.minutes(20)), arguments: Transport.allCases)
  func `is made when it is first asked for, and found from then on`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    let name = try site.enter(try photo()).name
    for (width, size) in [
      (320, [320, 240]), (480, [480, 360]), (800, [800, 600]), (1600, [1600, 1200]),
    ] {
      for _ in 0..<2 {
        let answer = try site.send("GET", "/thumbs/\(width)/\(name)")
        #expect(answer.status == 200 && answer.fields["content-type"] == "image/webp")
        #expect(answer.fields["cache-control"] == "public, max-age=86400")
        #expect(try sizeOfPicture(answer.body) == size)
      }
    }
    for target in [
      "/thumbs/481/\(name)", "/thumbs/480/1731023456789-abc123.jpg", "/thumbs/480/x",
      "/thumbs/480/",
    ] {
      #expect(try site.send("GET", target).status == 404, "\(target)")
    }
    #expect(try site.send("POST", "/thumbs/480/\(name)").status == 405)
  }

  @Test func `is never larger than the photo, and upright`() throws {
    let site = try Contestant(.direct)
    let home = try TemporaryDirectory()
    let small = try site.enter(try photo(200, 100, "png")).name
    #expect(try sizeOfPicture(try site.send("GET", "/thumbs/480/\(small)").body) == [200, 100])
    _ = try makePicture(home.file("a.jpg"), width: 1000, height: 500)
    let turned = try run("/usr/bin/exiftool", ["-q", "-Orientation#=6", home.file("a.jpg")])
    try #require(turned.status == 0, "\(turned.errors)")
    let name = try site.enter(try contents(of: home.file("a.jpg"))).name
    #expect(try sizeOfPicture(try site.send("GET", "/thumbs/320/\(name)").body) == [320, 640])
  }

  @Test(.timeLimit(.minutes(20)))
  func `is made by one, however many ask for it at once`() async throws {
    let tool = try StandIn("echo \"$*\" >> $calls; sleep 1; real \"$@\"")
    let site = try RunningSite(["PATH": tool.path])
    let answer = try site.submit(Form(photo: try photo()))
    let url = answer.json["entry"]?.object?["imageUrl"]?.string ?? ""
    let target = url.replacingOccurrences(of: "/uploads/", with: "/thumbs/480/")
    let port = site.port
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<60 {
        group.addTask { try HTTPClient.send("GET", target, port: port).status }
      }
      // Meanwhile nobody who enters waits for it.
      let start = Date()
      #expect(try site.submit(Form()).status == 200)
      #expect(Date().timeIntervalSince(start) < 0.9)
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 200, count: 60))
    #expect(tool.calls(width: 480) == 1)
  }

  // Of the first requests for pictures of 42 new entries half were answered 503 at once.
  @Test(.timeLimit(.minutes(20)))
  func `is made before it is asked for, and a hall that asks at once is refused none`() throws {
    let site = try RunningSite()
    let picture = try photo()
    var names: [String] = []
    for _ in 0..<60 {
      let answer = try site.submit(Form(photo: picture))
      let url = try #require(answer.json["entry"]?.object?["imageUrl"]?.string, "\(answer.text)")
      names.append(String(url.dropFirst("/uploads/".count)))
    }
    // The first screen of 200 phones, at once, and somebody who enters meanwhile.
    let screen = names.suffix(8)
    let (port, statuses) = (site.port, Recorder())
    let began = ContinuousClock.now
    inThreads(201) { number in
      if number == 200 {
        statuses.append((try? RunningSite.submit(Form(photo: picture), port: port))?.status ?? 0)
        return
      }
      for name in screen {
        let answer = try? HTTPClient.send("GET", "/thumbs/480/\(name)", port: port)
        let isPicture = answer?.fields["content-type"] == "image/webp"
        statuses.append(isPicture ? answer?.status ?? 0 : 0)
      }
    }
    print("the first screen of 200 phones: \(ContinuousClock.now - began)")
    #expect(statuses.all.count == 1601 && Set(statuses.all) == [200])
    // What nobody has asked for is made all the same, the newest first.
    let folder = site.dataDirectory + "/public/thumbs/"
    try eventually("every width of the wall", within: .seconds(120)) {
      [480, 800].allSatisfy { width in
        ((try? TestSupport.names(in: folder + "\(width)")) ?? []).count >= 60
      }
    }
  }

  @Test(.timeLimit(.minutes(20)))
  func `that asks processes that do not know of one another is made once, too`() async throws {
    let tool = try StandIn("echo \"$*\" >> $calls; sleep 1; real \"$@\"")
    let site = try Contestant(.cgi, ["PATH": tool.path])
    let name = try site.enter(try photo()).name
    let command = site.command("GET", "/thumbs/480/\(name)")
    let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
      for _ in 0..<8 { group.addTask { try command().status } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 0, count: 8))
    #expect(tool.calls(width: 480) == 1)
  }

  @Test(
    .timeLimit(.minutes(20)),
    arguments: [
      ("real \"$@\"", "exit status 255"),
      ("head -c 20000000 /dev/zero", "exit status 153"),
      ("kill -SEGV $$", "exit status 139"),
      // More than a tool may have, at once.
      ("dd if=/dev/zero of=/dev/null bs=1100M count=1", "exit status 1"),
    ])
  func `that cannot be made is answered with 404 and a placeholder, and logged`(
    _ script: String, _ reason: String
  ) throws {
    let tool = try StandIn(script)
    let site = try Contestant(.cgi, ["PATH": tool.path])
    // A header, and then nothing.
    let name = try site.enter(png()).name
    let (answer, errors) = try site.sendReadingErrors("GET", "/thumbs/480/\(name)")
    #expect(answer.status == 404 && answer.fields["content-type"] == "image/svg+xml")
    #expect(answer.text.hasPrefix("<svg "))
    #expect(
      errors.contains("no rendition") && errors.contains(name) && errors.contains(reason),
      "\(errors)")
    #expect(
      !FileManager.default.fileExists(atPath: site.dataDirectory + "/public/thumbs/480/\(name)"))
    #expect(try names(in: site.dataDirectory + "/.temp").isEmpty)
  }

  @Test(.timeLimit(.minutes(20)))
  func `that takes too long is no fault of the picture`() throws {
    let tool = try StandIn("sleep 60")
    let site = try Contestant(.cgi, ["PATH": tool.path])
    let name = try site.enter(png()).name
    let answer = try site.send("GET", "/thumbs/480/\(name)")
    #expect(answer.status == 503 && answer.fields["retry-after"] == "30")
    #expect(answer.json["code"] == "busy")
  }

  @Test func `is the photo itself where the tool is not installed`() throws {
    let site = try Contestant(.cgi, ["PATH": "/nowhere"])
    let name = try site.enter(png()).name
    let answer = try site.send("GET", "/thumbs/480/\(name)")
    #expect(answer.status == 307 && answer.fields["location"] == "/uploads/\(name)")
    #expect(answer.fields["cache-control"] == "no-cache")
  }

  @Test func `goes with the photo`() throws {
    let site = try RunningSite()
    let entry = try site.submit(Form(photo: try photo())).json["entry"]?.object
    let url = entry?["imageUrl"]?.string ?? ""
    let target = url.replacingOccurrences(of: "/uploads/", with: "/thumbs/480/")
    #expect(try site.send("GET", target).status == 200)
    let cookie = try site.logIn()
    #expect(
      try site.send("DELETE", "/api/submissions/\(entry?["id"]?.string ?? "")", fields: cookie)
        .status == 200)
    #expect(try site.send("GET", url).status == 404)
    try eventually("the rendition is gone") {
      try site.send("GET", target).status == 404
    }
  }
}

@Suite(.blocking) struct `A photo of a kind that browsers do not show` {
  @Test(arguments: [("heic", "compression=hevc"), ("avif", "compression=av1")])
  func `is turned into JPEG`(_ ending: String, _ options: String) throws {
    let home = try TemporaryDirectory()
    let bytes = try makePicture(home.file("a." + ending), width: 640, height: 480, options: options)
    let site = try Contestant(.fastCGI)
    let name = try site.enter(bytes).name
    #expect(name.hasSuffix(".jpg"))
    let stored = try contents(of: site.dataDirectory + "/uploads/" + name)
    #expect(stored.starts(with: [0xFF, 0xD8, 0xFF]))
    #expect(try sizeOfPicture(stored) == [640, 480])
  }

  @Test func `is refused with advice where that cannot be done`() throws {
    let home = try TemporaryDirectory()
    let bytes = try makePicture(home.file("a.heic"), width: 64, height: 48)
    for (path, photo) in [("/nowhere", bytes), ("/usr/bin:/bin", Array(bytes.prefix(100)))] {
      let site = try Contestant(.cgi, ["PATH": path])
      let answer = try site.submit(Form(photo: photo))
      #expect(answer.status == 415)
      #expect(
        answer.json["error"]?.string
          == "This site cannot read HEIC photos. On an iPhone choose Settings, Camera, Formats, "
          + "Most Compatible and take it again, or send a screenshot of it.")
      #expect(try names(in: site.dataDirectory + "/uploads").isEmpty)
      #expect(try names(in: site.dataDirectory + "/.temp").isEmpty)
    }
  }
}
