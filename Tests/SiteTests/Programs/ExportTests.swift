import Foundation
import JSON
import TestSupport
import Testing

/// Reads what was exported with another program's library.
private func python(_ script: String, _ path: String) throws -> String {
  let result = try run("/usr/bin/python3", ["-c", script, path])
  try #require(result.status == 0, "\(result.errors)")
  return String(decoding: result.output, as: UTF8.self)
}

@Suite(.blocking) struct `An export` {
  private let site: Contestant
  private let photo = png()

  init() throws {
    site = try Contestant(.direct)
    for (caption, name) in [("=1+1", "Ann \"\u{301},=A\" Other"), ("ünï,\ncode", "Bob")] {
      let form = Form(
        fields: [("category", "best"), ("caption", caption), ("name", name), ("phone", "555")],
        photo: caption == "=1+1" ? photo : nil)
      #expect(try site.submit(form).status == 200)
    }
  }

  private func export(_ words: String...) throws -> (status: Int32, output: [UInt8], errors: String)
  {
    try run(
      Checkout.top + "/.build/release/contestctl",
      ["export", "--data-dir", site.dataDirectory] + words)
  }

  @Test func `as a table holds every text as it is, and no formula`() throws {
    let home = try TemporaryDirectory()
    try write(try export("--csv").output, to: home.file("table.csv"))
    let rows = try python(
      """
      import csv, json, sys
      rows = csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline=""))
      print(json.dumps([[r["caption"], r["name"], r["category"], r["status"], r["phone"]] for r in rows]))
      """, home.file("table.csv"))
    #expect(
      rows
        == #"[["\u00fcn\u00ef,\ncode", "Bob", "Best", "shown", "\t555"], "#
        + #"["'=1+1", "Ann \"\u0301,=A\" Other", "Best", "shown", "\t555"]]"# + "\n")
  }

  // Where numbers have a comma, spreadsheets divide at semicolons: a part of a caption was a formula.
  @Test(arguments: [
    ("x;=1+1;y", "x;'=1+1;y"), ("a\t@b", "a\t'@b"), ("a\n-b", "a\n'-b"), ("; \"=x", "; \"'=x"),
    ("a;b", "a;b"),
    ("+49 170 1234567", "\t+49 170 1234567"), ("0170/123-45", "\t0170/123-45"),
    ("01701234567", "\t01701234567"), ("+491701234567", "\t+491701234567"), ("007", "\t007"),
    ("1/2", "\t1/2"), ("3e5", "\t3e5"), ("12.10.2026", "\t12.10.2026"), ("€ 5", "\t€ 5"),
    ("e5", "e5"), ("Koi 2", "Koi 2"),
    ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"),
    ("(+49) 170 123", "\t(+49) 170 123"),
  ])
  func `makes no formula of a part of a text, and no number of what is typed`(
    _ text: String, _ cell: String
  ) throws {
    let site = try Contestant(.direct)
    let form = Form(fields: [("category", "best"), ("caption", text), ("phone", text)])
    #expect(try site.submit(form).status == 200)
    let home = try TemporaryDirectory()
    let export = try run(
      Checkout.top + "/.build/release/contestctl",
      ["export", "--csv", "--data-dir", site.dataDirectory])
    try write(export.output, to: home.file("table.csv"))
    let rows = try python(
      """
      import csv, json, sys
      rows = csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline=""))
      print(json.dumps([[r["caption"], r["phone"]] for r in rows]))
      """, home.file("table.csv"))
    let expected = JSONValue.array([.array([.string(cell), .string(cell)])])
    #expect(try JSONValue(parsing: Array(rows.utf8)) == expected)
  }

  @Test(arguments: [(";", ";", true), (",", ",", false), ("tab", "\t", false)])
  func `is a table for spreadsheets of any language over HTTP`(
    _ word: String, _ separator: String, _ hasMark: Bool
  ) throws {
    let cookie = try site.logIn()
    let target = "/api/export?format=csv&separator=\(word)" + (hasMark ? "&bom=1" : "")
    #expect(try site.send("GET", target).status == 401)
    let answer = try site.send("GET", target, fields: [cookie])
    #expect(answer.fields["content-type"] == "text/csv; charset=utf-8")
    let lines = answer.text.split(separator: "\r\n")
    #expect(lines[0].hasPrefix("\u{FEFF}") == hasMark)
    #expect(lines[0].contains("\"caption\"\(separator)\"name\""))
    #expect(answer.text.contains("\"'=1+1\"\(separator)"))
    #expect(
      try site.send("GET", "/api/export?format=csv&separator=x", fields: [cookie]).status == 400)
    #expect(try site.send("GET", "/api/export", fields: [cookie]).status == 400)
  }

  @Test(arguments: Transport.allCases)
  func `is sent as ZIP while it is made, by every transport`(_ transport: Transport) throws {
    let site = try Contestant(transport)
    for caption in ["one", "two"] {
      let form = Form(fields: [("category", "best"), ("caption", caption)], photo: photo)
      #expect(try site.submit(form).status == 200)
    }
    let cookie = try site.logIn()
    let answer = try site.send("GET", "/api/export?format=zip", fields: [cookie])
    #expect(answer.status == 200 && answer.fields["content-length"] == nil)
    #expect(
      try site.send("HEAD", "/api/export?format=zip", fields: [cookie]).body.isEmpty)
    let home = try TemporaryDirectory()
    try write(answer.body, to: home.file("a.zip"))
    #expect(answer.fields["content-disposition"] == "attachment; filename=\"tattoo-contest.zip\"")
    _ = try site.send(
      "POST", "/api/event", fields: [cookie, ("Content-Type", "application/json")],
      body: Array(#"{"name":"Ink: Tage €"}"#.utf8))
    let named = try site.send("HEAD", "/api/export?format=csv", fields: [cookie])
    #expect(
      named.fields["content-disposition"]?.hasSuffix("''Ink%3a%20Tage%20%e2%82%ac.csv") == true)
    let names = try python(
      """
      import sys, zipfile
      with zipfile.ZipFile(sys.argv[1]) as archive:
        assert archive.testzip() is None
        print(*sorted(name.split("/")[0] for name in archive.namelist()))
      """, home.file("a.zip"))
    #expect(names == "entries.csv entries.json photos photos\n")
  }

  @Test func `as JSON can be read as a data file`() throws {
    let members = try JSONValue(parsing: try export("--json").output).object ?? JSONObject()
    #expect(members.members.map(\.name) == ["categories", "submissions", "winners"])
    #expect(members["submissions"]?.object?["best"]?.array?.count == 2)
  }

  @Test func `as ZIP holds both and the photos, in a file that nobody else may read`() throws {
    let home = try TemporaryDirectory()
    let path = home.file("all.zip")
    #expect(try export("--zip", "--output", path).status == 0)
    let listing = try python(
      """
      import datetime, os, sys, time, zipfile
      os.environ["TZ"] = "UTC"; time.tzset()
      with zipfile.ZipFile(sys.argv[1]) as archive:
          assert archive.testzip() is None
          print([name.split("/")[:2] for name in archive.namelist()])
          info = archive.infolist()[-1]
          print(len(archive.read(info)), abs(datetime.datetime(*info.date_time).timestamp() - time.time()) < 120, oct(os.stat(sys.argv[1]).st_mode & 0o777))
      """, path)
    #expect(
      listing
        == "[['entries.csv'], ['entries.json'], ['photos', 'best']]\n\(photo.count) True 0o600\n")
    let again = try export("--zip", "--output", path)
    #expect(again.status != 0 && again.errors.contains("File exists"))
  }

  @Test func `says which photo is missing, and exports the rest`() throws {
    let uploads = site.dataDirectory + "/uploads/"
    let name = try #require(try names(in: uploads).first)
    try FileManager.default.removeItem(atPath: uploads + name)
    let home = try TemporaryDirectory()
    let result = try export("--zip", "--output", home.file("all.zip"))
    #expect(result.errors == "uploads/\(name) is missing, and not in the ZIP\n")
    #expect(
      try python(
        "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('missing.txt').decode(), end='')",
        home.file("all.zip")) == "\(name)\n")
  }

  @Test func `needs to be told what it is to be`() throws {
    #expect(try export().status != 0)
    #expect(try export("--csv", "--zip").status != 0)
  }
}
